import { loadBalancerAddress, nodesWith, type Rke1Cluster, type Rke2Cluster, type Site } from '../site';
import {
  addonDrifts,
  cloudControllerForeign,
  mtuGuessed,
  networkMissing,
  nodePortsEphemeral,
  noRegistrationAddress,
  policiesIgnored,
  rke1Ended,
  rke1Subscription,
  secretsAlwaysEncrypted,
  snapshotsOnNode,
  upgradeIgnored,
} from './messages';
import { encapsulation } from './mtu';
import { networkOf, type RancherCluster } from './rancher';
import { firstServer } from './reach';
import { RKE1_SUBSCRIPTION } from './releases';

/** Where Linux takes the ports of outgoing connections from: net.ipv4.ip_local_port_range. */
const EPHEMERAL = 32_768;

/** What works, but should be known before the cluster is made. */
export function clusterWarnings(site: Site): readonly string[] {
  const { cluster } = site;
  if (cluster.kind === 'existing') return [];
  return [
    ...(cluster.kind === 'rke1' ? rke1Warnings(site, cluster) : rke2Warnings(site, cluster)),
    ...networkWarnings(site, cluster),
    ...otherWarnings(site, cluster),
  ];
}

function rke1Warnings({ name }: Site, cluster: Rke1Cluster): readonly string[] {
  const { addons = [] } = cluster.props;
  return [
    rke1Ended(name),
    ...(cluster.minor >= RKE1_SUBSCRIPTION ? [rke1Subscription(name, cluster.version)] : []),
    ...addons.filter((addon) => /^https?:.*\/(main|master|latest|HEAD)\//.test(addon)).map((addon) => addonDrifts(name, addon)),
  ];
}

function rke2Warnings(site: Site, { props }: Rke2Cluster): readonly string[] {
  const servers = nodesWith(site, 'controlplane').length;
  const balanced = site.cloud !== undefined && loadBalancerAddress(site.cloud) !== undefined;
  return [
    ...(servers > 1 && !balanced ? [noRegistrationAddress(site.name, servers, firstServer(site)?.name ?? '')] : []),
    ...(props.upgrade ? [upgradeIgnored(site.name)] : []),
    ...(props.encryptSecrets === false ? [secretsAlwaysEncrypted(site.name)] : []),
  ];
}

function networkWarnings(site: Site, cluster: RancherCluster): readonly string[] {
  const network = networkOf(cluster);
  const assumes = encapsulation(cluster)?.assumes;
  const guessed = site.cloud !== undefined && site.cloud.mtu === undefined && cluster.props.mtu === undefined;
  return [
    ...(guessed && assumes !== undefined ? [mtuGuessed(site.name, network, assumes)] : []),
    ...(network === 'flannel' ? [policiesIgnored(site.name, network)] : []),
    ...(network === 'none' ? [networkMissing(site.name)] : []),
  ];
}

function otherWarnings(site: Site, { props }: RancherCluster): readonly string[] {
  const [etcd, ...others] = nodesWith(site, 'etcd');
  const last = Number(props.nodePorts?.split('-')[1] ?? 0);
  return [
    ...(props.nodePorts && last >= EPHEMERAL ? [nodePortsEphemeral(site.name, props.nodePorts)] : []),
    ...(props.cloudProvider === 'external' && !site.cloud?.cloudController ? [cloudControllerForeign(site.name)] : []),
    ...(etcd && others.length === 0 && !props.etcdSnapshots?.s3 ? [snapshotsOnNode(site.name, etcd.name)] : []),
  ];
}
