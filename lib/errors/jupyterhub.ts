import { type Finding, quote } from './problem';

export const hubNobodyMayLogIn = (rules: readonly string[]): Finding => ({
  code: 'HUB_NOBODY_MAY_LOG_IN',
  given: 'a login that admits nobody: JupyterHub 5 and later refuse everyone whom no rule names',
  allowed: `at least one of ${rules.join(', ')}`,
  fix: `write ${rules.includes('allowedGroups') ? "allowedGroups: ['…'], or allowAll: true if everyone with an account is welcome" : 'allowAll: true'}`,
});

export const hubDummyLogin = (site: string): Finding => ({
  code: 'HUB_DUMMY_LOGIN',
  given: `a login that asks no password, on site ${quote(site)}`,
  allowed: 'dummy() on a site that is marked `test: true`, where nobody works',
  fix: 'write login: oidc({ … })',
});

export const hubNoChoice = (what: 'environments' | 'sizes'): Finding => ({
  code: 'HUB_NO_CHOICE',
  given: `no ${what}`,
  allowed: `at least one: users choose an environment and a size`,
  fix: what === 'sizes' ? "write sizes: [size('small', { cpu: 1, memory: '2GiB' })]" : "write environments: [environment('python')]",
});

export const hubChoiceTwice = (what: 'environments' | 'sizes', name: string): Finding => ({
  code: 'HUB_CHOICE_TWICE',
  given: `two ${what} named ${quote(name)}`,
  allowed: 'one a name: the name is what the hub remembers of a user’s choice',
  fix: 'rename one of them; the title may stay',
});

export const hubCpuLimit = (kept: number, limit: number): Finding => ({
  code: 'HUB_CPU_LIMIT',
  given: `${kept} cores kept, at most ${limit} used`,
  allowed: 'a limit that is not below what is kept: Kubernetes refuses the pod otherwise',
  fix: 'leave cpuLimit out, or raise it',
});

export const hubCount = (given: unknown): Finding => ({
  code: 'HUB_COUNT',
  given: quote(given),
  allowed: 'a whole number above 0',
  fix: 'write the number, or leave it out',
});

export const hubVariable = (given: string): Finding => ({
  code: 'HUB_VARIABLE',
  given: `the environment variable ${quote(given)}`,
  allowed: 'letters, digits and _, no digit first, and none that begins with JUPYTERHUB_: the hub sets those itself',
  fix: 'choose another name',
});
