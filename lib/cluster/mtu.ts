import type { Rke1Network, Rke2Network, Site } from '../site';
import { networkOf, type RancherCluster } from './rancher';

interface Encapsulation {
  /** Bytes that the plugin adds to a packet between nodes. */
  readonly overhead: number;
  /** Packet size of the node's network that the plugin assumes when it is told nothing; absent: it looks. */
  readonly assumes?: number;
}

/** Outer IPv4 header, UDP, VXLAN and the inner Ethernet header: 20 + 8 + 8 + 14. */
const VXLAN = 50;

const RKE1: Readonly<Record<Rke1Network, Encapsulation>> = {
  // Flannel's VXLAN between nodes; the interfaces of pods get 1450 unless told.
  // https://github.com/rancher/kontainer-driver-metadata/blob/dev-v2.9/pkg/rke/templates/canal_v3.27.go
  canal: { overhead: VXLAN, assumes: 1500 },
  // RKE sets IP-in-IP: one more IPv4 header.
  calico: { overhead: 20, assumes: 1500 },
  flannel: { overhead: VXLAN },
  // 84 to 87 bytes, and the size of pods divisible by four; 1376 by default.
  // https://github.com/weaveworks/weave/blob/master/site/tasks/manage/fastdp.md
  weave: { overhead: 88, assumes: 1464 },
  none: { overhead: 0 },
};

const RKE2: Readonly<Record<Rke2Network, Encapsulation>> = {
  // https://github.com/rancher/rke2-charts/blob/main-source/packages/rke2-canal/charts/values.yaml (calico.vethuMTU: 1450)
  canal: { overhead: VXLAN, assumes: 1500 },
  // VXLAN here: RKE2 sets no IP-in-IP. The operator finds the size of the node's network out.
  calico: { overhead: VXLAN },
  cilium: { overhead: VXLAN },
  flannel: { overhead: VXLAN },
  none: { overhead: 0 },
};

export const NETWORKS = { rke1: RKE1, rke2: RKE2 } as const;

/** How the plugin carries packets between nodes; undefined for a plugin that the distribution does not know. */
export function encapsulation(cluster: RancherCluster): Encapsulation | undefined {
  const known: Readonly<Record<string, Encapsulation>> = NETWORKS[cluster.kind];
  return Object.hasOwn(known, networkOf(cluster)) ? known[networkOf(cluster)] : undefined;
}

/** Largest packet of a pod: as described, or what fits into the cloud's network; undefined where the plugin finds it out. */
export function podMtu(site: Site, cluster: RancherCluster): number | undefined {
  if (cluster.props.mtu !== undefined) return cluster.props.mtu;
  const plugin = encapsulation(cluster);
  if (site.cloud?.mtu === undefined || plugin?.assumes === undefined) return undefined;
  return site.cloud.mtu - plugin.overhead;
}
