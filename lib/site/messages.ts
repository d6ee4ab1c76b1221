import { type Finding, quote } from '../errors';

export const quantityUnknown = (given: unknown, what: string, allowed: string, example: string): Finding => ({
  code: 'INVALID_QUANTITY',
  given: `${quote(given)} as ${what}`,
  allowed,
  fix: `write ${example}`,
});

export const nameInvalid = (given: unknown, suggestion: string): Finding => ({
  code: 'INVALID_NAME',
  given: quote(given),
  allowed: 'lower-case letters, digits and hyphens, a letter first, no hyphen last: what DNS, OpenStack and Kubernetes all take',
  fix: `did you mean '${suggestion}'?`,
});

export const hostInvalid = (given: unknown): Finding => ({
  code: 'INVALID_HOST',
  given: quote(given),
  allowed: 'two labels or more with dots between, each of lower-case letters, digits and hyphens; neither a URL nor an address and a port',
  fix: "write e.g. 'jupyter.example.org'",
});

export const nameTooLong = (given: string, longest: number): Finding => ({
  code: 'EXCEEDS_NAME_LENGTH',
  given: `${quote(given)}, ${given.length} characters`,
  allowed: `at most ${longest} characters`,
  fix: 'shorten the name of the site, the pool or the service that it is made of',
});

export const addressInvalid = (given: unknown, family: 4 | 6 = 4): Finding => ({
  code: 'INVALID_ADDRESS',
  given: quote(given),
  allowed: family === 6 ? 'an IPv6 address' : 'an IPv4 address of four decimal numbers',
  fix: family === 6 ? "write e.g. '2001:db8::11'" : "write e.g. '10.64.0.11'",
});

export const cidrInvalid = (given: unknown, canonical?: string, family: 4 | 6 = 4): Finding => ({
  code: 'INVALID_CIDR',
  given: quote(given),
  allowed: `an IPv${family} range with its prefix length, host bits zero`,
  fix: canonical ? `did you mean '${canonical}'?` : `write e.g. '${family === 6 ? '2001:db8::/64' : '10.64.0.0/24'}'`,
});

export const ipv6Unsupported = (): Finding => ({
  code: 'UNSUPPORTED_IPV6',
  given: 'IPv6 ranges with rke1()',
  allowed: 'dual stack with rke2(): RKE knew it with Calico on Amazon EC2 only',
  fix: 'install the cluster with rke2(), or remove `ipv6`',
});

export const ipv6Incomplete = (has: string, missing: string): Finding => ({
  code: 'MISSING_IPV6',
  given: `IPv6 for ${has} only`,
  allowed: 'IPv6 ranges for nodes, pods and Services, or for none of them',
  fix: `add ${missing}, or remove the other \`ipv6\``,
});

export const ipv6NodesTooSmall = (cidr: string, cidr4: string): Finding => ({
  code: 'EXCEEDS_IPV6_CIDR',
  given: `IPv6 range ${cidr} for nodes with addresses from ${cidr4}`,
  allowed: 'an IPv6 range with at least as many addresses: each node has the same place in both',
  fix: 'write a /64',
});

export const ipv6AddressMissing = (node: string): Finding => ({
  code: 'MISSING_IPV6_ADDRESS',
  given: `no IPv6 address for ${node}`,
  allowed: 'an IPv6 address for every node of a dual-stack cluster',
  fix: 'give the pool `addresses6`, or the site a cloud with `ipv6`',
});

export const ipv6ServiceCidrInvalid = (cidr: string): Finding => ({
  code: 'INVALID_IPV6_SERVICE_CIDR',
  given: cidr,
  allowed: 'a range from /108 to /124: the API server does not start with a larger one',
  fix: "write e.g. serviceCidr: 'fd00:43::/112'",
});

export const ipv6PodCidrInvalid = (cidr: string, mask: number, nodes: number): Finding => ({
  code: 'INVALID_IPV6_POD_CIDR',
  given: `${cidr} with a /${mask} for each of ${nodes} nodes`,
  allowed: `a range from /${Math.max(0, mask - 16)} to /${Math.max(0, mask - Math.ceil(Math.log2(Math.max(1, nodes))))}: each node takes a /${mask} of it`,
  fix: `write a /${Math.max(0, mask - 8)}, which has room for 256 nodes`,
});

export const ipv6MaskUnsupported = (): Finding => ({
  code: 'UNSUPPORTED_NODE_CIDR_MASK',
  given: 'node-cidr-mask-size in a dual-stack cluster: the controller manager does not start with it',
  allowed: 'node-cidr-mask-size-ipv4 and node-cidr-mask-size-ipv6',
  fix: 'rename the argument to node-cidr-mask-size-ipv4',
});

export const urlInvalid = (given: unknown): Finding => ({
  code: 'INVALID_URL',
  given: quote(given),
  allowed: 'an http or https URL',
  fix: "write e.g. 'https://s3.example.org'",
});

export const imageUnknown = (given: string, known: readonly string[], near?: string): Finding => ({
  code: 'UNKNOWN_IMAGE',
  given: quote(given),
  allowed: known.join(', '),
  fix: near ? `did you mean '${near}'?` : 'use a name of the table',
});

export const noPools = (): Finding => ({
  code: 'MISSING_POOLS',
  given: 'a site without nodes',
  allowed: 'at least one node pool',
  fix: "add nodePool('worker', …) to `pools`",
});

export const versionUnsupported = (given: string, oldest: number): Finding => ({
  code: 'UNSUPPORTED_VERSION',
  given: quote(given),
  allowed: `Kubernetes 1.${oldest} or later, written as 1.${oldest}.16 or as the release of the distribution`,
  fix: `write e.g. '1.${oldest}.16'`,
});

export const apiServerInvalid = (given: string): Finding => ({
  code: 'INVALID_API_SERVER',
  given,
  allowed: 'address and port of each API server; NetworkPolicies know no names',
  fix: "write what `kubectl get endpoints kubernetes` shows, e.g. ['10.0.0.10:6443']",
});

export const poolTwice = (name: string): Finding => ({
  code: 'DUPLICATE_POOL',
  given: `two pools named ${quote(name)}`,
  allowed: 'one pool a name',
  fix: 'rename one of them',
});
export const keyTwice = (key: string): Finding => ({
  code: 'DUPLICATE_KEY',
  given: `two nodes with the key ${quote(key)}`,
  allowed: 'one node a key',
  fix: 'give each node a key of its own',
});

export const addressesCount = (given: number, nodes: number): Finding => ({
  code: 'INVALID_ADDRESS_COUNT',
  given: `${given} addresses for ${nodes} nodes`,
  allowed: 'one address a node',
  fix: 'make `addresses` and `count` (or `keys`) equally long',
});

export const hostnamesCount = (given: number, nodes: number): Finding => ({
  code: 'INVALID_HOSTNAME_COUNT',
  given: `${given} host names for ${nodes} nodes`,
  allowed: 'one name a node',
  fix: 'make `hostnames` and `count` (or `keys`) equally long',
});

export const hostnameInvalid = (given: unknown): Finding => ({
  code: 'INVALID_HOSTNAME',
  given: quote(given),
  allowed: 'the name of a node: labels of lower-case letters, digits and hyphens with dots between, 253 characters at most',
  fix: 'write what `kubectl get nodes` prints',
});

export const hostnameTwice = (name: string): Finding => ({
  code: 'DUPLICATE_HOSTNAME',
  given: `two nodes named ${quote(name)}`,
  allowed: 'one node a name',
  fix: 'write what `kubectl get nodes` prints, each name once',
});

export const hostnamesMade = (cluster: string): Finding => ({
  code: 'UNSUPPORTED_HOSTNAMES',
  given: `host names in a site whose Kubernetes is installed by ${cluster}`,
  allowed: 'host names of nodes that exist already: existingCluster(…); elsewhere nodes are called <site>-<pool>-<key>',
  fix: 'leave `hostnames` out; `keys` are the part of the names that is yours',
});

export const hostnamesMissing = (pool: string, labels: string): Finding => ({
  code: 'MISSING_HOSTNAMES',
  given: `nodes of pool ${quote(pool)} whose cards differ, and which are told by ${labels} alone`,
  allowed: '`hostnames` of the pool, one for each key: nobody could tell else which node has which layout',
  fix: "add hostnames: ['…', …] as `kubectl get nodes` prints them, or make a pool of each layout, with a label of its own",
});

export const roleUnknown = (given: unknown, known: readonly string[]): Finding => ({
  code: 'UNKNOWN_ROLE',
  given: quote(given),
  allowed: known.join(', '),
  fix: 'use one of the three roles of RKE',
});

export const roleMissing = (role: string): Finding => ({
  code: 'MISSING_ROLE',
  given: `no node with the role ${role}`,
  allowed: 'at least one node each for controlplane, etcd and worker',
  fix: `add '${role}' to the roles of a pool`,
});

export const etcdEven = (count: number): Finding => ({
  code: 'INVALID_ETCD_COUNT',
  given: `${count} etcd nodes`,
  allowed: 'an odd number: 1, 3 or 5',
  fix: `use ${count - 1} or ${count + 1}: ${count} nodes survive the loss of no more than ${count - 1} do, and fail more often`,
});

export const imageInvalid = (given: unknown): Finding => ({
  code: 'INVALID_IMAGE',
  given: quote(given),
  allowed: 'registry, path in lower case, tag or digest: no kubelet pulls anything else',
  fix: "write e.g. 'ghcr.io/example/tool:1.4.2'",
});
/** Says nothing of what was given but its form: it may be the secret itself. */
export const secretInvalid = (given: string): Finding => ({
  code: 'INVALID_SECRET',
  given,
  allowed:
    'the name of a Secret, lower-case letters, digits, hyphens and dots, and a key in it, letters, digits, hyphens, dots and underscores',
  fix: "write e.g. secret('iam-client', 'secret'); the value itself goes to the cluster by `facility bootstrap`, never into the description",
});

export const labelInvalid = (key: string, value: string): Finding => ({
  code: 'INVALID_LABEL',
  given: `${quote(key)}: ${quote(value)}`,
  allowed: 'a name of at most 63 letters, digits, -, _ and . with an optional DNS prefix and /, and a value of the same characters or none',
  fix: 'remove the other characters',
});

export const taintInvalid = (effect: unknown): Finding => ({
  code: 'INVALID_TAINT',
  given: `effect ${quote(effect)}`,
  allowed: 'NoSchedule, PreferNoSchedule, NoExecute',
  fix: 'use one of the three effects',
});

export const volumeTwice = (name: string): Finding => ({
  code: 'DUPLICATE_VOLUME',
  given: `two data volumes named ${quote(name)}`,
  allowed: 'one volume a name in a pool',
  fix: 'rename one of them',
});

export const cidrOverlap = (name: string, cidr: string, otherName: string, other: string, fix: string): Finding => ({
  code: 'CONFLICTING_CIDR',
  given: `${name} ${cidr} and ${otherName} ${other}, which overlap`,
  allowed: 'ranges of nodes, pods and Services that share no address',
  fix,
});

export const podCidrTooSmall = (cidr: string, room: number, nodes: number, mask: number, free?: string): Finding => ({
  code: 'EXCEEDS_POD_CIDR',
  given: `${nodes} nodes with podCidr ${cidr}`,
  allowed: `at most ${room} nodes: each node takes a /${mask} of the range`,
  fix:
    free === undefined
      ? 'use fewer nodes, or a larger node-cidr-mask-size'
      : `write podCidr: '${free}' before the cluster is installed: it cannot be changed later`,
});

export const nodeBlockTooSmall = (pods: number, mask: number, most: number, wanted: number, free?: string): Finding => ({
  code: 'EXCEEDS_NODE_CIDR',
  given: `${pods} pods on a node (max-pods) whose block of pod addresses is a /${mask}`,
  allowed: `at most ${most} pods on each node, one for each usable address of its block`,
  fix: `write arguments: { 'kube-controller-manager': { 'node-cidr-mask-size': '${wanted}' } }${free === undefined ? '' : ` and podCidr: '${free}'`} before the cluster is installed, or lower max-pods to ${most}`,
});

export const nodeMaskInvalid = (given: string, least: number, most: number): Finding => ({
  code: 'INVALID_NODE_CIDR_MASK',
  given: `node-cidr-mask-size ${quote(given)}`,
  allowed: `a prefix length from ${least}, that of podCidr, to ${most}: the controller manager does not start otherwise`,
  fix: `write '${Math.max(least, Math.min(24, most))}', or remove node-cidr-mask-size from the arguments`,
});

export const addressInClusterRange = (address: string, name: string, cidr: string, fix: string): Finding => ({
  code: 'RESERVED_ADDRESS',
  given: `${address} of a node, which is inside ${name} ${cidr}`,
  allowed: 'node addresses outside the ranges of pods and Services',
  fix,
});

export const nodeAddressMissing = (node: string): Finding => ({
  code: 'MISSING_NODE_ADDRESS',
  given: `no address for ${node}`,
  allowed: 'an address for every node that Kubernetes is installed on',
  fix: 'give the pool `addresses` or `firstAddress`, or the site a `cloud`',
});

export const addressTwice = (address: string, node: string, other: string, pool: string): Finding => ({
  code: 'DUPLICATE_ADDRESS',
  given: `${address} for ${node} and for ${other}`,
  allowed: 'one address a node',
  fix: `give pool '${pool}' another firstAddress, behind the last node of the pool before it`,
});
export const addressReserved = (address: string, what: string): Finding => ({
  code: 'RESERVED_ADDRESS',
  given: `${address}, which belongs to ${what}`,
  allowed: 'an address that is nobody else’s',
  fix: 'choose another address, or move the allocation pool',
});

export const storageTwice = (name: string): Finding => ({
  code: 'DUPLICATE_STORAGE',
  given: `two storage classes named ${quote(name)}`,
  allowed: 'one class a name',
  fix: 'rename one of them',
});

export const storageNeedsCloud = (name: string): Finding => ({
  code: 'UNSUPPORTED_STORAGE',
  given: `cinder class ${quote(name)} on a site without a cloud`,
  allowed: 'cinder() where there is an OpenStack, storageClass(name) for what the cluster has',
  fix: `write storageClass('${name}')`,
});

export const cloudNeedsField = (what: string): Finding => ({
  code: 'MISSING_POOL_FIELD',
  given: 'nothing',
  allowed: `${what}: machines are created from it`,
  fix: 'add it to the pool',
});

export const sshKeyInvalid = (): Finding => ({
  code: 'INVALID_SSH_KEY',
  given: 'something that is no public key',
  allowed: "one line as in ~/.ssh/id_ed25519.pub: 'ssh-ed25519 AAAA… comment'",
  fix: 'paste the public key; a private key has no place here',
});

export const entryNotIngress = (node: string): Finding => ({
  code: 'MISSING_INGRESS_ON_ENTRY',
  given: `a public address on ${node}, which has not the role worker, so no ingress controller runs there`,
  allowed: 'a first control plane that is a worker too, or a load balancer',
  fix: "write entry: 'load-balancer', or add the role worker",
});

export const acceleratorInvalid = (resource: unknown, count: unknown): Finding => ({
  code: 'INVALID_ACCELERATOR',
  given: `${quote(count)} of ${quote(resource)}`,
  allowed: 'a whole number above 0 of a resource that a device plugin offers: a domain that is not kubernetes.io, a slash, a name',
  fix: "write e.g. accelerator('example.com/gpu', { count: 1 }); `kubectl describe node` shows the names under Allocatable",
});

export const etcdSingle = (node: string): Finding => ({
  severity: 'warning',
  code: 'MISSING_ETCD_REDUNDANCY',
  given: `one etcd node (${node}): if it is lost, so is the state of the cluster since the last snapshot`,
  allowed: 'three etcd nodes, which survive the loss of one',
  fix: 'give the pool with the role etcd count: 3',
});

export const acceptanceReasonMissing = (code: string): Finding => ({
  code: 'MISSING_ACCEPTANCE_REASON',
  given: `an acceptance of ${code} without a reason`,
  allowed: 'a sentence that tells the next operator why this warning is acceptable here',
  fix: "add `reason: '…'`",
});

export const kubeletArgumentInvalid = (argument: string, given: string, example: string): Finding => ({
  code: 'INVALID_KUBELET_ARGUMENT',
  given: `--${argument}=${given}`,
  allowed: `what the kubelet reads, e.g. ${example}`,
  fix: `correct arguments.kubelet['${argument}'] of the cluster, or remove it and set \`reserved\` of the pools`,
});

export const reservedExceedsFlavor = (what: 'cpu' | 'memory', given: string): Finding => ({
  code: 'EXCEEDS_FLAVOR',
  given: `reservations that leave pods no ${what} of ${given}`,
  allowed:
    'reserved, system reserved and eviction thresholds that are together less than the node has: the kubelet does not start otherwise',
  fix: `lower \`reserved\`, or use a larger flavor (Linux itself takes 1/64 of the memory and 512 MiB)`,
});

export const reservedDiffers = (pools: readonly string[]): Finding => ({
  code: 'CONFLICTING_RESERVED',
  given: `pools ${pools.join(', ')} with different values of reserved`,
  allowed: 'one value for all pools: RKE starts every kubelet with the same arguments',
  fix: 'give every pool the largest of them, or install the cluster with rke2(), which has arguments for each node',
});

export const reservedTwice = (argument: string): Finding => ({
  code: 'CONFLICTING_RESERVED',
  given: `reserved of the pool, and arguments.kubelet['${argument}'] of the cluster`,
  allowed: 'one of them: the kubelet takes one value',
  fix: `remove '${argument}' from the arguments of the cluster`,
});

export const allocatableUnsupported = (kind: string): Finding => ({
  code: 'UNSUPPORTED_ALLOCATABLE',
  given: `allocatable of nodes that ${kind} is yet to make`,
  allowed:
    'allocatable on the pools of an existingCluster(): elsewhere it follows from flavor and reserved, which are written to the kubelets',
  fix: 'remove allocatable; set `reserved` instead',
});

export const keyAddressMissing = (key: string, free: string): Finding => ({
  code: 'MISSING_KEY_ADDRESS',
  given: `key ${quote(key)} without an address`,
  allowed: 'numbers or single letters as keys, whose address is counted from that of the pool, or an address for the key',
  fix: `write addresses: { ${/^[A-Za-z]\w*$/.test(key) ? key : quote(key)}: '${free}' }`,
});

export const keyUnknown = (key: string, keys: readonly string[]): Finding => ({
  code: 'UNKNOWN_KEY',
  given: quote(key),
  allowed: `keys of the pool: ${keys.join(', ') || 'none'}`,
  fix: 'remove the entry, or add the key to the pool',
});

export const retiredKey = (key: string): Finding => ({
  code: 'CONFLICTING_RETIRED_KEY',
  given: `key ${quote(key)} in \`retired\`, which is a node of the pool`,
  allowed: 'keys of nodes that were removed from `count` or `keys`',
  fix: `remove ${quote(key)} from \`retired\`, or from the keys of the pool`,
});

export const networkConflict = (name: string, why: string): Finding => ({
  code: 'CONFLICTING_NETWORK',
  given: `\`${name}\` ${why}`,
  allowed: '`network` with an optional `subnet` for an existing network; `router` and `mtu` for a network that is created',
  fix: name === 'subnet' ? 'add `network`, or remove `subnet`' : `remove \`${name}\`, or remove \`network\` to have one created`,
});

export const routerInvalid = (router: string): Finding => ({
  code: 'INVALID_ROUTER',
  given: quote(router),
  allowed: 'the UUID of a router',
  fix: 'write what `openstack router show NAME -f value -c id` prints',
});

export const externalNetworkMissing = (needed: readonly string[]): Finding => ({
  code: 'MISSING_EXTERNAL_NETWORK',
  given: 'no `externalNetwork`',
  allowed: `the name of an external network, for ${needed.join(' and ')}`,
  fix: "write externalNetwork: 'NAME' (`openstack network list --external`); on a directly reachable network, name it as `network` with floatingIp: 'none'",
});

export const zoneConflict = (zone: string, zones: readonly string[]): Finding => ({
  code: 'CONFLICTING_ZONES',
  given: `availability zone ${quote(zone)} for volumes of nodes in ${zones.map(quote).join(', ')}`,
  allowed: 'the zone of the nodes: a volume cannot be attached across zones',
  fix: `write availabilityZone: ${quote(zones[0])}, or leave it out of the volume`,
});

export const volumesExceeded = (count: number, most: number): Finding => ({
  code: 'EXCEEDS_VOLUMES',
  given: `${count} data volumes on each node`,
  allowed: `at most ${most} volumes beside the root disk of a virtual machine`,
  fix: 'use fewer, larger volumes, or more nodes; if the machines of your cloud take more, state it: openstack({ volumesPerMachine: … })',
});

export const proxyInvalid = (given: unknown): Finding => ({
  code: 'INVALID_PROXY',
  given: quote(given),
  allowed: 'an http or https URL with host and port, without a path',
  fix: "write e.g. 'http://proxy.example.org:3128'",
});

/** Does not repeat the URL: it contains a password. */
export const proxyCredentials = (): Finding => ({
  code: 'INSECURE_PROXY_CREDENTIALS',
  given: 'a proxy URL with a user name or password',
  allowed: 'a proxy URL without credentials: user data is stored in the cloud and can be read on every node',
  fix: 'let the proxy admit the range of the nodes by address, and remove the credentials from the URL',
});

export const noProxyInvalid = (given: unknown): Finding => ({
  code: 'INVALID_NO_PROXY',
  given: quote(given),
  allowed: 'one host name, domain (.example.org), address or CIDR for each entry',
  fix: "write e.g. noProxy: ['.example.org', '10.1.0.0/16']",
});

export const mirrorInvalid = (given: unknown): Finding => ({
  code: 'INVALID_MIRROR',
  given: quote(given),
  allowed: 'an https URL without credentials: keys of packages are downloaded from it',
  fix: "write e.g. 'https://mirror.example.org/docker'",
});

export const egressUnused = (): Finding => ({
  severity: 'warning',
  code: 'UNSUPPORTED_EGRESS',
  given: 'egress of a site whose machines the library does not create: it is not written to any node',
  allowed:
    'egress with a cloud, where nodes are set up by cloud-init, or with rke2(), whose environment file is among the cluster configuration',
  fix: 'configure proxy, mirrors and authorities on the machines yourself, and remove `egress`',
});

/** Does not repeat what was given: it may be a private key. */
export const authorityInvalid = (given: string): Finding => ({
  code: 'INVALID_AUTHORITY',
  given,
  allowed: 'certificates of authorities in PEM (-----BEGIN CERTIFICATE-----)',
  fix: "read the certificate from its file, e.g. readFileSync('ca.crt', 'utf8'); the private key of the authority never belongs here",
});

export const architectureUnsupported = (pool: string): Finding => ({
  code: 'UNSUPPORTED_ARCHITECTURE',
  given: `arm64 nodes of pool ${quote(pool)} with rke1()`,
  allowed: 'amd64 nodes with RKE, whose ARM support was experimental when it ended',
  fix: 'install the cluster with rke2(), which takes the same description',
});

export const architectureConflict = (pool: string): Finding => ({
  code: 'CONFLICTING_ARCHITECTURE',
  given: `amd64 nodes of pool ${quote(pool)} with GPUs that are built with an ARM processor only`,
  allowed: "architecture: 'arm64' for these GPUs",
  fix: 'remove `architecture`, or name the GPUs that the nodes really have',
});

export const hostAddressesMissing = (host: string): Finding => ({
  code: 'MISSING_HOST_ADDRESSES',
  given: `host ${quote(host)}, a name of a private network, without addresses`,
  allowed: 'public host names, or private ones with the addresses behind them: the NetworkPolicies let pods reach addresses, not names',
  fix: `add the addresses that \`getent hosts ${host}\` prints, e.g. cidrs: ['10.1.2.3/32']`,
});
