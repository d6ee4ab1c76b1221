import { type Finding, quote } from '../errors';

export const cloudMissing = (): Finding => ({
  code: 'MISSING_CLOUD',
  given: 'a site without a cloud',
  allowed: 'a site whose machines are created in OpenStack',
  fix: 'add `cloud: openstack({ … })`; where nodes exist already there is nothing to provision',
});

export const userDataTooLarge = (characters: number, most: number): Finding => ({
  code: 'EXCEEDS_USER_DATA',
  given: `cloud-init of ${characters} characters in base64`,
  allowed: `at most ${most}; OpenStack refuses more, and only when the machine is created`,
  fix: 'put large files into the image, or let the machine fetch them',
});

export const nodeNameTwice = (name: string, pool: string, other: string): Finding => ({
  code: 'DUPLICATE_NODE_NAME',
  given: `a node ${quote(name)} in pool ${quote(pool)} and in pool ${quote(other)}`,
  allowed: 'one node a name, which is made of site, pool and key',
  fix: 'rename the pool or the key',
});

export const flavorDiffers = (flavor: string, size: string, otherSize: string, other: string): Finding => ({
  code: 'CONFLICTING_FLAVOR',
  given: `flavor ${quote(flavor)} as ${size}, and as ${otherSize} in pool ${quote(other)}`,
  allowed: 'one size a flavor: it is one thing in OpenStack',
  fix: 'define the flavor once and give it to both pools',
});

export const allocationPoolInvalid = (first: string, last: string, cidr: string): Finding => ({
  code: 'INVALID_ALLOCATION_POOL',
  given: `${first} to ${last}`,
  allowed: `a first and a last address, in this order, inside ${cidr} without its first two and its last address`,
  fix: 'leave `allocationPool` out to get the last quarter of the network',
});

export const addressForeign = (address: string, what: string, owner: string): Finding => ({
  code: 'CONFLICTING_ADDRESS',
  given: `${address} for ${what}, which belongs to ${owner}`,
  allowed: 'an address of the network that is nobody else’s',
  fix: 'move the pool that reaches up to it, the allocation pool, or give the bastion another address',
});

export const publicAddressMissing = (): Finding => ({
  code: 'MISSING_PUBLIC_ADDRESS',
  given: 'a reserved floating address that is not named',
  allowed: "floatingIp: 'reserved' together with publicAddress",
  fix: "write publicAddress, or floatingIp: 'allocate'",
});

export const mtuInvalid = (mtu: number): Finding => ({
  code: 'INVALID_MTU',
  given: String(mtu),
  allowed: 'a whole number from 1280 to 65535',
  fix: 'leave `mtu` out to get the one of the cloud',
});

export const statePathAbsolute = (path: string): Finding => ({
  code: 'INVALID_STATE_PATH',
  given: quote(path),
  allowed: 'a path below or beside the folder of the stack: the output is the same on every machine',
  fix: "write e.g. '../../../state/napoli.tfstate', or use a remote state",
});

export const portsInvalid = (first: number, last: number): Finding => ({
  code: 'INVALID_PORTS',
  given: `${first} to ${last}`,
  allowed: 'a first and a last port, in this order, from 1 to 65535',
  fix: 'give the same number twice for a single port',
});

export const exposureTooWide = (ports: number, most: number): Finding => ({
  code: 'INSECURE_EXPOSURE',
  given: `${ports} ports behind a load balancer`,
  allowed: `at most ${most}: each port is a listener of its own`,
  fix: "expose fewer ports, or write entry: 'node'",
});

export const listenerTwice = (port: string, one: string, other: string): Finding => ({
  code: 'DUPLICATE_LISTENER',
  given: `${port} of the load balancer for ${one} and for ${other}`,
  allowed: 'one purpose a port',
  fix: 'expose it on another port',
});

export const manySecurityRules = (rules: number, groups: number, quota: { rules: number; groups: number }): Finding => ({
  severity: 'warning',
  code: 'EXCEEDS_DEFAULT_QUOTA',
  given: `${rules} security-group rules in ${groups} groups, the default group of the project included`,
  allowed: `${quota.rules} rules in ${quota.groups} groups, unless the quota of the project was raised`,
  fix: 'ask the administrators of the cloud for a higher quota before the first apply',
});

export const hardGroupRace = (nodes: number): Finding => ({
  severity: 'warning',
  code: 'EXCEEDS_HARD_SPREAD',
  given: `${nodes} machines with spread 'hard' that start at once: Nova gives up on a machine after three attempts, although there is room`,
  allowed: "fewer machines at once, or spread 'soft'",
  fix: "apply with -parallelism=1, or write spread: 'soft'",
});

export const noAdmins = (): Finding => ({
  severity: 'warning',
  code: 'MISSING_ADMINS',
  given: 'no addresses in cloud.admins: nobody outside the network of the nodes reaches SSH or the Kubernetes API',
  allowed: 'the address ranges of your office or VPN',
  fix: "write openstack({ admins: ['192.0.2.0/24'] }) with your range",
});

export const adminsWide = (cidrs: readonly string[]): Finding => ({
  severity: 'warning',
  code: 'INSECURE_ADMINS',
  given: `${cidrs.join(', ')} in cloud.admins: SSH and the Kubernetes API are open to everybody there`,
  allowed: 'the address ranges of your office or VPN',
  fix: `replace ${cidrs.join(', ')} by that range, e.g. '192.0.2.0/24'`,
});

export const noWayIn = (): Finding => ({
  severity: 'warning',
  code: 'MISSING_SSH_ACCESS',
  given: 'no machine with SSH and a public address: Kubernetes can be installed from inside the network only',
  allowed: "a bastion, or entry 'node' with a publicAddress",
  fix: 'write openstack({ bastion: { … } }), or install from a machine inside the network',
});

export const unknownPodNetwork = (): Finding => ({
  severity: 'warning',
  code: 'UNKNOWN_POD_NETWORK',
  given: "network 'none': no port of a pod network is opened, and OpenStack drops packets with addresses of pods",
  allowed: 'a network plugin that encapsulates, over ports that you open',
  fix: 'configure your network plugin with VXLAN or Geneve, and open its port between the nodes',
});

export const stackUnreadable = (why: string): Finding => ({
  code: 'INVALID_COMMITTED_STACK',
  given: `the committed cdk.tf.json of the site, which is no JSON: ${why}`,
  allowed: 'the file as it was written, to compare the new one with',
  fix: 'restore the file from Git',
});

export const volumeGone = (name: string, size: number, key: string): Finding => ({
  code: 'MISSING_COMMITTED_VOLUME',
  given: `no volume ${quote(name)} (${size} GiB) any more: the next apply would destroy it with its data`,
  allowed: 'every data volume that was written before, unless the pool states what happens to it',
  fix: `bring the node back; or write retired: { ${quote(key)}: 'keep-volumes' } in its pool, or 'delete-volumes' if the data may go`,
});

export const volumeSmaller = (name: string, was: number, given: number): Finding => ({
  code: 'IMMUTABLE_VOLUME_SIZE',
  given: `volume ${quote(name)} with ${given} GiB instead of ${was} GiB`,
  allowed: `${was} GiB or more: Cinder enlarges volumes and never shrinks them`,
  fix: `write size: '${was}GiB', or add a smaller volume under another name and copy the data`,
});

export const volumeChanged = (name: string, attribute: string, was: string, given: string): Finding => ({
  code: 'IMMUTABLE_VOLUME',
  given: `volume ${quote(name)} with ${attribute} ${given} instead of ${was}, which replaces the volume`,
  allowed: `the ${attribute} that the volume was created with: ${was}`,
  fix: 'take the change back, or add a volume under another name and copy the data',
});

export const poolGone = (pool: string, servers: readonly string[], pools: readonly string[]): Finding => ({
  code: 'MISSING_COMMITTED_POOL',
  given: `no pool ${quote(pool)} any more: the next apply would destroy ${servers.join(', ')}`,
  allowed: `pools that were renamed with \`renamedFrom\`, or scaled to count: 0 first; there are ${pools.join(', ')}`,
  fix: `if it was renamed, write renamedFrom: ${quote(pool)} in the new pool; else write count: 0 in pool ${quote(pool)}, apply, and remove it afterwards`,
});

export const serversGone = (servers: readonly string[]): Finding => ({
  severity: 'warning',
  code: 'MISSING_COMMITTED_SERVERS',
  given: `no ${servers.join(', ')} any more: the next apply destroys ${servers.length === 1 ? 'it' : 'them'}`,
  allowed: 'nodes that were drained before they are destroyed',
  fix: servers.map((name) => `kubectl drain ${name} --ignore-daemonsets --delete-emptydir-data && kubectl delete node ${name}`).join('; '),
});

/** @param first address of the pool by which the node gets its address back; undefined for keys that cannot be counted */
export const addressChanged = (name: string, key: string, given: string, was: string, first: string | undefined): Finding => ({
  code: 'IMMUTABLE_NODE_ADDRESS',
  given: `${given} for ${name}, which runs with ${was}`,
  allowed: `${was}: certificates, etcd and the cluster configuration name it`,
  fix: first ? `write firstAddress: '${first}' in the pool` : `write addresses: { ${quote(key)}: '${was}' } in the pool`,
});

export const flavorDiskSmaller = (was: string, diskWas: number, given: string, disk: number): Finding => ({
  code: 'IMMUTABLE_FLAVOR_DISK',
  given: `flavor ${quote(given)} with a disk of ${disk} GiB instead of ${quote(was)} with ${diskWas} GiB`,
  allowed: `a flavor with at least ${diskWas} GiB: Nova refuses to resize to a smaller disk`,
  fix: 'choose a flavor with a larger disk, or add a new pool and drain the old one',
});

export const flavorResized = (was: string, given: string, targets: readonly string[], etcd: boolean): Finding => ({
  severity: 'warning',
  code: 'EXCEEDS_SAFE_RESIZE',
  given: `flavor ${quote(given)} instead of ${quote(was)}: one apply would stop and resize ${targets.length} virtual machines at once`,
  allowed: etcd
    ? 'one virtual machine at a time: etcd loses its quorum otherwise; wait until the node is Ready and `etcdctl endpoint health` is good'
    : 'one virtual machine at a time, drained before, and the next one when the node is Ready again',
  fix: targets.map((target) => `terraform apply -target=${target}`).join('; '),
});
