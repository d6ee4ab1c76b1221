import { type Finding, quote } from '../errors';

export const rke1ReleaseUnknown = (given: string, last: string): Finding => ({
  code: 'UNKNOWN_RKE1_RELEASE',
  given: quote(given),
  allowed: `a Kubernetes version with its patch level, or the name of an RKE release, up to ${last}`,
  fix: `write '${last}'`,
});

export const rke1ReleaseTooNew = (given: string, newest: number): Finding => ({
  code: 'UNSUPPORTED_RKE1_RELEASE',
  given: quote(given),
  allowed: `Kubernetes 1.27 to 1.${newest}: RKE was archived after 1.${newest}`,
  fix: 'write rke2({ … }): it takes the same description',
});

export const rke2ReleaseUnknown = (given: string): Finding => ({
  code: 'UNKNOWN_RKE2_RELEASE',
  given: quote(given),
  allowed: 'a Kubernetes version with its patch level (1.31.9), or the name of an RKE2 release (v1.31.9+rke2r1)',
  fix: 'add the patch level: nodes that are made later must get the same release',
});

export const releaseTooOld = (what: string, given: string, since: string): Finding => ({
  code: 'UNSUPPORTED_RELEASE',
  given: `${what} on ${given}`,
  allowed: `${what} from ${since} on`,
  fix: `write version '${since}' or later, or leave ${what} out`,
});

export const networkUnsupported = (given: unknown, installer: string, known: readonly string[], near?: string): Finding => ({
  code: 'UNSUPPORTED_NETWORK',
  given: `${quote(given)} with ${installer}`,
  allowed: known.join(', '),
  fix: near ? `did you mean '${near}'?` : "write 'canal', which both distributions install by default",
});

export const weaveRemoved = (version: string): Finding => ({
  code: 'UNSUPPORTED_NETWORK_RELEASE',
  given: `weave with Kubernetes ${version}`,
  allowed: 'weave before 1.30: RKE refuses it since',
  fix: "write network: 'canal'; the plugin of a running cluster cannot be changed, so this is for a new one",
});

export const mtuWithFlannel = (mtu: number): Finding => ({
  code: 'UNSUPPORTED_MTU',
  given: `mtu ${mtu} with flannel`,
  allowed: 'no mtu: RKE refuses one for flannel, which finds it out by itself',
  fix: 'leave mtu out, or choose canal',
});

export const podMtuInvalid = (given: unknown): Finding => ({
  code: 'INVALID_POD_MTU',
  given: quote(given),
  allowed: 'a whole number of bytes from 576 to 65535',
  fix: 'leave mtu out: it is derived from the mtu of the cloud',
});

export const podMtuTooLarge = (mtu: number, cloud: number, overhead: number, network: string): Finding => ({
  code: 'EXCEEDS_POD_MTU',
  given: `mtu ${mtu} of pods, on a network with mtu ${cloud}`,
  allowed: `at most ${cloud - overhead}: ${network} adds ${overhead} bytes to each packet between nodes`,
  fix: `write ${cloud - overhead}, or leave mtu out`,
});

export const ingressUnsupported = (given: unknown, installer: string, known: readonly string[]): Finding => ({
  code: 'UNSUPPORTED_INGRESS',
  given: `${quote(given)} with ${installer}`,
  allowed: known.join(', '),
  fix: given === 'traefik' ? "write rke2({ … }), or ingress: 'nginx'" : "write ingress: 'nginx'",
});

export const ingressRemoved = (version: string): Finding => ({
  code: 'UNSUPPORTED_INGRESS_RELEASE',
  given: `ingress-nginx with RKE2 ${version}`,
  allowed: 'ingress-nginx up to 1.36: it was retired in March 2026 and RKE2 1.37 installs it no more',
  fix: "write ingress: 'traefik'",
});

export const cloudProviderInTree = (given: unknown): Finding => ({
  code: 'UNSUPPORTED_CLOUD_PROVIDER',
  given: `cloudProvider ${quote(given)}`,
  allowed: "'external' or 'none': Kubernetes 1.26 removed what it knew of OpenStack itself",
  fix: 'write openstack({ cloudController: true, … }) for load balancers and zones, and storage: { default: cinder() } for volumes',
});

export const cloudProviderMissing = (): Finding => ({
  code: 'MISSING_CLOUD_PROVIDER',
  given: "cloudController with cloudProvider 'none'",
  allowed: "cloudProvider 'external', where a cloud controller initializes the nodes",
  fix: 'leave cloudProvider out',
});

export const sshUserRoot = (): Finding => ({
  code: 'INSECURE_SSH_USER',
  given: "user 'root'",
  allowed: 'another user: on Enterprise Linux sshd forwards no Docker socket for root, and RKE needs that',
  fix: "leave ssh.user out: the user 'rke' is made",
});

export const sshUserInvalid = (given: unknown): Finding => ({
  code: 'INVALID_SSH_USER',
  given: quote(given),
  allowed: 'at most 32 lower-case letters, digits, - and _, a letter or _ first',
  fix: "write e.g. 'rke'",
});

export const nodePortsInvalid = (given: unknown): Finding => ({
  code: 'INVALID_NODE_PORTS',
  given: quote(given),
  allowed: 'the first and the last port, from 1 to 65535, the smaller one first',
  fix: "write e.g. '30000-32767'",
});

export const nodePortsTaken = (given: string, port: number, purpose: string): Finding => ({
  code: 'RESERVED_NODE_PORTS',
  given: `${given}, which has ${port} in it`,
  allowed: `ports that the node itself does not answer on; ${port}: ${purpose}`,
  fix: "choose a range above 30000, e.g. '30000-32767'",
});

export const sanInvalid = (given: unknown): Finding => ({
  code: 'INVALID_SAN',
  given: quote(given),
  allowed: 'host names and IPv4 addresses',
  fix: "write e.g. 'k8s.example.org', without scheme and port",
});

export const snapshotIntervalInvalid = (given: unknown, allowed: string): Finding => ({
  code: 'INVALID_SNAPSHOT_INTERVAL',
  given: quote(given),
  allowed,
  fix: "write '12h'",
});

export const snapshotKeepInvalid = (given: unknown): Finding => ({
  code: 'INVALID_SNAPSHOT_KEEP',
  given: quote(given),
  allowed: 'a whole number above 0',
  fix: 'write how many snapshots are kept, e.g. 6',
});

export const snapshotStoreInvalid = (what: string, given: unknown, allowed: string): Finding => ({
  code: 'INVALID_SNAPSHOT_STORE',
  given: `${what} ${quote(given)}`,
  allowed,
  fix: "write e.g. { endpoint: 's3.example.org', bucket: 'etcd' }",
});

export const upgradeInvalid = (what: string, given: unknown, allowed: string): Finding => ({
  code: 'INVALID_UPGRADE',
  given: `${what} ${quote(given)}`,
  allowed,
  fix: 'leave it out: one control plane and a tenth of the workers at a time',
});

export const registryInvalid = (given: unknown): Finding => ({
  code: 'INVALID_REGISTRY',
  given: quote(given),
  allowed: 'a host name with an optional port, without scheme and path',
  fix: "write e.g. 'registry.example.org:5000'",
});

export const registryDefaultTwice = (first: string, second: string): Finding => ({
  code: 'DUPLICATE_DEFAULT_REGISTRY',
  given: `${first} and ${second}, both the default`,
  allowed: 'one registry that system images are pulled from',
  fix: `write { url: '${second}', isDefault: false }`,
});

export const registryMirrorInvalid = (name: string, project: unknown): Finding => ({
  code: 'INVALID_REGISTRY_MIRROR',
  given: `${quote(name)}: ${quote(project)}`,
  allowed: 'the host of a registry, and the project that has its images, or an empty text',
  fix: "write e.g. mirrors: { 'docker.io': '', 'quay.io': 'quay-proxy' }",
});

export const registryMirrorUnsupported = (name: string, project: string): Finding => ({
  code: 'UNSUPPORTED_REGISTRY_MIRROR',
  given: `a mirror of ${name}${project === '' ? '' : ` below ${quote(project)}`} with RKE, whose Docker mirrors docker.io under the same path only`,
  allowed: "mirrors: { 'docker.io': '' }",
  fix: 'remove it, and name the mirrored images in `registry` or `images` of the site; or use rke2()',
});

export const registryMirrorTwice = (name: string, first: string, second: string): Finding => ({
  code: 'DUPLICATE_REGISTRY_MIRROR',
  given: `${name} mirrored by ${first} and by ${second}`,
  allowed: 'one mirror for each registry',
  fix: `remove '${name}' from the mirrors of one of them`,
});

export const addonsUnsupported = (count: number): Finding => ({
  code: 'UNSUPPORTED_ADDONS',
  given: `${count} addons with RKE2`,
  allowed: 'addons with RKE1; RKE2 applies only what lies in a folder of its servers',
  fix: 'put the manifests beside the facility in the GitOps repository',
});

export const componentUnknown = (given: string, known: readonly string[], near?: string): Finding => ({
  code: 'UNKNOWN_COMPONENT',
  given: quote(given),
  allowed: known.join(', '),
  fix: near ? `did you mean '${near}'?` : 'use the name of the component’s command',
});

export const serviceCidrTooSmall = (cidr: string): Finding => ({
  code: 'EXCEEDS_SERVICE_CIDR',
  given: cidr,
  allowed: 'at least a /28: the tenth address is that of DNS',
  fix: 'widen serviceCidr, e.g. to 10.43.0.0/16',
});

export const nodeLabelReserved = (key: string): Finding => ({
  code: 'RESERVED_NODE_LABEL',
  given: quote(key),
  allowed: 'labels outside of kubernetes.io and k8s.io: a kubelet refuses to start with those',
  fix: 'choose a prefix of your own, e.g. example.org/gpu',
});

export const rke1EndOfLife = (): Finding => ({
  severity: 'warning',
  code: 'UNSUPPORTED_RKE1',
  given: 'rke1(): RKE reached its end of life in July 2025 and its repository is archived',
  allowed: 'rke2() for new clusters, which takes the same props',
  fix: 'plan the move to rke2(); until then, accept this warning with a reason',
});

export const rke1Subscription = (version: string): Finding => ({
  severity: 'warning',
  code: 'UNSUPPORTED_RKE1_VERSION',
  given: `version ${version}, whose RKE releases are for subscribers of RKE Extended Life only`,
  allowed: 'a version with a public release of RKE, or a subscription',
  fix: 'use rke2(), or make sure that your subscription covers this release',
});

export const cloudMtuMissing = (network: string, outer: number): Finding => ({
  severity: 'warning',
  code: 'MISSING_CLOUD_MTU',
  given: `no mtu of the cloud's network: ${network} assumes ${outer}, and if the network carries less, large packets between nodes are lost`,
  allowed: 'the mtu that `openstack network show <network>` prints',
  fix: `write openstack({ mtu: ${outer} }) with that value`,
});

export const networkPoliciesIgnored = (network: string): Finding => ({
  severity: 'warning',
  code: 'INSECURE_POD_NETWORK',
  given: `network ${quote(network)}, which does not enforce NetworkPolicies: every pod reaches every other pod`,
  allowed: "a network plugin that enforces NetworkPolicies: 'canal', 'calico' or 'cilium'",
  fix: "write network: 'canal'",
});

export const podNetworkMissing = (): Finding => ({
  severity: 'warning',
  code: 'MISSING_POD_NETWORK',
  given: "network 'none': nodes stay NotReady until a network plugin is installed",
  allowed: 'a network plugin that you install yourself, or one of the library',
  fix: "install your network plugin right after the first start, or write network: 'canal'",
});

export const registrationAddressMissing = (servers: number, first: string): Finding => ({
  severity: 'warning',
  code: 'MISSING_REGISTRATION_ADDRESS',
  given: `${servers} servers without a load balancer: while ${first} is down, no node can join and kubectl must be pointed at another server`,
  allowed: 'a load balancer in front of the servers',
  fix: "write openstack({ entry: 'load-balancer' }), or accept this warning with a reason",
});

export const upgradeStrategyIgnored = (): Finding => ({
  severity: 'warning',
  code: 'UNSUPPORTED_UPGRADE_STRATEGY',
  given: '`upgrade` of an RKE2 cluster, which has no upgrade strategy of its own: it has no effect',
  allowed: "a Plan of Rancher's system-upgrade-controller",
  fix: 'write the strategy into that Plan, and remove `upgrade`',
});

export const secretEncryptionIgnored = (): Finding => ({
  severity: 'warning',
  code: 'UNSUPPORTED_SECRET_ENCRYPTION',
  given: 'encryptSecrets: false, which has no effect: RKE2 always encrypts Secrets in etcd',
  allowed: 'encryptSecrets: true, or no `encryptSecrets`',
  fix: 'remove `encryptSecrets`',
});

export const cloudControllerMissing = (): Finding => ({
  severity: 'warning',
  code: 'MISSING_CLOUD_CONTROLLER',
  given: "cloudProvider 'external' without a cloud controller: nodes stay unschedulable until one is installed",
  allowed: 'the OpenStack cloud controller of the library, or one that you install yourself',
  fix: 'write openstack({ cloudController: true }), or install a cloud controller manager right after the first start',
});

export const addonUnpinned = (addon: string): Finding => ({
  severity: 'warning',
  code: 'INSECURE_ADDON_VERSION',
  given: `addon ${addon}, whose content changes without a commit of yours`,
  allowed: 'a URL that names a tag or a commit, or a file in your repository',
  fix: 'replace the branch in the URL by a tag or a commit',
});

export const nodePortsEphemeral = (range: string): Finding => ({
  severity: 'warning',
  code: 'CONFLICTING_NODE_PORTS',
  given: `nodePorts ${range}: Linux takes the ports of outgoing connections from 32768-60999, so that a Service may find its port in use`,
  allowed: 'ports below 32768',
  fix: "write nodePorts: '30000-32767'",
});

export const etcdSnapshotsLocal = (node: string): Finding => ({
  severity: 'warning',
  code: 'MISSING_ETCD_SNAPSHOT_STORE',
  given: `snapshots of etcd on ${node} alone, the only etcd node: they are lost together with it`,
  allowed: 'a bucket of an S3 store outside the cluster, or three etcd nodes',
  fix: "write etcdSnapshots: { s3: { endpoint: 's3.example.org', bucket: 'etcd' } }",
});
