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
  allowed:
    'lower-case letters, digits and hyphens, starting with a letter and not ending with a hyphen (valid in DNS, OpenStack and Kubernetes)',
  fix: `write '${suggestion}'`,
});

export const hostInvalid = (given: unknown): Finding => ({
  code: 'INVALID_HOST',
  given: quote(given),
  allowed: 'a host name of at least two labels of lower-case letters, digits and hyphens, without scheme, port or path',
  fix: "write e.g. 'jupyter.example.org'",
});

export const nameTooLong = (given: string, longest: number): Finding => ({
  code: 'EXCEEDS_NAME_LENGTH',
  given: `${quote(given)}, ${given.length} characters`,
  allowed: `at most ${longest} characters`,
  fix: 'shorten the name of the site, pool or service that it is built from',
});

export const addressInvalid = (given: unknown, family: 4 | 6 = 4): Finding => ({
  code: 'INVALID_ADDRESS',
  given: quote(given),
  allowed: family === 6 ? 'an IPv6 address' : 'an IPv4 address in dotted decimal notation',
  fix: family === 6 ? "write e.g. '2001:db8::11'" : "write e.g. '10.64.0.11'",
});

export const cidrInvalid = (given: unknown, canonical?: string, family: 4 | 6 = 4): Finding => ({
  code: 'INVALID_CIDR',
  given: quote(given),
  allowed: `an IPv${family} CIDR whose host bits are zero`,
  fix: canonical ? `write '${canonical}'` : `write e.g. '${family === 6 ? '2001:db8::/64' : '10.64.0.0/24'}'`,
});

export const ipv6Unsupported = (): Finding => ({
  code: 'UNSUPPORTED_IPV6',
  given: 'IPv6 ranges with rke1()',
  allowed: 'dual stack with rke2(): RKE supports it only with Calico on Amazon EC2',
  fix: 'install the cluster with rke2(), or remove `ipv6`',
});

export const ipv6Incomplete = (has: string, missing: string): Finding => ({
  code: 'MISSING_IPV6',
  given: `an IPv6 range only for ${has}`,
  allowed: 'IPv6 ranges for nodes, pods and Services together, or no IPv6 range',
  fix: `add ${missing}, or remove \`ipv6\``,
});

export const ipv6NodesTooSmall = (cidr: string, cidr4: string): Finding => ({
  code: 'EXCEEDS_IPV6_CIDR',
  given: `IPv6 range ${cidr} for nodes with IPv4 range ${cidr4}`,
  allowed: 'an IPv6 range with at least as many addresses as the IPv4 range: each node has the same offset in both',
  fix: 'use a /64',
});

export const ipv6AddressMissing = (node: string): Finding => ({
  code: 'MISSING_IPV6_ADDRESS',
  given: `no IPv6 address for ${node}`,
  allowed: 'an IPv6 address for every node of a dual-stack cluster',
  fix: 'set `addresses6` of the pool, or `ipv6` of the cloud',
});

export const addressDuplicate6 = (address: string, node: string, other: string): Finding => ({
  code: 'DUPLICATE_ADDRESS',
  given: `${address} for both ${node} and ${other}`,
  allowed: 'unique node addresses',
  fix: `correct \`addresses6\`: \`ip -6 address\` on ${node} prints its address`,
});

export const addressInClusterRange6 = (address: string, name: string, cidr: string): Finding => ({
  code: 'RESERVED_ADDRESS',
  given: `node address ${address} inside ${name} ${cidr}`,
  allowed: 'node addresses outside the ranges of pods and Services',
  fix: 'correct `addresses6`, or choose another range before the cluster is installed',
});

export const ipv6ServiceCidrInvalid = (cidr: string): Finding => ({
  code: 'INVALID_IPV6_SERVICE_CIDR',
  given: cidr,
  allowed: 'a range from /108 to /124: the API server does not start with a larger one',
  fix: "write e.g. serviceCidr: 'fd00:43::/112'",
});

export const ipv6PodCidrInvalid = (cidr: string, mask: number, nodes: number): Finding => ({
  code: 'INVALID_IPV6_POD_CIDR',
  given: `${cidr} with a /${mask} per node for ${nodes} nodes`,
  allowed: `a range from /${Math.max(0, mask - 16)} to /${Math.max(0, mask - Math.ceil(Math.log2(Math.max(1, nodes))))}: each node gets a /${mask} of it`,
  fix: `use a /${Math.max(0, mask - 8)}, which is enough for 256 nodes`,
});

export const ipv6MaskUnsupported = (): Finding => ({
  code: 'UNSUPPORTED_NODE_CIDR_MASK',
  given: 'node-cidr-mask-size in a dual-stack cluster',
  allowed: 'node-cidr-mask-size-ipv4 and node-cidr-mask-size-ipv6: kube-controller-manager does not start with the other argument',
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
  fix: near ? `write '${near}'` : 'use one of these image names',
});

export const noPools = (): Finding => ({
  code: 'MISSING_POOLS',
  given: 'no node pools',
  allowed: 'at least one node pool',
  fix: "add nodePool('worker', …) to `pools`",
});

export const versionUnsupported = (given: string, oldest: number): Finding => ({
  code: 'UNSUPPORTED_VERSION',
  given: quote(given),
  allowed: `Kubernetes 1.${oldest} or later, as a version like 1.${oldest}.16 or a release name of RKE or RKE2`,
  fix: `write e.g. '1.${oldest}.16'`,
});

export const apiServerInvalid = (given: string): Finding => ({
  code: 'INVALID_API_SERVER',
  given,
  allowed: 'the IP address of each API server, with a port from 1 to 65535: NetworkPolicies do not accept host names',
  fix: "write the addresses that `kubectl get endpointslices -n default -l kubernetes.io/service-name=kubernetes` prints, e.g. ['10.0.0.10:6443']",
});

export const nodesExceeded = (given: number, most: number): Finding => ({
  code: 'EXCEEDS_NODE_COUNT',
  given: `${given} nodes`,
  allowed: `at most ${most} nodes in a cluster, which Kubernetes supports`,
  fix: 'describe a second site for the other nodes, or lower `count`',
});

export const poolDuplicate = (name: string): Finding => ({
  code: 'DUPLICATE_POOL',
  given: `two pools named ${quote(name)}`,
  allowed: 'unique pool names',
  fix: 'rename one of them',
});

export const keyDuplicate = (key: string): Finding => ({
  code: 'DUPLICATE_KEY',
  given: `two nodes with the key ${quote(key)}`,
  allowed: 'unique node keys within a pool',
  fix: 'rename or remove one of them',
});

export const addressesCount = (given: number, nodes: number, prop: 'addresses' | 'addresses6'): Finding => ({
  code: 'INVALID_ADDRESS_COUNT',
  given: `${given} addresses for ${nodes} nodes`,
  allowed: 'one address per node',
  fix: `give as many \`${prop}\` as the pool has nodes (\`count\` or \`keys\`)`,
});

export const hostnamesCount = (given: number, nodes: number): Finding => ({
  code: 'INVALID_HOSTNAME_COUNT',
  given: `${given} host names for ${nodes} nodes`,
  allowed: 'one host name per node',
  fix: 'give as many `hostnames` as the pool has nodes (`count` or `keys`)',
});

export const hostnameInvalid = (given: unknown): Finding => ({
  code: 'INVALID_HOSTNAME',
  given: quote(given),
  allowed: 'a node name: lower-case letters, digits, hyphens and dots, at most 253 characters',
  fix: 'write the name that `kubectl get nodes` prints',
});

export const hostnameDuplicate = (name: string): Finding => ({
  code: 'DUPLICATE_HOSTNAME',
  given: `two nodes named ${quote(name)}`,
  allowed: 'unique node names',
  fix: 'list each name that `kubectl get nodes` prints once',
});

export const hostnamesUnsupported = (cluster: string): Finding => ({
  code: 'UNSUPPORTED_HOSTNAMES',
  given: `\`hostnames\` in a cluster that is installed by ${cluster}`,
  allowed: '`hostnames` only with existingCluster(…); otherwise nodes are named <site>-<pool>-<key>',
  fix: 'remove `hostnames`; set `keys` to choose the last part of the node names',
});

export const hostnamesMissing = (pool: string, labels: string): Finding => ({
  code: 'MISSING_HOSTNAMES',
  given: `different MIG layouts in pool ${quote(pool)}, whose nodes are identified only by labels: ${labels}`,
  allowed: '`hostnames` of the pool, one per key, so that each layout can be assigned to its node',
  fix: "add hostnames: ['…', …] as `kubectl get nodes` prints them, or define one pool per layout, each with its own label",
});

export const roleUnknown = (given: unknown, known: readonly string[]): Finding => ({
  code: 'UNKNOWN_ROLE',
  given: quote(given),
  allowed: known.join(', '),
  fix: 'use one of these roles',
});

export const roleMissing = (role: string): Finding => ({
  code: 'MISSING_ROLE',
  given: `no node with the role ${role}`,
  allowed: 'at least one node with each of the roles controlplane, etcd and worker',
  fix: `add '${role}' to the roles of a pool`,
});

export const etcdEven = (count: number): Finding => ({
  code: 'INVALID_ETCD_COUNT',
  given: `${count} etcd nodes`,
  allowed: 'an odd number: 1, 3 or 5',
  fix: `use ${count - 1} or ${count + 1} etcd nodes: ${count} tolerate no more failures than ${count - 1}`,
});

export const imageInvalid = (given: unknown): Finding => ({
  code: 'INVALID_IMAGE',
  given: quote(given),
  allowed: 'an image reference: optional registry, lower-case path, optional tag and digest',
  fix: "write e.g. 'ghcr.io/example/tool:1.4.2'",
});

/** Reports only the form of the value, without repeating it: it may be the secret itself. */
export const secretInvalid = (given: string): Finding => ({
  code: 'INVALID_SECRET',
  given,
  allowed: 'a Secret name of lower-case letters, digits, hyphens and dots, and a key of letters, digits, hyphens, dots and underscores',
  fix: "write e.g. secret('iam-client', 'secret'), and store the value in the cluster with `npx facility bootstrap`",
});

export const labelInvalid = (key: string, value: string): Finding => ({
  code: 'INVALID_LABEL',
  given: `${quote(key)}: ${quote(value)}`,
  allowed: 'a key of at most 63 letters, digits, -, _ and . with an optional DNS prefix and /, and a value of the same characters or empty',
  fix: 'remove the invalid characters',
});

export const taintInvalid = (effect: unknown): Finding => ({
  code: 'INVALID_TAINT',
  given: `effect ${quote(effect)}`,
  allowed: 'NoSchedule, PreferNoSchedule, NoExecute',
  fix: 'use one of these effects',
});

export const volumeDuplicate = (name: string): Finding => ({
  code: 'DUPLICATE_VOLUME',
  given: `two data volumes named ${quote(name)}`,
  allowed: 'unique volume names within a pool',
  fix: 'rename one of them',
});

export const cidrOverlap = (name: string, cidr: string, otherName: string, other: string, fix: string): Finding => ({
  code: 'CONFLICTING_CIDR',
  given: `${name} ${cidr} overlaps with ${otherName} ${other}`,
  allowed: 'ranges of nodes, pods and Services that do not overlap',
  fix,
});

export const podCidrTooSmall = (cidr: string, capacity: number, nodes: number, mask: number, free?: string): Finding => ({
  code: 'EXCEEDS_POD_CIDR',
  given: `${nodes} nodes with podCidr ${cidr}`,
  allowed: `at most ${capacity} nodes: each node gets a /${mask} of the range`,
  fix:
    free === undefined
      ? 'use fewer nodes, or a larger node-cidr-mask-size'
      : `write podCidr: '${free}' before the cluster is installed: it cannot be changed later`,
});

export const nodeBlockTooSmall = (pods: number, mask: number, most: number, wanted: number, free?: string): Finding => ({
  code: 'EXCEEDS_NODE_CIDR',
  given: `max-pods ${pods} with a /${mask} of pod addresses per node`,
  allowed: `at most ${most} pods per node, one for each usable address`,
  fix: `write arguments: { 'kube-controller-manager': { 'node-cidr-mask-size': '${wanted}' } }${free === undefined ? '' : ` and podCidr: '${free}'`} before the cluster is installed, or lower max-pods to ${most}`,
});

export const nodeMaskInvalid = (given: string, least: number, most: number): Finding => ({
  code: 'INVALID_NODE_CIDR_MASK',
  given: `node-cidr-mask-size ${quote(given)}`,
  allowed: `a prefix length from ${least} (podCidr) to ${most}: kube-controller-manager does not start otherwise`,
  fix: `write '${Math.max(least, Math.min(24, most))}', or remove node-cidr-mask-size from the arguments`,
});

export const addressInClusterRange = (address: string, name: string, cidr: string, fix: string): Finding => ({
  code: 'RESERVED_ADDRESS',
  given: `node address ${address} inside ${name} ${cidr}`,
  allowed: 'node addresses outside the ranges of pods and Services',
  fix,
});

export const nodeAddressMissing = (node: string): Finding => ({
  code: 'MISSING_NODE_ADDRESS',
  given: `no address for ${node}`,
  allowed: 'an address for every node on which Kubernetes is installed',
  fix: 'set `addresses` or `firstAddress` of the pool, or `cloud` of the site',
});

export const addressDuplicate = (address: string, node: string, other: string, pool: string): Finding => ({
  code: 'DUPLICATE_ADDRESS',
  given: `${address} for both ${node} and ${other}`,
  allowed: 'unique node addresses',
  fix: `set firstAddress of pool '${pool}' to an address after the last node of the previous pool`,
});

export const addressOfSubnet = (address: string, first: string, last: string): Finding => ({
  code: 'RESERVED_ADDRESS',
  given: `${address}, which belongs to the network, its gateway or its broadcast address`,
  allowed: `an address from ${first} to ${last}`,
  fix: `set \`firstAddress\` or \`addresses\` of the pool to addresses from ${first} to ${last}`,
});

export const addressInAllocationPool = (address: string, { first, last }: { first: string; last: string }): Finding => ({
  code: 'RESERVED_ADDRESS',
  given: `${address}, which belongs to the allocation pool of OpenStack`,
  allowed: `an address outside the allocation pool, ${first} to ${last}`,
  fix: `set \`firstAddress\` or \`addresses\` of the pool to addresses outside ${first} to ${last}, or set another openstack({ allocationPool })`,
});

export const publicAddressInNetwork = (address: string, cidr: string): Finding => ({
  code: 'RESERVED_ADDRESS',
  given: `${address}, which belongs to the network of the nodes, ${cidr}`,
  allowed: 'a floating IP, which is outside the network of the nodes',
  fix: "write an address that `openstack floating ip list` prints, or floatingIp: 'none' if it is the address of the entry node itself",
});

export const storageDuplicate = (name: string): Finding => ({
  code: 'DUPLICATE_STORAGE',
  given: `two storage classes named ${quote(name)}`,
  allowed: 'unique StorageClass names',
  fix: 'rename one of them',
});

export const storageNeedsCloud = (name: string): Finding => ({
  code: 'UNSUPPORTED_STORAGE',
  given: `cinder class ${quote(name)} on a site without a cloud`,
  allowed: 'cinder() on a site with `cloud`, storageClass(name) for a StorageClass that exists in the cluster',
  fix: `write storageClass('${name}')`,
});

export const cloudNeedsField = (field: 'flavor' | 'image'): Finding => ({
  code: 'MISSING_POOL_FIELD',
  given: 'no value',
  allowed: `the name of an OpenStack ${field}, from which the virtual machines are created`,
  fix:
    field === 'flavor'
      ? "write name: 'm1.large' in the flavor of the pool, with a name that `openstack flavor list` prints"
      : "write image: 'AlmaLinux-9.2' in the pool, with a name that `openstack image list` prints",
});

export const sshKeyInvalid = (): Finding => ({
  code: 'INVALID_SSH_KEY',
  given: 'a value that is not an SSH public key',
  allowed: "one line as in ~/.ssh/id_ed25519.pub: 'ssh-ed25519 AAAA… comment'",
  fix: 'paste the public key, never the private key',
});

export const entryNotIngress = (node: string): Finding => ({
  code: 'MISSING_INGRESS_ON_ENTRY',
  given: `a public address on ${node}, which does not have the role worker and therefore runs no ingress controller`,
  allowed: 'a first control-plane node that also has the role worker, or a load balancer',
  fix: "write entry: 'load-balancer', or add the role worker to its pool",
});

export const acceleratorInvalid = (resource: unknown, count: unknown): Finding => ({
  code: 'INVALID_ACCELERATOR',
  given: `${quote(count)} of ${quote(resource)}`,
  allowed: 'a positive integer of an extended resource, named by a domain other than kubernetes.io, a slash and a name',
  fix: "write e.g. accelerator('example.com/gpu', { count: 1 }); `kubectl describe node` prints the names under Allocatable",
});

export const etcdSingle = (node: string): Finding => ({
  severity: 'warning',
  code: 'MISSING_ETCD_REDUNDANCY',
  given: `a single etcd node (${node}): if it is lost, the cluster state since the last snapshot is lost`,
  allowed: 'three etcd nodes, which tolerate the loss of one',
  fix: 'set count: 3 for the pool with the role etcd',
});

export const acceptanceReasonMissing = (code: string): Finding => ({
  code: 'MISSING_ACCEPTANCE_REASON',
  given: `accepted warning ${code} without a reason`,
  allowed: 'a sentence that explains why this warning is acceptable here',
  fix: "add `reason: '…'`",
});

export const kubeletArgumentInvalid = (argument: string, given: string, example: string): Finding => ({
  code: 'INVALID_KUBELET_ARGUMENT',
  given: `--${argument}=${given}`,
  allowed: `a value in the format of the kubelet, e.g. ${example}`,
  fix: `write e.g. ${example} in arguments.kubelet['${argument}'] of the cluster, or remove it${argument === 'max-pods' ? '' : ' and set `reserved` of the pools'}`,
});

export const reservedExceedsFlavor = (what: 'cpu' | 'memory', given: string): Finding => ({
  code: 'EXCEEDS_FLAVOR',
  given: `reserved ${what} that leaves none of ${given} for pods`,
  allowed:
    'reserved, system reserved and eviction thresholds that are in total less than the node has: the kubelet does not start otherwise',
  fix: `lower \`reserved\`, or use a larger flavor (Linux itself uses 1/64 of the memory plus 512 MiB)`,
});

export const reservedDiffers = (pools: readonly string[]): Finding => ({
  code: 'CONFLICTING_RESERVED',
  given: `pools ${pools.join(', ')} with different values of \`reserved\``,
  allowed: 'one value for all pools: RKE starts every kubelet with the same arguments',
  fix: 'set the largest value for every pool, or install the cluster with rke2(), which has kubelet arguments per node',
});

export const reservedConflict = (argument: string): Finding => ({
  code: 'CONFLICTING_RESERVED',
  given: `both \`reserved\` of the pool and arguments.kubelet['${argument}'] of the cluster`,
  allowed: 'only one of them',
  fix: `remove '${argument}' from the arguments of the cluster`,
});

export const allocatableUnsupported = (kind: string): Finding => ({
  code: 'UNSUPPORTED_ALLOCATABLE',
  given: `\`allocatable\` in a cluster that is installed by ${kind}`,
  allowed: '`allocatable` only with existingCluster(); otherwise it is computed from `flavor` and `reserved`',
  fix: 'remove `allocatable`, and set `reserved` instead',
});

export const keyAddressMissing = (key: string, free: string): Finding => ({
  code: 'MISSING_KEY_ADDRESS',
  given: `key ${quote(key)} without an address`,
  allowed: 'a number or a single letter as key, whose address is counted from `firstAddress`, or an explicit address',
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
  given: `key ${quote(key)} in \`retired\`, although the pool has a node with this key`,
  allowed: 'keys of nodes that were removed from `count` or `keys`',
  fix: `remove ${quote(key)} from \`retired\`, or from the keys of the pool`,
});

export const formerNameTaken = (former: string, pool: string): Finding => ({
  code: 'CONFLICTING_FORMER_POOL_NAME',
  given: `renamedFrom ${quote(former)}, which is a name of pool ${quote(pool)}`,
  allowed: 'names that no pool has any more: the machines of a name belong to one pool',
  fix: `remove ${quote(former)} from \`renamedFrom\`, or give pool ${quote(pool)} a new name`,
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
  fix: 'write the UUID that `openstack router show NAME -f value -c id` prints',
});

export const externalNetworkMissing = (needed: readonly string[]): Finding => ({
  code: 'MISSING_EXTERNAL_NETWORK',
  given: 'no `externalNetwork`',
  allowed: `the name of an external network, for ${needed.join(' and ')}`,
  fix: "write externalNetwork: 'NAME' (`openstack network list --external`); or, to use a provider network without floating IPs, write network: 'NAME', floatingIp: 'none'",
});

export const zoneConflict = (zone: string, zones: readonly string[]): Finding => ({
  code: 'CONFLICTING_ZONES',
  given: `availability zone ${quote(zone)} for volumes of nodes that are, or have other volumes, in ${zones.map(quote).join(', ')}`,
  allowed: 'one availability zone for a node and its volumes: a volume cannot be attached across zones',
  fix: `write availabilityZone: ${quote(zones[0])}, or remove it from the volume`,
});

export const volumesExceeded = (count: number, most: number): Finding => ({
  code: 'EXCEEDS_VOLUMES',
  given: `${count} data volumes on each node`,
  allowed: `at most ${most} volumes beside the root disk of a virtual machine`,
  fix: 'use fewer, larger volumes or more nodes; if your cloud supports more, set openstack({ volumesPerMachine: … })',
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
  fix: 'allow the address range of the nodes on the proxy, and remove the credentials from the URL',
});

export const noProxyInvalid = (given: unknown): Finding => ({
  code: 'INVALID_NO_PROXY',
  given: quote(given),
  allowed: 'one host name, domain (.example.org), address or CIDR per entry',
  fix: "write e.g. noProxy: ['.example.org', '10.1.0.0/16']",
});

export const mirrorInvalid = (given: unknown): Finding => ({
  code: 'INVALID_MIRROR',
  given: quote(given),
  allowed: 'an https URL without credentials: package signing keys are downloaded from it',
  fix: "write e.g. 'https://mirror.example.org/docker'",
});

export const egressUnused = (): Finding => ({
  severity: 'warning',
  code: 'UNSUPPORTED_EGRESS',
  given: '`egress` without `cloud` or rke2(): it is not written to any node',
  allowed: '`egress` with a cloud (written into cloud-init) or with rke2() (written into its environment file)',
  fix: 'configure proxy, mirrors and CA certificates on the machines yourself, and remove `egress`',
});

/** Does not repeat the value: it may be a private key. */
export const authorityInvalid = (given: string): Finding => ({
  code: 'INVALID_AUTHORITY',
  given,
  allowed: 'CA certificates in PEM format (-----BEGIN CERTIFICATE-----)',
  fix: "read the certificate from its file, e.g. readFileSync('ca.crt', 'utf8'), never the private key of the CA",
});

export const architectureUnsupported = (pool: string): Finding => ({
  code: 'UNSUPPORTED_ARCHITECTURE',
  given: `arm64 nodes of pool ${quote(pool)} with rke1()`,
  allowed: 'amd64 nodes with RKE, whose ARM support was still experimental at its end of life',
  fix: 'for a new cluster, write rke2({ … }); an existing RKE cluster cannot be converted in place',
});

export const architectureConflict = (pool: string): Finding => ({
  code: 'CONFLICTING_ARCHITECTURE',
  given: `architecture amd64 of pool ${quote(pool)} with GPUs that exist only with an ARM processor`,
  allowed: "architecture: 'arm64' for these GPUs",
  fix: 'remove `architecture`, or correct `gpus`',
});

export const hostAddressesMissing = (host: string): Finding => ({
  code: 'MISSING_HOST_ADDRESSES',
  given: `private host name ${quote(host)} without addresses`,
  allowed: 'a public host name, or a private one with its addresses: NetworkPolicies allow addresses, not names',
  fix: `add the addresses that \`getent hosts ${host}\` prints, e.g. cidrs: ['10.1.2.3/32']`,
});

export const fileSystemPath = (path: unknown): Finding => ({
  code: 'INVALID_FILE_SYSTEM_PATH',
  given: `path ${quote(path)} of a file system`,
  allowed: 'an absolute path without ..',
  fix: "write e.g. path: '/export/data'",
});

export const fileSystemServer = (server: unknown): Finding => ({
  code: 'INVALID_FILE_SYSTEM_SERVER',
  given: `NFS server ${quote(server)}`,
  allowed: 'a host name or an IP address, without port or path',
  fix: "write e.g. server: 'nfs.example.org', path: '/export/data'",
});

export const fileSystemOptions = (option: unknown): Finding => ({
  code: 'INVALID_MOUNT_OPTION',
  given: `mount option ${quote(option)}`,
  allowed: 'one option per entry, without spaces or commas',
  fix: "write e.g. mountOptions: ['nfsvers=4.2', 'noatime']",
});

export const fileSystemSecret = (attribute: string): Finding => ({
  code: 'INSECURE_FILE_SYSTEM_ATTRIBUTE',
  given: `attribute ${quote(attribute)}, whose name suggests a secret: everyone who can read PersistentVolumes can read it, and so can everyone who can read the repository`,
  allowed: 'attributes that are not confidential',
  fix: "write the value to a Secret and refer to it: secret: { name: '<secret>', namespace: '<namespace of the driver>' }",
});
