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
  fix: `for a new cluster, write rke2({ … }); an existing RKE cluster cannot be converted in place: keep its version, at most 1.${newest}`,
});

export const rke2ReleaseUnknown = (given: string): Finding => ({
  code: 'UNKNOWN_RKE2_RELEASE',
  given: quote(given),
  allowed: 'a Kubernetes version with its patch level (1.31.9), or the name of an RKE2 release (v1.31.9+rke2r1)',
  fix: "write version: '1.31.9', with the patch level, so that nodes added later get the same release",
});

export const releaseTooOld = (feature: string, given: string, since: string): Finding => ({
  code: 'UNSUPPORTED_RELEASE',
  given: `${feature} with version ${given}`,
  allowed: `${feature} since version ${since}`,
  fix: `write version '${since}' or later, or remove ${feature}`,
});

export const networkUnsupported = (given: unknown, installer: string, known: readonly string[], near?: string): Finding => ({
  code: 'UNSUPPORTED_NETWORK',
  given: `${quote(given)} with ${installer}`,
  allowed: known.join(', '),
  fix: near ? `write '${near}'` : "write 'canal', the default of RKE and RKE2",
});

export const weaveRemoved = (version: string): Finding => ({
  code: 'UNSUPPORTED_NETWORK_RELEASE',
  given: `weave with Kubernetes ${version}`,
  allowed: 'weave before Kubernetes 1.30',
  fix: "write network: 'canal' for a new cluster; the network plugin of a running cluster cannot be changed",
});

export const mtuWithFlannel = (mtu: number): Finding => ({
  code: 'UNSUPPORTED_MTU',
  given: `mtu ${mtu} with flannel`,
  allowed: 'no mtu: RKE rejects it with flannel, which detects the MTU automatically',
  fix: "remove mtu, or write network: 'canal'",
});

export const podMtuInvalid = (given: unknown): Finding => ({
  code: 'INVALID_POD_MTU',
  given: quote(given),
  allowed: 'a whole number of bytes from 576 to 65535',
  fix: 'remove mtu: it is derived from the mtu of the cloud',
});

export const podMtuTooLarge = (mtu: number, cloud: number, overhead: number, network: string): Finding => ({
  code: 'EXCEEDS_POD_MTU',
  given: `mtu ${mtu} of pods on a network with mtu ${cloud}`,
  allowed: `at most ${cloud - overhead}: ${network} adds ${overhead} bytes to each packet between nodes`,
  fix: `write ${cloud - overhead}, or remove mtu`,
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
  allowed: 'ingress-nginx up to RKE2 1.36: it was retired in March 2026 and RKE2 1.37 no longer includes it',
  fix: "write ingress: 'traefik'",
});

export const cloudProviderInTree = (given: unknown): Finding => ({
  code: 'UNSUPPORTED_CLOUD_PROVIDER',
  given: `cloudProvider ${quote(given)}`,
  allowed: "'external' or 'none': Kubernetes 1.26 removed the in-tree OpenStack provider",
  fix: 'write openstack({ cloudController: true, … }) for load balancers and zones, and storage: { default: cinder() } for volumes',
});

export const cloudProviderMissing = (): Finding => ({
  code: 'MISSING_CLOUD_PROVIDER',
  given: "cloudController with cloudProvider 'none'",
  allowed: "cloudProvider 'external', so that the cloud controller initializes the nodes",
  fix: 'remove cloudProvider',
});

export const sshUserRoot = (): Finding => ({
  code: 'INSECURE_SSH_USER',
  given: "user 'root'",
  allowed: 'another user: RKE needs the Docker socket through SSH, which Enterprise Linux does not forward for root',
  fix: "remove ssh.user to use the default user 'rke'",
});

export const sshUserInvalid = (given: unknown): Finding => ({
  code: 'INVALID_SSH_USER',
  given: quote(given),
  allowed: 'at most 32 lower-case letters, digits, - and _, starting with a letter or _',
  fix: "write e.g. 'rke'",
});

export const nodePortsInvalid = (given: unknown): Finding => ({
  code: 'INVALID_NODE_PORTS',
  given: quote(given),
  allowed: 'a range of ports from 1 to 65535, lower port first',
  fix: "write e.g. '30000-32767'",
});

export const nodePortsTaken = (given: string, port: number, purpose: string): Finding => ({
  code: 'RESERVED_NODE_PORTS',
  given: `${given}, which contains ${port} (${purpose})`,
  allowed: 'ports that the node itself does not listen on',
  fix: "write a range above 30000, e.g. '30000-32767'",
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
  fix: 'write the number of snapshots to keep, e.g. 6',
});

export const snapshotStoreInvalid = (prop: string, given: unknown, allowed: string): Finding => ({
  code: 'INVALID_SNAPSHOT_STORE',
  given: `${prop} ${quote(given)}`,
  allowed,
  fix: "write e.g. { endpoint: 's3.example.org', bucket: 'etcd' }",
});

export const upgradeInvalid = (prop: string, given: unknown, allowed: string): Finding => ({
  code: 'INVALID_UPGRADE',
  given: `${prop} ${quote(given)}`,
  allowed,
  fix: 'remove it to upgrade one control plane node and 10% of the workers at a time',
});

export const registryInvalid = (given: unknown): Finding => ({
  code: 'INVALID_REGISTRY',
  given: quote(given),
  allowed: 'a host name with an optional port, without scheme and path',
  fix: "write e.g. 'registry.example.org:5000'",
});

export const registryDefaultDuplicate = (first: string, second: string): Finding => ({
  code: 'DUPLICATE_DEFAULT_REGISTRY',
  given: `two default registries, ${first} and ${second}`,
  allowed: 'one default registry, which system images are pulled from',
  fix: `write { url: '${second}', isDefault: false }`,
});

export const registryMirrorInvalid = (name: string, project: unknown): Finding => ({
  code: 'INVALID_REGISTRY_MIRROR',
  given: `${quote(name)}: ${quote(project)}`,
  allowed: 'the host name of a registry, and the project that contains its images, or an empty string',
  fix: "write e.g. mirrors: { 'docker.io': '', 'quay.io': 'quay-proxy' }",
});

export const registryMirrorUnsupported = (name: string, project: string): Finding => ({
  code: 'UNSUPPORTED_REGISTRY_MIRROR',
  given: `a mirror of ${name}${project === '' ? '' : ` below ${quote(project)}`} with RKE, whose Docker can only mirror docker.io, without a project`,
  allowed: "mirrors: { 'docker.io': '' }",
  fix: 'remove it and set `registry` or `images` of the site to the mirrored images, or use rke2()',
});

export const registryMirrorDuplicate = (name: string, first: string, second: string): Finding => ({
  code: 'DUPLICATE_REGISTRY_MIRROR',
  given: `${name} mirrored by ${first} and by ${second}`,
  allowed: 'one mirror for each registry',
  fix: `remove '${name}' from the mirrors of one of them`,
});

export const addonsUnsupported = (count: number): Finding => ({
  code: 'UNSUPPORTED_ADDONS',
  given: `${count} addons with RKE2`,
  allowed: 'addons with rke1(); RKE2 has no list of URLs',
  fix: 'remove addons, and commit the manifests to the GitOps repository',
});

export const componentUnknown = (given: string, known: readonly string[], near?: string): Finding => ({
  code: 'UNKNOWN_COMPONENT',
  given: quote(given),
  allowed: known.join(', '),
  fix: near ? `write '${near}'` : 'use the name of a component',
});

export const serviceCidrTooSmall = (cidr: string): Finding => ({
  code: 'EXCEEDS_SERVICE_CIDR',
  given: cidr,
  allowed: 'at least a /28: the tenth address is used for DNS',
  fix: "write a larger range, e.g. serviceCidr: '10.43.0.0/16'",
});

export const nodeLabelReserved = (key: string): Finding => ({
  code: 'RESERVED_NODE_LABEL',
  given: quote(key),
  allowed: 'labels outside of kubernetes.io and k8s.io, which the kubelet rejects at start',
  fix: 'use another prefix, e.g. example.org/gpu',
});

export const rke1EndOfLife = (): Finding => ({
  severity: 'warning',
  code: 'UNSUPPORTED_RKE1',
  given: 'rke1(): RKE reached its end of life in July 2025 and its repository is archived',
  allowed: 'rke2() for new clusters',
  fix: 'for a new cluster, write rke2({ … }); an existing RKE cluster cannot be converted in place: accept this warning with a reason until it is replaced',
});

export const rke1Subscription = (version: string): Finding => ({
  severity: 'warning',
  code: 'UNSUPPORTED_RKE1_VERSION',
  given: `version ${version}, whose RKE releases require a subscription to RKE Extended Life`,
  allowed: 'a version with a public release of RKE, or a subscription',
  fix: 'for a new cluster, write rke2({ … }); on an existing RKE cluster, verify that your subscription covers this release',
});

/**
 * @param outer MTU of the node network that the plugin assumes
 * @param existing name of the node network, if it is not created
 */
export const cloudMtuMissing = (network: string, outer: number, overhead: number, installer: string, existing?: string): Finding => ({
  severity: 'warning',
  code: 'MISSING_CLOUD_MTU',
  given: `no mtu of the cloud's network: ${network} assumes ${outer}, and large packets between nodes are lost if it is smaller`,
  allowed: 'the MTU of the network of the nodes',
  fix:
    existing === undefined
      ? `write openstack({ mtu: ${outer} }), with the MTU of the cloud: \`openstack network show NAME -f value -c mtu\` of another network of the project`
      : `if \`openstack network show ${existing} -f value -c mtu\` prints ${outer}, write ${installer}({ mtu: ${outer - overhead} }); otherwise its output less ${overhead}`,
});

export const networkPoliciesIgnored = (network: string): Finding => ({
  severity: 'warning',
  code: 'INSECURE_POD_NETWORK',
  given: `network ${quote(network)}, which does not enforce NetworkPolicies: all pods can connect to each other`,
  allowed: "a network plugin that enforces NetworkPolicies: 'canal', 'calico' or 'cilium'",
  fix: "for a new cluster, write network: 'canal'; on a running cluster, whose plugin cannot be changed, accept this warning with a reason",
});

export const podNetworkMissing = (): Finding => ({
  severity: 'warning',
  code: 'MISSING_POD_NETWORK',
  given: "network 'none': nodes stay NotReady until a network plugin is installed",
  allowed: 'a network plugin of the distribution, or one that you install',
  fix: "for a new cluster, write network: 'canal'; on a running cluster, install a network plugin and accept this warning with a reason",
});

export const registrationAddressMissing = (servers: number, first: string): Finding => ({
  severity: 'warning',
  code: 'MISSING_REGISTRATION_ADDRESS',
  given: `${servers} servers without a load balancer: while ${first} is down, no node can join and kubectl must use another server`,
  allowed: 'a load balancer in front of the servers',
  fix: "write openstack({ entry: 'load-balancer' }), or accept this warning with a reason",
});

export const upgradeStrategyIgnored = (): Finding => ({
  severity: 'warning',
  code: 'UNSUPPORTED_UPGRADE_STRATEGY',
  given: '`upgrade` with RKE2, where it has no effect',
  allowed: "a Plan of Rancher's system-upgrade-controller",
  fix: 'remove `upgrade`, and set the strategy in a Plan',
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
  allowed: 'the OpenStack cloud controller of the library, or one that you install',
  fix: 'write openstack({ cloudController: true }), or install a cloud controller manager after the first start',
});

export const addonUnpinned = (addon: string): Finding => ({
  severity: 'warning',
  code: 'INSECURE_ADDON_VERSION',
  given: `addon ${addon}, whose content can change at any time`,
  allowed: 'a URL with a tag or a commit, or a file in your repository',
  fix: 'replace the branch in the URL by a tag or a commit',
});

export const nodePortsEphemeral = (range: string): Finding => ({
  severity: 'warning',
  code: 'CONFLICTING_NODE_PORTS',
  given: `nodePorts ${range}: Linux uses 32768-60999 for outgoing connections, so the port of a Service may be in use`,
  allowed: 'ports below 32768',
  fix: "write nodePorts: '30000-32767'",
});

export const etcdSnapshotsLocal = (node: string): Finding => ({
  severity: 'warning',
  code: 'MISSING_ETCD_SNAPSHOT_STORE',
  given: `etcd snapshots only on ${node}, the only etcd node: if it is lost, so are they`,
  allowed: 'an S3 bucket outside of the cluster, or three etcd nodes',
  fix: "write etcdSnapshots: { s3: { endpoint: 's3.example.org', bucket: 'etcd' } }",
});
