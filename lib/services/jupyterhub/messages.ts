import { type Finding, quote } from '../../errors';

export const hubNobodyMayLogIn = (rules: readonly string[]): Finding => ({
  code: 'MISSING_HUB_ALLOWED_USERS',
  given: 'a login that admits nobody: JupyterHub 5 and later refuse everyone whom no rule names',
  allowed: `at least one of ${rules.join(', ')}`,
  fix: `write ${rules.includes('allowedGroups') ? "allowedGroups: ['…'], or allowAll: true if everyone with an account is welcome" : 'allowAll: true'}`,
});

export const hubDummyLogin = (site: string): Finding => ({
  code: 'INSECURE_HUB_DUMMY_LOGIN',
  given: `a login that asks no password, on site ${quote(site)}`,
  allowed: 'dummy() on a site that is marked `test: true`, where nobody works',
  fix: 'write login: oidc({ … })',
});

type Choices = 'environments' | 'sizes' | 'options' | 'choices';

const EXAMPLES = {
  environments: "environments: [environment('python')]",
  sizes: "sizes: [size('small', { cpu: 1, memory: '2GiB' })]",
  options: "options: [option('card', { choices: [choice('none')] })]",
  choices: "choices: [choice('none'), choice('one')]",
} as const satisfies Record<Choices, string>;

export const hubNoChoice = (what: Choices): Finding => ({
  code: 'MISSING_HUB_CHOICE',
  given: `no ${what}`,
  allowed: 'at least one: users choose an environment, a size, and an answer to each option',
  fix: `write ${EXAMPLES[what]}`,
});

export const hubChoiceTwice = (what: Choices, name: string): Finding => ({
  code: 'DUPLICATE_HUB_CHOICE',
  given: `two ${what} named ${quote(name)}`,
  allowed: 'one a name: the name is what the hub remembers of a user’s choice',
  fix: 'rename one of them; the title may stay',
});

export const hubCpuLimit = (kept: number, limit: number): Finding => ({
  code: 'INVALID_HUB_CPU_LIMIT',
  given: `${kept} cores kept, at most ${limit} used`,
  allowed: 'a limit that is not below what is kept: Kubernetes refuses the pod otherwise',
  fix: 'leave cpuLimit out, or raise it',
});

export const hubCount = (given: unknown): Finding => ({
  code: 'INVALID_HUB_COUNT',
  given: quote(given),
  allowed: 'a whole number above 0',
  fix: 'write the number, or leave it out',
});

export const hubVariable = (given: string): Finding => ({
  code: 'INVALID_HUB_VARIABLE',
  given: `the environment variable ${quote(given)}`,
  allowed: 'letters, digits and _, no digit first, and none that begins with JUPYTERHUB_: the hub sets those itself',
  fix: 'choose another name',
});

export const hubOptionName = (given: string): Finding => ({
  code: 'RESERVED_HUB_OPTION_NAME',
  given: `an option named ${quote(given)}`,
  allowed: 'any name but `profile` and `size`, under which the hub keeps environment and size',
  fix: 'rename it; the title may stay',
});

export const hubCullLater = (own: number, general: number): Finding => ({
  code: 'EXCEEDS_HUB_CULL',
  given: `servers to be stopped after ${own} s of silence, where all are stopped after ${general} s`,
  allowed: 'less than `cull.after` of the hub, which counts for every server',
  fix: 'raise `cull.after` of the hub, and give the other choices a shorter time',
});

export const hubCullSoon = (after: number, interval: number, least: number): Finding => ({
  code: 'INVALID_HUB_CULL',
  given: `servers to be stopped after ${after} s of silence, where the hub asks every ${interval} s who is active`,
  allowed: `at least ${least} s: servers in use would be stopped as soon as one answer is late`,
  fix: `write after: '${least}s' or more; hours are usual`,
});

export const hubMountPath = (at: string, subPath: string | undefined): Finding => ({
  code: 'INVALID_HUB_MOUNT_PATH',
  given: `folder ${quote(at)}${subPath === undefined ? '' : `, part ${quote(subPath)} of the volume`}`,
  allowed: 'a folder from / on without colon or braces; a part without / at its beginning, without .., and no braces but {username}',
  fix: "write e.g. at: '/data', subPath: 'home/{username}'",
});

export const hubIdentity = (endpoint: string, given: string, own: string): Finding => ({
  code: 'CONFLICTING_HUB_IDENTITY',
  given: `endpoint ${quote(endpoint)}, which recognizes the users of hub ${given}`,
  allowed: `endpoints that recognize the users of this hub, ${own}: the other refuses everyone who comes from here`,
  fix: `write hub: ${own} where ${quote(endpoint)} is described`,
});

export const hubMountTwice = (at: string, volume: string, other: string): Finding => ({
  code: 'DUPLICATE_HUB_MOUNT',
  given: `folder ${quote(at)} for volume ${quote(volume)} and for ${other}`,
  allowed: 'one volume a folder, whatever is chosen: Kubernetes refuses a pod that mounts two of them in one place',
  fix: 'mount one of them elsewhere, e.g. in a folder below; or give both one name, and the later choice takes the place of the first',
});

export const hubVolumeTwice = (name: string): Finding => ({
  code: 'DUPLICATE_HUB_VOLUME',
  given: `two volumes named ${quote(name)}`,
  allowed: 'one volume a name in each choice: the last one would take the place of the others',
  fix: 'rename one of them',
});

export const hubStorageNotShared = (storageClass: string): Finding => ({
  code: 'UNSUPPORTED_HUB_STORAGE',
  given: `storage class ${quote(storageClass)} for a volume that servers on several nodes mount`,
  allowed: 'a class whose volumes several nodes may write at a time',
  fix: `write storageClass(${quote(storageClass)}, { shared: true }) if it is one (NFS, CephFS, …), or name another`,
});

export const hubOpenSignup = (site: string): Finding => ({
  code: 'INSECURE_HUB_SIGNUP',
  given: `accounts that need nobody's approval, for everyone, on site ${quote(site)}`,
  allowed: 'open signup with allowedUsers, or on a site that is marked `test: true`: else whoever finds the page computes here',
  fix: 'leave openSignup out; an administrator then admits each new account at /hub/authorize',
});

export const hubAcceleratorTwice = (first: string, second: string): Finding => ({
  code: 'DUPLICATE_HUB_ACCELERATOR',
  given: `a server that may get ${first} and ${second}`,
  allowed: 'one accelerator a server, whatever is chosen',
  fix: "give environments, or options of an environment, sizes and options of their own that go together; or take the first away with accelerator: 'none'",
});

export const hubReach = (given: string): Finding => ({
  code: 'INSECURE_HUB_REACH',
  given,
  allowed: "neither the cloud's metadata service (169.254.169.254) nor the API server: whoever reaches them has more rights than a user",
  fix: 'name the addresses of the server that notebooks need, and no wider range',
});

export const hubShareEmpty = (): Finding => ({
  code: 'MISSING_HUB_SHARE_LIMIT',
  given: 'a share that limits nothing',
  allowed: '`servers`; `accelerators` too, where a choice of the environment has one',
  fix: 'say how much the environment may have, or leave the share out',
});

export const hubSharesExceed = (claims: string, asked: number, resource: string, there: number): Finding => ({
  code: 'EXCEEDS_HUB_SHARES',
  given: `${claims} = ${asked}`,
  allowed: `${there} that the pools have`,
  fix: `give each environment a share that fits (share: { servers }), cut the cards of the pool into more ${resource}, or write oversubscribe: true, and who comes too late waits`,
});

export const hubScope = (given: string, nearest: string | undefined): Finding => ({
  code: 'UNKNOWN_HUB_SCOPE',
  given: `the scope ${quote(given)}`,
  allowed: 'a scope of JupyterHub, also narrowed by !user=, !group=, !server= or !service=',
  fix: nearest ? `did you mean ${quote(nearest)}?` : 'see https://jupyterhub.readthedocs.io/en/stable/rbac/scopes.html',
});

export const hubLoginServer = (given: string, example: string): Finding => ({
  code: 'INVALID_HUB_LOGIN_SERVER',
  given: quote(given),
  allowed: `what the login needs there: ${example}`,
  fix: `write ${example}`,
});

export const hubVariableKinds = (given: string): Finding => ({
  code: 'CONFLICTING_HUB_VARIABLE',
  given: `the environment variable ${quote(given)} as a text in one choice and from a Secret in another`,
  allowed: 'one of both: KubeSpawner merges the two, and cannot',
  fix: 'keep it in a Secret everywhere, or give the two different names',
});

export const hubAccount = (given: unknown, largest: number): Finding => ({
  code: 'INVALID_HUB_ACCOUNT',
  given: quote(given),
  allowed: `a whole number from 1 to ${largest}; 0 is root, which Pod Security restricted forbids`,
  fix: 'write the number that `id` prints for the user on a machine that mounts the file system',
});

export const hubNamespaceShared = (namespace: string, other: string): Finding => ({
  code: 'DUPLICATE_HUB_NAMESPACE',
  given: `a hub in namespace ${quote(namespace)}, where hub ${quote(other)} starts its notebook servers too`,
  allowed: 'one hub per namespace: a hub deletes notebook pods that it does not know',
  fix: "leave `namespace` out, so that each hub has a namespace of its own, or write e.g. namespace: 'jupyterhub-2'",
});

export const hubSetting = (setting: string, instead: string): Finding => ({
  code: 'RESERVED_HUB_SETTING',
  given: `settings for ${setting}`,
  allowed: 'settings that no prop covers and that the hub does not need itself',
  fix: instead,
});

export const hubAcceleratorIdle = (accelerator: string, when: string): Finding => ({
  severity: 'warning',
  code: 'MISSING_HUB_CULL',
  given: `servers with ${accelerator} that ${when} when nobody uses them`,
  allowed: 'a `cull` of the choice, so that idle servers return what is scarce',
  fix: "write cull: { after: '30m' } for this choice",
});

export const hubGuestsOnGpuNodes = (pools: string, prop: string): Finding => ({
  severity: 'warning',
  code: 'CONFLICTING_HUB_PLACEMENT',
  given: `servers without a GPU on the nodes of ${pools}: they may take all cores there, and the GPUs stay unused`,
  allowed: 'pools without GPUs; an accelerator places its servers on the right pool by itself',
  fix: `remove ${pools} from \`${prop}\``,
});

export const hubGroupsUnknown = (groups: readonly string[]): Finding => ({
  severity: 'warning',
  code: 'UNKNOWN_HUB_GROUPS',
  given: `groups ${groups.join(', ') || '[]'}, of which the login knows none: nobody may choose this`,
  allowed: 'groups that the login knows',
  fix: 'name one of its groups here, or add these groups to the login',
});

export const hubNothingToStart = (): Finding => ({
  severity: 'warning',
  code: 'MISSING_HUB_OPEN_CHOICE',
  given: 'groups on every environment or on all of its sizes: users in none of these groups may log in, but can start nothing',
  allowed: 'one environment and one size without `groups`, or a login for members of these groups only',
  fix: 'remove `groups` from one environment and one size, or set `allowedGroups` of the login',
});

export const hubNoHomes = (): Finding => ({
  severity: 'warning',
  code: 'MISSING_HUB_HOMES',
  given: "home: 'none': files of users are deleted when their servers stop",
  allowed: 'a volume for each user, or a shared volume',
  fix: 'remove `home` for a volume of 10 GiB for each user, or accept this warning with a reason',
});

export const hubShareMissing = (resource: string): Finding => ({
  severity: 'warning',
  code: 'MISSING_HUB_SHARE',
  given: `no share of ${resource}: servers of this environment may take what the shares of other environments count on`,
  allowed: 'a `share` for every environment that uses this resource',
  fix: 'write share: { servers: 1 }',
});

export const hubOnlyAdmins = (): Finding => ({
  severity: 'warning',
  code: 'MISSING_HUB_USERS',
  given: 'a login that admits administrators only',
  allowed: 'users or groups that may log in',
  fix: "write allowedGroups: ['<group>'] or allowedUsers: ['<user>']",
});
