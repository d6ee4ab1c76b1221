import { type Finding, quote } from '../../errors';

export const hubNoAllowedUsers = (props: readonly string[]): Finding => ({
  code: 'MISSING_HUB_ALLOWED_USERS',
  given: 'no user is allowed to log in: JupyterHub 5 and later deny everyone who is not listed',
  allowed: `at least one of ${props.join(', ')}`,
  fix: `write ${props.includes('allowedGroups') ? "allowedGroups: ['<group>'], or allowAll: true to allow everyone with an account" : 'allowAll: true'}`,
});

export const hubEntryEmpty = (given: string): Finding => ({
  code: 'INVALID_HUB_ENTRY',
  given: quote(given),
  allowed: 'the name of a user, group or organization, as the identity provider reports it',
  fix: 'write the name, or remove the entry',
});

export const hubDummyLogin = (site: string): Finding => ({
  code: 'INSECURE_HUB_DUMMY_LOGIN',
  given: `dummy() login, which checks no password, on site ${quote(site)}`,
  allowed: 'dummy() only on a site with `test: true`',
  fix: 'write login: oidc({ … })',
});

type Choices = 'environments' | 'sizes' | 'options' | 'choices';

const EXAMPLES = {
  environments: "environments: [environment('python')]",
  sizes: "sizes: [size('small', { cpu: 1, memory: '2GiB' })]",
  options: "options: [option('gpu', { choices: [choice('none')] })]",
  choices: "choices: [choice('none'), choice('one')]",
} as const satisfies Record<Choices, string>;

export const hubNoChoices = (list: Choices): Finding => ({
  code: 'MISSING_HUB_CHOICE',
  given: `an empty list of ${list}`,
  allowed: 'at least one entry: users select an environment, a size, and one choice of each option',
  fix: `write ${EXAMPLES[list]}`,
});

export const hubDuplicateChoice = (list: Choices, name: string): Finding => ({
  code: 'DUPLICATE_HUB_CHOICE',
  given: `two ${list} named ${quote(name)}`,
  allowed: 'unique names: the hub stores the selection of a user by name',
  fix: 'rename one of them; titles may be equal',
});

export const hubCpuLimit = (requested: number, limit: number): Finding => ({
  code: 'INVALID_HUB_CPU_LIMIT',
  given: `a CPU request of ${requested} and a CPU limit of ${limit}`,
  allowed: 'a limit that is not less than the request: Kubernetes rejects the pod otherwise',
  fix: 'remove cpuLimit, or increase it',
});

export const hubCount = (given: unknown): Finding => ({
  code: 'INVALID_HUB_COUNT',
  given: quote(given),
  allowed: 'a whole number from 1',
  fix: 'write a whole number from 1, or remove the prop',
});

export const hubVariable = (given: string): Finding => ({
  code: 'INVALID_HUB_VARIABLE',
  given: `environment variable ${quote(given)}`,
  allowed: 'letters, digits and _, not beginning with a digit or with JUPYTERHUB_, which is reserved for the hub',
  fix: 'rename the variable',
});

export const hubReservedOptionName = (given: string): Finding => ({
  code: 'RESERVED_HUB_OPTION_NAME',
  given: `an option named ${quote(given)}`,
  allowed: 'any name except `profile` and `size`, which the hub uses for the environment and the size',
  fix: 'rename the option; its title may stay',
});

export const hubCullTooLong = (own: number, general: number): Finding => ({
  code: 'EXCEEDS_HUB_CULL',
  given: `an idle timeout of ${own} s, where the hub stops all servers after ${general} s`,
  allowed: `less than ${general} s, the \`cull.after\` of the hub`,
  fix: 'increase `cull.after` of the hub, or set a shorter time here',
});

export const hubCullTooShort = (after: number, interval: number, least: number): Finding => ({
  code: 'INVALID_HUB_CULL',
  given: `an idle timeout of ${after} s, where the hub updates the last activity every ${interval} s`,
  allowed: `at least ${least} s: otherwise one delayed update stops servers that are in use`,
  fix: `write after: '${least}s' or more; an hour or more is usual`,
});

export const hubMountPath = (at: string, subPath: string | undefined): Finding => ({
  code: 'INVALID_HUB_MOUNT_PATH',
  given: `mount path ${quote(at)}${subPath === undefined ? '' : ` with subPath ${quote(subPath)}`}`,
  allowed: 'an absolute path without colon or braces; a relative subPath without .., and with no placeholder except the user name',
  fix: "write e.g. at: '/data', subPath: 'home/{username}'",
});

export const hubIdentity = (endpoint: string, given: string, own: string): Finding => ({
  code: 'CONFLICTING_HUB_IDENTITY',
  given: `endpoint ${quote(endpoint)}, which authenticates the users of hub ${given}`,
  allowed: `endpoints that authenticate the users of this hub, ${own}: any other denies them access`,
  fix: `write hub: ${own} in the description of ${quote(endpoint)}`,
});

export const hubDuplicateMount = (at: string, volume: string, other: string): Finding => ({
  code: 'DUPLICATE_HUB_MOUNT',
  given: `mount path ${quote(at)} for volume ${quote(volume)} and for ${other}`,
  allowed: 'one volume per mount path in every combination of choices: Kubernetes rejects a pod with two',
  fix: 'mount one of them at another path, or give both volumes the same name, so that the later choice replaces the earlier one',
});

export const hubDuplicateVolume = (name: string): Finding => ({
  code: 'DUPLICATE_HUB_VOLUME',
  given: `two volumes named ${quote(name)}`,
  allowed: 'unique names of volumes within one choice: otherwise only the last one is mounted',
  fix: 'rename one of them',
});

export const hubOpenSignup = (site: string): Finding => ({
  code: 'INSECURE_HUB_SIGNUP',
  given: `openSignup with allowAll on site ${quote(site)}: everyone who finds the page can start servers`,
  allowed: 'openSignup with allowedUsers, or on a site with `test: true`',
  fix: 'remove openSignup; an administrator then approves each new account at /hub/authorize',
});

export const hubDuplicateAccelerator = (first: string, second: string): Finding => ({
  code: 'DUPLICATE_HUB_ACCELERATOR',
  given: `a server that may get ${first} and ${second}`,
  allowed: 'at most one kind of accelerator per server, in every combination of choices',
  fix: "give each environment its own sizes and options, or remove the first accelerator with accelerator: 'none'",
});

export const hubReach = (given: string): Finding => ({
  code: 'INSECURE_HUB_REACH',
  given,
  allowed: "neither the cloud's metadata service (169.254.169.254) nor the API server: access to them gives users more permissions",
  fix: 'list only the addresses of the servers that notebooks need',
});

export const hubEmptyShare = (): Finding => ({
  code: 'MISSING_HUB_SHARE_LIMIT',
  given: 'a share without a limit',
  allowed: '`servers`, or `accelerators` if a choice of the environment has one',
  fix: 'write e.g. share: { servers: 4 }, or remove the share',
});

export const hubExceedsShares = (claims: string, requested: number, resource: string, available: number): Finding => ({
  code: 'EXCEEDS_HUB_SHARES',
  given: `${claims} = ${requested}`,
  allowed: `at most ${available}, the capacity of the pools`,
  fix: `reduce share.servers of the environments, partition the GPUs of the pool into more ${resource}, or write oversubscribe: true, so that servers wait for a free one`,
});

export const hubUnknownScope = (given: string, nearest: string | undefined): Finding => ({
  code: 'UNKNOWN_HUB_SCOPE',
  given: `scope ${quote(given)}`,
  allowed: 'a scope of JupyterHub, optionally with a filter !user=, !group=, !server= or !service=',
  fix: nearest ? `write ${quote(nearest)}` : 'see https://jupyterhub.readthedocs.io/en/stable/rbac/scopes.html',
});

export const hubLoginServer = (given: string): Finding => ({
  code: 'INVALID_HUB_LOGIN_SERVER',
  given: quote(given),
  allowed: 'a host name or an IPv4 address, without ldaps:// and port',
  fix: "write the host name only, e.g. server: 'ldap.example.org'; the port is `port`",
});

export const hubUserTemplates = (given: string): Finding => ({
  code: 'INVALID_HUB_USER_TEMPLATE',
  given: quote(given),
  allowed: 'one or more templates of distinguished names, each with {username}',
  fix: "write userNames: ['uid={username},ou=people,dc=example,dc=org'] with the tree of your directory",
});

export const hubConflictingVariable = (given: string): Finding => ({
  code: 'CONFLICTING_HUB_VARIABLE',
  given: `environment variable ${quote(given)} with a plain value in one place and from a Secret in another`,
  allowed: 'plain values only, or Secrets only: KubeSpawner cannot merge the two',
  fix: 'take it from a Secret everywhere, or use two different names',
});

export const hubAccount = (given: unknown, largest: number): Finding => ({
  code: 'INVALID_HUB_ACCOUNT',
  given: quote(given),
  allowed: `a whole number from 1 to ${largest}; 0 is root, which Pod Security restricted forbids`,
  fix: 'write the number that `id` prints for the user on a machine that mounts the file system',
});

export const hubNamespaceShared = (namespace: string, other: string): Finding => ({
  code: 'DUPLICATE_HUB_NAMESPACE',
  given: `a hub in namespace ${quote(namespace)}, where hub ${quote(other)} also starts notebook servers`,
  allowed: 'one hub per namespace: a hub deletes the notebook pods of other hubs',
  fix: "remove `namespace`, so that each hub has a namespace of its own, or write e.g. namespace: 'jupyterhub-2'",
});

export const hubReservedSetting = (setting: string, fix: string): Finding => ({
  code: 'RESERVED_HUB_SETTING',
  given: `settings for ${setting}`,
  allowed: 'settings that have no prop and that the library does not manage',
  fix,
});

export const hubIdleAccelerator = (accelerator: string, when: string): Finding => ({
  severity: 'warning',
  code: 'MISSING_HUB_CULL',
  given: `idle servers with ${accelerator} that ${when}`,
  allowed: 'a `cull` of the choice, so that idle servers release their accelerators early',
  fix: "write cull: { after: '30m' } for this choice",
});

export const hubCpuServersOnGpuNodes = (pools: string, prop: string): Finding => ({
  severity: 'warning',
  code: 'CONFLICTING_HUB_PLACEMENT',
  given: `servers without a GPU on the nodes of ${pools}: if they use all cores there, the GPUs stay unused`,
  allowed: 'pools without GPUs; servers with an accelerator are scheduled on its pool automatically',
  fix: `remove ${pools} from \`${prop}\``,
});

export const hubUnknownGroups = (groups: readonly string[]): Finding => ({
  severity: 'warning',
  code: 'UNKNOWN_HUB_GROUPS',
  given: `groups ${groups.join(', ') || '[]'}, none of which the login defines: no user can select this`,
  allowed: 'groups that the login defines',
  fix: 'use a group that the login defines, or add these groups to the login',
});

export const hubNoOpenChoice = (): Finding => ({
  severity: 'warning',
  code: 'MISSING_HUB_OPEN_CHOICE',
  given:
    '`groups` on every environment or on all of its sizes: users who are in none of these groups can log in, but cannot start a server',
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

export const hubMissingShare = (resource: string): Finding => ({
  severity: 'warning',
  code: 'MISSING_HUB_SHARE',
  given: `no share of ${resource}: servers of this environment can use what is reserved for the shares of other environments`,
  allowed: 'a `share` for every environment that uses this resource',
  fix: 'write share: { servers: N }, where N is the number of servers of all users together that may run at the same time',
});

export const hubOnlyAdmins = (): Finding => ({
  severity: 'warning',
  code: 'MISSING_HUB_USERS',
  given: 'a login that allows only administrators',
  allowed: 'users or groups that are allowed to log in',
  fix: "write allowedGroups: ['<group>'] or allowedUsers: ['<user>']",
});
