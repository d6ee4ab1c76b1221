import { failure, nearest, type Problem, Problems } from '../errors';
import { type KubernetesComponent, kubernetesVersion, range, type Site, seconds } from '../site';
import {
  addonsUnsupported,
  cloudProviderInTree,
  cloudProviderMissing,
  componentUnknown,
  ingressRemoved,
  ingressUnsupported,
  mtuWithFlannel,
  networkUnsupported,
  nodeLabelReserved,
  nodePortsInvalid,
  nodePortsTaken,
  podMtuInvalid,
  podMtuTooLarge,
  registryDefaultDuplicate,
  registryInvalid,
  registryMirrorDuplicate,
  registryMirrorInvalid,
  registryMirrorUnsupported,
  sanInvalid,
  serviceCidrTooSmall,
  snapshotIntervalInvalid,
  snapshotKeepInvalid,
  snapshotStoreInvalid,
  sshUserInvalid,
  sshUserRoot,
  upgradeInvalid,
  weaveRemoved,
} from './messages';
import { encapsulation, NETWORKS } from './mtu';
import { portRules } from './ports';
import { networkOf, type RancherCluster } from './rancher';
import { isHost, isHostAndPort } from './reach';
import { mirrorsOf } from './registries';
import { checkRke2Supports, rke1Release, rke2Release } from './releases';
import { CRON_HOURS, snapshotAuthority, snapshotHost } from './snapshots';

const INSTALLERS = { rke1: 'RKE', rke2: 'RKE2' } as const;

/** A validation rule for one aspect of a cluster; `path` is that of the cluster. */
type Check = (site: Site, cluster: RancherCluster, path: string, problems: Problems) => void;

/**
 * Validates everything that RKE or RKE2 would reject, or accept and fail with later. `defineSite` validates what is common to all sites:
 * addresses, names, roles, ranges.
 *
 * @see https://github.com/rancher-archives/rke/blob/release/v1.8/cluster/validation.go
 */
export function clusterProblems(site: Site): readonly Problem[] {
  const { cluster } = site;
  if (cluster.kind === 'existing') return [];
  const problems = new Problems();
  for (const check of CHECKS) check(site, cluster, `${site.name}/cluster`, problems);
  return problems.all;
}

const checkRelease: Check = (_, cluster, path, problems) => {
  // `defineSite` reports versions that are invalid or too old for the library.
  if (!kubernetesVersion(cluster.version) || cluster.minor < 27) return;
  problems.attempt(`${path}/version`, () => (cluster.kind === 'rke1' ? rke1Release : rke2Release)(cluster.version));
};

const checkNetwork: Check = (_, cluster, path, problems) => {
  const network = networkOf(cluster);
  const known = Object.keys(NETWORKS[cluster.kind]);
  if (!encapsulation(cluster)) {
    problems.add(`${path}/network`, networkUnsupported(network, INSTALLERS[cluster.kind], known, nearest(network, known)));
  }
  if (cluster.kind === 'rke1' && network === 'weave' && cluster.minor >= 30) problems.add(`${path}/network`, weaveRemoved(cluster.version));
  if (cluster.kind === 'rke2' && network === 'flannel')
    problems.attempt(`${path}/network`, () => checkRke2Supports('flannel', cluster.version));
};

const checkMtu: Check = (site, cluster, path, problems) => {
  const { mtu } = cluster.props;
  if (mtu === undefined) return;
  const network = networkOf(cluster);
  const overhead = encapsulation(cluster)?.overhead ?? 0;
  const cloudMtu = site.cloud?.mtu;
  if (cluster.kind === 'rke1' && network === 'flannel') problems.add(`${path}/mtu`, mtuWithFlannel(mtu));
  else if (!(Number.isInteger(mtu) && mtu >= 576 && mtu <= 65_535)) problems.add(`${path}/mtu`, podMtuInvalid(mtu));
  else if (cloudMtu !== undefined && mtu + overhead > cloudMtu)
    problems.add(`${path}/mtu`, podMtuTooLarge(mtu, cloudMtu, overhead, network));
};

const INGRESSES: Readonly<Record<RancherCluster['kind'], readonly string[]>> = {
  rke1: ['nginx', 'none'],
  rke2: ['nginx', 'traefik', 'none'],
};

const checkIngress: Check = (_, cluster, path, problems) => {
  const { ingress = 'nginx' } = cluster.props;
  const known = INGRESSES[cluster.kind];
  if (!known.includes(ingress)) problems.add(`${path}/ingress`, ingressUnsupported(ingress, INSTALLERS[cluster.kind], known));
  if (cluster.kind !== 'rke2') return;
  if (ingress === 'nginx' && cluster.minor >= 37) problems.add(`${path}/ingress`, ingressRemoved(cluster.version));
  if (ingress === 'traefik') problems.attempt(`${path}/ingress`, () => checkRke2Supports('traefik', cluster.version));
};

const checkCloudProvider: Check = (site, cluster, path, problems) => {
  const given: unknown = cluster.props.cloudProvider;
  if (given !== undefined && given !== 'external' && given !== 'none') problems.add(`${path}/cloudProvider`, cloudProviderInTree(given));
  if (given === 'none' && site.cloud?.cloudController) problems.add(`${path}/cloudProvider`, cloudProviderMissing());
};

const checkSshUser: Check = (site, _, __, problems) => {
  const user: unknown = site.ssh?.user;
  const path = `${site.name}/ssh/user`;
  if (user === 'root') problems.add(path, sshUserRoot());
  else if (user !== undefined && !(typeof user === 'string' && /^[a-z_][a-z0-9_-]{0,31}$/.test(user)))
    problems.add(path, sshUserInvalid(user));
};

const checkNodePorts: Check = (site, cluster, path, problems) => {
  const { nodePorts } = cluster.props;
  if (nodePorts === undefined) return;
  const [first = 0, last = 0] = /^\d+-\d+$/.test(nodePorts) ? nodePorts.split('-').map(Number) : [];
  if (!(first >= 1 && first <= last && last <= 65_535)) return problems.add(`${path}/nodePorts`, nodePortsInvalid(nodePorts));
  for (const own of listeningPorts(site)) {
    if (first <= own.last && own.first <= last) problems.add(`${path}/nodePorts`, nodePortsTaken(nodePorts, own.first, own.purpose));
  }
};

/** Ports that processes of a node listen on; a NodePort would hide them, since kube-proxy redirects it. */
function listeningPorts(site: Site): readonly { readonly first: number; readonly last: number; readonly purpose: string }[] {
  const open = portRules({ ...site, cloud: site.cloud && { ...site.cloud, cloudController: false } });
  return [
    ...open.flatMap(({ first, last, purpose }) => (first === undefined ? [] : [{ first, last: last ?? first, purpose }])),
    { first: 10256, last: 10259, purpose: 'kube-proxy, kube-controller-manager and kube-scheduler' },
  ];
}

const checkServiceCidr: Check = (_, cluster, path, problems) => {
  const services = new Problems().attempt('', () => range(cluster.serviceCidr));
  if (services && services.last - services.first < 15) problems.add(`${path}/serviceCidr`, serviceCidrTooSmall(cluster.serviceCidr));
};

const checkSans: Check = (_, cluster, path, problems) => {
  for (const san of cluster.props.sans ?? []) if (!isHost(san)) problems.add(`${path}/sans`, sanInvalid(san));
};

const checkSnapshots: Check = (_, cluster, path, problems) => {
  const { every, keep, s3 } = cluster.props.etcdSnapshots ?? {};
  const at = `${path}/etcdSnapshots`;
  if (every !== undefined) {
    problems.attempt(`${at}/every`, () => {
      const hours = seconds(every) / 3600;
      if (cluster.kind === 'rke2' && !CRON_HOURS.includes(hours)) {
        throw failure(snapshotIntervalInvalid(every, `${CRON_HOURS.join('h, ')}h: divisors of 24 hours`));
      }
      if (!(Number.isInteger(hours) && hours >= 1)) throw failure(snapshotIntervalInvalid(every, 'a whole number of hours'));
    });
  }
  if (keep !== undefined && !(Number.isInteger(keep) && keep >= 1)) problems.add(`${at}/keep`, snapshotKeepInvalid(keep));
  if (!s3) return;
  problems.attempt(`${at}/s3/authority`, () => snapshotAuthority(s3));
  if (!isHostAndPort(snapshotHost(String(s3.endpoint ?? '')))) {
    const allowed = 'a host name with an optional port; https is always used, since a snapshot contains all Secrets';
    problems.add(`${at}/s3/endpoint`, snapshotStoreInvalid('endpoint', s3.endpoint, allowed));
  }
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(String(s3.bucket ?? ''))) {
    problems.add(
      `${at}/s3/bucket`,
      snapshotStoreInvalid('bucket', s3.bucket, 'a bucket name: 3 to 63 lower-case letters, digits, - and .'),
    );
  }
};

const checkUpgrade: Check = (_, cluster, path, problems) => {
  const { workers, controlPlanes } = cluster.props.upgrade ?? {};
  const percent = typeof workers === 'string' ? Number(/^(\d{1,3})%$/.exec(workers)?.[1]) : undefined;
  const isValid = percent === undefined ? Number.isInteger(workers) && Number(workers) >= 1 : percent >= 1 && percent <= 100;
  if (workers !== undefined && !isValid) {
    problems.add(`${path}/upgrade/workers`, upgradeInvalid('workers', workers, "a whole number above 0, or '1%' to '100%'"));
  }
  if (controlPlanes !== undefined && !(Number.isInteger(controlPlanes) && controlPlanes >= 1)) {
    problems.add(`${path}/upgrade/controlPlanes`, upgradeInvalid('controlPlanes', controlPlanes, 'a whole number above 0'));
  }
};

const checkRegistries: Check = (_, cluster, path, problems) => {
  const registries = cluster.props.privateRegistries ?? [];
  for (const { url } of registries) if (!isHostAndPort(url)) problems.add(`${path}/privateRegistries`, registryInvalid(url));
  const [first, ...others] = registries.filter(({ isDefault }) => isDefault ?? true);
  for (const other of others) problems.add(`${path}/privateRegistries`, registryDefaultDuplicate(first?.url ?? '', other.url));
};

const checkMirrors: Check = (_, cluster, path, problems) => {
  const owners = new Map<string, string>();
  for (const registry of cluster.props.privateRegistries ?? []) {
    for (const [name, project] of Object.entries(mirrorsOf(registry))) {
      const at = `${path}/privateRegistries`;
      if (!isHostAndPort(name) || !/^(?:[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*)?$/.test(String(project)))
        problems.add(at, registryMirrorInvalid(name, project));
      else if (cluster.kind === 'rke1' && !(name === 'docker.io' && project === ''))
        problems.add(at, registryMirrorUnsupported(name, project));
      const owner = owners.get(name);
      if (owner !== undefined && registry.mirrors) problems.add(at, registryMirrorDuplicate(name, owner, registry.url));
      owners.set(name, registry.url);
    }
  }
};

const checkAddons: Check = (_, cluster, path, problems) => {
  const count = cluster.props.addons?.length ?? 0;
  if (cluster.kind === 'rke2' && count > 0) problems.add(`${path}/addons`, addonsUnsupported(count));
};

const COMPONENTS = {
  etcd: true,
  'kube-apiserver': true,
  'kube-controller-manager': true,
  'kube-scheduler': true,
  kubelet: true,
  'kube-proxy': true,
} as const satisfies Record<KubernetesComponent, true>;

const checkArguments: Check = (_, cluster, path, problems) => {
  const known = Object.keys(COMPONENTS);
  for (const component of Object.keys(cluster.props.arguments ?? {})) {
    if (!known.includes(component)) problems.add(`${path}/arguments`, componentUnknown(component, known, nearest(component, known)));
  }
};

/**
 * With RKE2, the kubelet sets the labels of its node. It may not set most labels of kubernetes.io and k8s.io.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#noderestriction
 */
const checkLabels: Check = (site, cluster, _, problems) => {
  if (cluster.kind !== 'rke2') return;
  for (const pool of site.pools) {
    for (const key of Object.keys(pool.labels ?? {})) {
      const prefix = key.includes('/') ? (key.split('/')[0] ?? '') : '';
      const reserved = /(^|\.)(kubernetes|k8s)\.io$/.test(prefix) && !/(^|\.)(kubelet|node)\.kubernetes\.io$/.test(prefix);
      if (reserved && !KUBELET_LABELS.includes(key)) problems.add(`${site.name}/pools/${pool.name}/labels`, nodeLabelReserved(key));
    }
  }
};

const KUBELET_LABELS: readonly string[] = [
  'kubernetes.io/arch',
  'kubernetes.io/hostname',
  'kubernetes.io/os',
  'topology.kubernetes.io/region',
  'topology.kubernetes.io/zone',
];

const CHECKS: readonly Check[] = [
  checkRelease,
  checkNetwork,
  checkMtu,
  checkIngress,
  checkCloudProvider,
  checkSshUser,
  checkNodePorts,
  checkServiceCidr,
  checkSans,
  checkSnapshots,
  checkUpgrade,
  checkRegistries,
  checkMirrors,
  checkAddons,
  checkArguments,
  checkLabels,
];
