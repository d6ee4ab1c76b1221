import { type Problem, problemAt } from '../errors';
import { loadBalancerAddress, nodesWith, type Rke1Cluster, type Rke2Cluster, type Site } from '../site';
import {
  addonUnpinned,
  cloudControllerMissing,
  cloudMtuMissing,
  etcdSnapshotsLocal,
  networkPoliciesIgnored,
  nodePortsEphemeral,
  podNetworkMissing,
  registrationAddressMissing,
  rke1EndOfLife,
  rke1Subscription,
  secretEncryptionIgnored,
  upgradeStrategyIgnored,
} from './messages';
import { encapsulation } from './mtu';
import { networkOf, type RancherCluster } from './rancher';
import { firstServer } from './reach';
import { RKE1_SUBSCRIPTION } from './releases';

/** First port of the default range for outgoing connections: net.ipv4.ip_local_port_range. */
const FIRST_EPHEMERAL_PORT = 32_768;

/** Warnings about the cluster: valid settings with known disadvantages. */
export function clusterWarnings(site: Site): readonly Problem[] {
  const { cluster } = site;
  if (cluster.kind === 'existing') return [];
  return [
    ...(cluster.kind === 'rke1' ? rke1Warnings(site, cluster) : rke2Warnings(site, cluster)),
    ...networkWarnings(site, cluster),
    ...otherWarnings(site, cluster),
  ];
}

function rke1Warnings({ name }: Site, cluster: Rke1Cluster): readonly Problem[] {
  const { addons = [] } = cluster.props;
  return [
    problemAt(`${name}/cluster`, rke1EndOfLife()),
    ...(cluster.minor >= RKE1_SUBSCRIPTION ? [problemAt(`${name}/cluster/version`, rke1Subscription(cluster.version))] : []),
    ...addons
      .filter((addon) => /^https?:.*\/(main|master|latest|HEAD)\//.test(addon))
      .map((addon) => problemAt(`${name}/cluster/addons`, addonUnpinned(addon))),
  ];
}

function rke2Warnings(site: Site, { props }: Rke2Cluster): readonly Problem[] {
  const path = `${site.name}/cluster`;
  const servers = nodesWith(site, 'controlplane').length;
  const balanced = site.cloud !== undefined && loadBalancerAddress(site.cloud) !== undefined;
  return [
    ...(servers > 1 && !balanced ? [problemAt(path, registrationAddressMissing(servers, firstServer(site)?.name ?? ''))] : []),
    ...(props.upgrade ? [problemAt(`${path}/upgrade`, upgradeStrategyIgnored())] : []),
    ...(props.encryptSecrets === false ? [problemAt(`${path}/encryptSecrets`, secretEncryptionIgnored())] : []),
  ];
}

function networkWarnings(site: Site, cluster: RancherCluster): readonly Problem[] {
  const network = networkOf(cluster);
  const path = `${site.name}/cluster/network`;
  const { assumedMtu, overhead = 0 } = encapsulation(cluster) ?? {};
  const isMtuUnknown = site.cloud !== undefined && site.cloud.mtu === undefined && cluster.props.mtu === undefined;
  return [
    ...(isMtuUnknown && assumedMtu !== undefined
      ? [
          problemAt(
            `${site.name}/cloud/mtu`,
            cloudMtuMissing(network, assumedMtu, overhead, cluster.kind === 'rke1' ? 'rke1' : 'rke2', site.cloud?.network),
          ),
        ]
      : []),
    ...(network === 'flannel' ? [problemAt(path, networkPoliciesIgnored(network))] : []),
    ...(network === 'none' ? [problemAt(path, podNetworkMissing())] : []),
  ];
}

function otherWarnings(site: Site, { props }: RancherCluster): readonly Problem[] {
  const path = `${site.name}/cluster`;
  const [etcd, ...others] = nodesWith(site, 'etcd');
  const last = Number(props.nodePorts?.split('-')[1] ?? 0);
  return [
    ...(props.nodePorts && last >= FIRST_EPHEMERAL_PORT ? [problemAt(`${path}/nodePorts`, nodePortsEphemeral(props.nodePorts))] : []),
    ...(props.cloudProvider === 'external' && !site.cloud?.cloudController
      ? [problemAt(`${path}/cloudProvider`, cloudControllerMissing())]
      : []),
    ...(etcd && others.length === 0 && !props.etcdSnapshots?.s3 ? [problemAt(`${path}/etcdSnapshots`, etcdSnapshotsLocal(etcd.name))] : []),
  ];
}
