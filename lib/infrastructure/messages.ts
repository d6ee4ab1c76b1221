import { type Finding, quote } from '../errors';

export const cloudMissing = (): Finding => ({
  code: 'MISSING_CLOUD',
  given: 'a site without a cloud',
  allowed: 'a site whose machines are created in OpenStack',
  fix: 'add `cloud: openstack({ … })` to the site; existing nodes need no Terraform',
});

export const userDataTooLarge = (characters: number, max: number): Finding => ({
  code: 'EXCEEDS_USER_DATA',
  given: `user data of ${characters} characters in base64`,
  allowed: `at most ${max} characters: OpenStack rejects more when the server is created`,
  fix: 'put large files into the image, or download them at the first boot',
});

export const nodeNameDuplicate = (name: string, pool: string, other: string): Finding => ({
  code: 'DUPLICATE_NODE_NAME',
  given: `a node ${quote(name)} in pool ${quote(pool)} and in pool ${quote(other)}`,
  allowed: 'unique node names; a name consists of site, pool and key',
  fix: 'rename the pool or the key',
});

export const flavorConflict = (flavor: string, size: string, otherSize: string, other: string): Finding => ({
  code: 'CONFLICTING_FLAVOR',
  given: `flavor ${quote(flavor)} as ${size}, and as ${otherSize} in pool ${quote(other)}`,
  allowed: 'the same size in all pools that use the flavor',
  fix: 'define the flavor in a constant and use it in both pools',
});

export const allocationPoolInvalid = (first: string, last: string, cidr: string): Finding => ({
  code: 'INVALID_ALLOCATION_POOL',
  given: `${first} to ${last}`,
  allowed: `a range inside ${cidr}, without its first two addresses and its last one`,
  fix: 'remove `allocationPool` to use the last quarter of the network',
});

export const addressConflict = (address: string, resource: string, owner: string): Finding => ({
  code: 'CONFLICTING_ADDRESS',
  given: `${address} for ${resource}, which is already used by ${owner}`,
  allowed: 'an unused address of the network',
  fix: 'change `firstAddress` of the pool, the allocation pool, or the address of the bastion',
});

export const publicAddressMissing = (): Finding => ({
  code: 'MISSING_PUBLIC_ADDRESS',
  given: "floatingIp 'reserved' without publicAddress",
  allowed: "floatingIp: 'reserved' together with publicAddress",
  fix: "add publicAddress, or write floatingIp: 'allocate'",
});

export const mtuInvalid = (mtu: number): Finding => ({
  code: 'INVALID_MTU',
  given: String(mtu),
  allowed: 'a whole number from 1280 to 65535',
  fix: 'remove `mtu` to use the default of the cloud',
});

export const statePathAbsolute = (path: string): Finding => ({
  code: 'INVALID_STATE_PATH',
  given: quote(path),
  allowed: 'a relative path: the output must not depend on the machine',
  fix: "write e.g. '../../../state/napoli.tfstate', or use a remote backend",
});

export const portsInvalid = (first: number, last: number): Finding => ({
  code: 'INVALID_PORTS',
  given: `${first} to ${last}`,
  allowed: 'a range of ports from 1 to 65535, lower port first',
  fix: 'write e.g. first: 30000, last: 32767, or for a single port first: 443, last: 443',
});

export const exposureTooWide = (ports: number, max: number): Finding => ({
  code: 'INSECURE_EXPOSURE',
  given: `${ports} ports behind a load balancer`,
  allowed: `at most ${max}: each port needs its own listener`,
  fix: "expose fewer ports, or write entry: 'node'",
});

export const listenerDuplicate = (port: string, purpose: string, other: string): Finding => ({
  code: 'DUPLICATE_LISTENER',
  given: `two listeners for ${port} of the load balancer: ${purpose}, and ${other}`,
  allowed: 'unique ports',
  fix: 'expose the service on another port',
});

export const securityRulesExceedQuota = (rules: number, groups: number, quota: { rules: number; groups: number }): Finding => ({
  severity: 'warning',
  code: 'EXCEEDS_DEFAULT_QUOTA',
  given: `${rules} security group rules in ${groups} groups, including the default group of the project`,
  allowed: `the default quota of ${quota.rules} rules and ${quota.groups} groups`,
  fix: 'ask the administrators of the cloud for a higher quota before the first apply',
});

export const hardSpreadTooLarge = (nodes: number): Finding => ({
  severity: 'warning',
  code: 'EXCEEDS_HARD_SPREAD',
  given: `${nodes} servers with spread 'hard' that are created at the same time: Nova may fail after three attempts although there are enough hosts`,
  allowed: "fewer servers at a time, or spread 'soft'",
  fix: "run terraform apply -parallelism=1, or write spread: 'soft'",
});

export const adminsMissing = (): Finding => ({
  severity: 'warning',
  code: 'MISSING_ADMINS',
  given: 'no addresses in cloud.admins: SSH and the Kubernetes API are not reachable from outside the network of the nodes',
  allowed: 'the address ranges of your office or VPN',
  fix: "write openstack({ admins: ['192.0.2.0/24'] }) with your range",
});

export const adminsTooWide = (cidrs: readonly string[]): Finding => ({
  severity: 'warning',
  code: 'INSECURE_ADMINS',
  given: `${cidrs.join(', ')} in cloud.admins: SSH and the Kubernetes API are open to all of these addresses`,
  allowed: 'the address ranges of your office or VPN',
  fix: `replace ${cidrs.join(', ')} by your range, e.g. '192.0.2.0/24'`,
});

export const sshAccessMissing = (): Finding => ({
  severity: 'warning',
  code: 'MISSING_SSH_ACCESS',
  given: 'no machine that is reachable by SSH from outside: Kubernetes can only be installed from inside the network',
  allowed: "a bastion, or entry 'node' with a publicAddress",
  fix: 'write openstack({ bastion: { … } }), or install from a machine inside the network',
});

export const podNetworkUnknown = (): Finding => ({
  severity: 'warning',
  code: 'UNKNOWN_POD_NETWORK',
  given: "network 'none': no port for a pod network is open, and OpenStack drops packets with pod addresses",
  allowed: 'a network plugin with encapsulation, whose port you open',
  fix: 'configure your network plugin with VXLAN or Geneve, and open its port between the nodes',
});

export const stackInvalid = (error: string): Finding => ({
  code: 'INVALID_COMMITTED_STACK',
  given: `the committed cdk.tf.json of the site, which is not valid JSON: ${error}`,
  allowed: 'the unchanged file of the last synthesis',
  fix: 'restore the file from Git',
});

export const volumeMissing = (name: string, size: number, fix: string): Finding => ({
  code: 'MISSING_COMMITTED_VOLUME',
  given: `volume ${quote(name)} (${size} GiB), which was removed: the next apply would delete it with its data`,
  allowed: 'all committed data volumes, unless `retired` of the pool or of the volume states what happens to it',
  fix,
});

/** @param pool the pool, if it is gone as well */
export const retireNode = (key: string, pool: string | undefined): string =>
  pool === undefined
    ? `restore the node, or write retired: { ${quote(key)}: 'keep-volumes' } in its pool, or 'delete-volumes' to delete the data`
    : `restore pool ${quote(pool)} with count: 0 and retired: { ${quote(key)}: 'keep-volumes' }, or 'delete-volumes' to delete the data`;

export const retireVolume = (volume: string, size: number): string =>
  `write { name: ${quote(volume)}, size: '${size}GiB', retired: 'keep-volumes' } in dataVolumes of the pool, or 'delete-volumes' to delete the data`;

export const nodeNameChanged = (name: string, was: string, former: readonly string[]): Finding => ({
  code: 'IMMUTABLE_NODE_NAME',
  given: `name ${name} for a node that runs as ${was}`,
  allowed: `${was}: a node keeps the name under which it joined the cluster`,
  fix: `write renamedFrom: ${former.length === 1 ? quote(former[0]) : `[${former.map(quote).join(', ')}]`} in the pool, and do not remove it later`,
});

/** Stands for a network that the stack creates. */
export const CREATED = 'the network that is created';

export const networkChanged = (prop: string, was: string, given: string): Finding => ({
  code: 'IMMUTABLE_NETWORK',
  given: `${prop} ${given} instead of ${was}: the next apply would replace ${prop === 'region' ? 'all virtual machines and volumes' : 'the ports of all virtual machines'}`,
  allowed: `${was}: machines, certificates and the cluster configuration depend on it`,
  fix: was === CREATED ? 'remove `network` and `subnet`' : given === CREATED ? `write network: '${was}'` : `write ${prop}: '${was}'`,
});

export const floatingIpReleased = (): Finding => ({
  code: 'MISSING_COMMITTED_FLOATING_IP',
  given: 'no allocated floating IP: the next apply would release the public address, and another project may get it',
  allowed: 'the committed floating IP, until it is reserved',
  fix: "restore `publicAddress`, write floatingIp: 'reserved', and apply: Terraform then keeps the address but no longer manages it; afterwards change or remove it, and release it with `openstack floating ip delete ADDRESS` if it is no longer needed",
});

export const volumeSmaller = (name: string, was: number, given: number): Finding => ({
  code: 'IMMUTABLE_VOLUME_SIZE',
  given: `volume ${quote(name)} with ${given} GiB instead of ${was} GiB`,
  allowed: `${was} GiB or more: Cinder cannot shrink volumes`,
  fix: `write size: '${was}GiB', or add a smaller volume with another name and copy the data`,
});

export const volumeChanged = (name: string, attribute: string, was: string, given: string): Finding => ({
  code: 'IMMUTABLE_VOLUME',
  given: `volume ${quote(name)} with ${attribute} ${given} instead of ${was}, which replaces the volume`,
  allowed: `the ${attribute} of the existing volume: ${was}`,
  fix: 'revert the change, or add a volume with another name and copy the data',
});

export const poolMissing = (pool: string, servers: readonly string[], pools: readonly string[]): Finding => ({
  code: 'MISSING_COMMITTED_POOL',
  given: `pool ${quote(pool)}, which was removed: the next apply would delete ${servers.join(', ')}`,
  allowed: `pools that are renamed with \`renamedFrom\`, or scaled to count: 0 before; current pools: ${pools.join(', ')}`,
  fix: `if it was renamed, write renamedFrom: ${quote(pool)} in the new pool; otherwise restore it with count: 0, apply, and remove it afterwards`,
});

/** Notebook servers are pods without a controller, hence `--force`. */
const drain = (name: string) => `kubectl drain ${name} --ignore-daemonsets --delete-emptydir-data --force`;

const nextOf = (names: readonly string[]) => (names.length === 0 ? '' : `; then the next: ${names.join(', ')}`);

export const serversMissing = (servers: readonly string[]): Finding => ({
  severity: 'warning',
  code: 'MISSING_COMMITTED_SERVERS',
  given: `${servers.join(', ')}, which ${servers.length === 1 ? 'was' : 'were'} removed: the next apply deletes the ${servers.length === 1 ? 'server' : 'servers'}`,
  allowed: 'nodes that are drained before they are deleted',
  fix: `before the apply, run the following, which stops running notebook servers: ${servers.map((name) => `${drain(name)} && kubectl delete node ${name}`).join(' && ')}`,
});

interface Server {
  readonly name: string;
  readonly target: string;
}

export type Servers = readonly [Server, ...Server[]];

/** @param members of etcd before */
export const etcdMembersGone = ([first, ...others]: Servers, members: number): Finding => ({
  severity: 'warning',
  code: 'MISSING_COMMITTED_SERVERS',
  given: `${[first, ...others].map(({ name }) => name).join(', ')}, which were removed: the next apply deletes ${others.length + 1} of ${members} etcd members at once`,
  allowed: 'one member at a time: etcd loses its quorum otherwise; wait until `etcdctl member list` no longer shows it',
  fix: `one member at a time: ${drain(first.name)} && kubectl delete node ${first.name} && terraform apply -target=${first.target}; wait until \`etcdctl member list\` no longer shows it${nextOf(others.map(({ name }) => name))}`,
});

/** @param first `firstAddress` of the pool with which the node keeps its address; undefined for keys that are not numbers */
export const addressChanged = (name: string, key: string, given: string, was: string, first: string | undefined): Finding => ({
  code: 'IMMUTABLE_NODE_ADDRESS',
  given: `address ${given} for ${name}, which runs with ${was}`,
  allowed: `${was}, which is in certificates, etcd and the cluster configuration`,
  fix: first ? `write firstAddress: '${first}' in the pool` : `write addresses: { ${quote(key)}: '${was}' } in the pool`,
});

export const flavorDiskSmaller = (was: string, diskWas: number, given: string, disk: number): Finding => ({
  code: 'IMMUTABLE_FLAVOR_DISK',
  given: `flavor ${quote(given)} with a disk of ${disk} GiB instead of ${quote(was)} with ${diskWas} GiB`,
  allowed: `a flavor with a disk of at least ${diskWas} GiB: Nova cannot resize to a smaller disk`,
  fix: 'choose a flavor with a larger disk, or add a new pool and drain the old one',
});

export const flavorResized = (was: string, given: string, [first, ...others]: Servers, etcd: boolean): Finding => ({
  severity: 'warning',
  code: 'EXCEEDS_SAFE_RESIZE',
  given: `flavor ${quote(given)} instead of ${quote(was)}: an apply would stop and resize ${others.length === 0 ? first.name : `${others.length + 1} servers at the same time`}`,
  allowed: etcd
    ? 'one server at a time, so that etcd keeps its quorum; continue once the node is Ready and `etcdctl endpoint health` succeeds'
    : 'one server at a time, drained before; continue once the node is Ready',
  fix: `${drain(first.name)} && terraform apply -target=${first.target} && kubectl uncordon ${first.name}; wait until it is Ready${etcd ? ' and `etcdctl endpoint health` succeeds' : ''}${nextOf(others.map(({ name }) => name))}`,
});
