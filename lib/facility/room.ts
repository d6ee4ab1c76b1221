import type { RuntimePods } from '../kubernetes';
import type { Site, SiteNode } from '../site';

/** How many of these pods there could be, if nothing else ran on their nodes. */
export function roomFor(site: Site, pods: RuntimePods): number {
  return site.nodes
    .filter((node) => pods.on.includes(node.pool) || pods.on.length === 0)
    .reduce((sum, node) => sum + roomOn(node, pods), 0);
}

/** How many of them fit on one node, cards included. */
function roomOn(node: SiteNode, { cpu, memory, disk = 0, devices = {} }: RuntimePods): number {
  const cards = Object.entries(devices).map(([name, count]) => (node.devices[name] ?? 0) / count);
  // In whole thousandths, as Kubernetes counts: 0.3 / 0.1 is less than 3.
  const cores = Math.round(node.allocatable.cpu * 1000) / Math.round(cpu * 1000);
  const disks = disk > 0 ? node.allocatable.disk / disk : Number.POSITIVE_INFINITY;
  return Math.floor(Math.min(cores, node.allocatable.memory / memory, disks, node.allocatable.pods, ...cards));
}
