import type { Rke1Network, Rke2Network, Site } from '../site';
import { networkOf, type RancherCluster } from './rancher';

interface Encapsulation {
  /** Bytes that the plugin adds to each packet between nodes. */
  readonly overhead: number;
  /** MTU of the node's network that the plugin assumes by default; undefined if it detects the MTU. */
  readonly assumedMtu?: number;
}

/** Outer IPv4 header, UDP, VXLAN and the inner Ethernet header: 20 + 8 + 8 + 14. */
const VXLAN = 50;

const RKE1: Readonly<Record<Rke1Network, Encapsulation>> = {
  // Flannel's VXLAN between nodes; pod interfaces have an MTU of 1450 by default.
  // https://github.com/rancher/kontainer-driver-metadata/blob/dev-v2.9/pkg/rke/templates/canal_v3.27.go
  canal: { overhead: VXLAN, assumedMtu: 1500 },
  // RKE configures IP-in-IP: one additional IPv4 header.
  calico: { overhead: 20, assumedMtu: 1500 },
  flannel: { overhead: VXLAN },
  // 84 to 87 bytes, and the MTU of pods must be divisible by four; 1376 by default.
  // https://github.com/weaveworks/weave/blob/master/site/tasks/manage/fastdp.md
  weave: { overhead: 88, assumedMtu: 1464 },
  none: { overhead: 0 },
};

const RKE2: Readonly<Record<Rke2Network, Encapsulation>> = {
  // https://github.com/rancher/rke2-charts/blob/main-source/packages/rke2-canal/charts/values.yaml (calico.vethuMTU: 1450)
  canal: { overhead: VXLAN, assumedMtu: 1500 },
  // VXLAN, because RKE2 does not configure IP-in-IP. The Tigera operator detects the MTU of the node's network.
  calico: { overhead: VXLAN },
  cilium: { overhead: VXLAN },
  flannel: { overhead: VXLAN },
  none: { overhead: 0 },
};

export const NETWORKS = { rke1: RKE1, rke2: RKE2 } as const;

/** Encapsulation of packets between nodes; undefined if the distribution does not support the plugin. */
export function encapsulation(cluster: RancherCluster): Encapsulation | undefined {
  const known: Readonly<Record<string, Encapsulation>> = NETWORKS[cluster.kind];
  return Object.hasOwn(known, networkOf(cluster)) ? known[networkOf(cluster)] : undefined;
}

/** MTU of pods: the prop `mtu`, or the MTU of the cloud's network less the encapsulation; undefined if the plugin detects it. */
export function podMtu(site: Site, cluster: RancherCluster): number | undefined {
  if (cluster.props.mtu !== undefined) return cluster.props.mtu;
  const plugin = encapsulation(cluster);
  if (site.cloud?.mtu === undefined || plugin?.assumedMtu === undefined) return undefined;
  return site.cloud.mtu - plugin.overhead;
}
