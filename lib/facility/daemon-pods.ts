import type { Built } from '../kubernetes';
import { type ClusterState, emptyCluster, type PodSet, type Schedule, scheduleDaemons, schedulerNodes, systemPods } from '../scheduling';
import type { Site } from '../site';
import { podGroups, runtimeGroups } from './pods';

const cache = new WeakMap<Built, Schedule<PodSet>>();

/** Schedules the pods that run on every node: system pods of the distribution, and DaemonSets of the facility and of its operators. */
export function daemonPods(built: Built): Schedule<PodSet> {
  const scheduled = cache.get(built) ?? daemonPodsOn(built.site, built.site.nodes, podGroups(built), built);
  cache.set(built, scheduled);
  return scheduled;
}

/** Like `daemonPods`, on some of the nodes. */
export function daemonPodsOn(site: Site, nodes: Site['nodes'], groups: readonly PodSet[], built: Built): Schedule<PodSet> {
  const selected = schedulerNodes(site).filter((_, index) => nodes.includes(site.nodes[index] as Site['nodes'][number]));
  return scheduleDaemons(emptyCluster(selected, namespaceLabels(built)), [...systemPods(site), ...groups, ...runtimeGroups(built)]);
}

/** Labels of the namespaces of the facility. */
export function namespaceLabels({ objects }: Built): ClusterState['namespaceLabels'] {
  const namespaces = objects.filter(({ object }) => object.kind === 'Namespace');
  const labels = new Map(namespaces.map(({ object }) => [object.metadata.name, object.metadata.labels ?? {}]));
  return (namespace) => labels.get(namespace) ?? {};
}
