import type { Built } from '../kubernetes';
import { type ClusterState, emptyCluster, type PodSet, type Schedule, scheduleDaemons, schedulerNodes, systemPods } from '../scheduling';
import type { Site } from '../site';
import { podGroups, runtimeGroups } from './pods';

const known = new WeakMap<Built, Schedule<PodSet>>();

/** Nodes with what runs on each of them: pods of the distribution, and DaemonSets of the facility and of its operators; and those that have no room. */
export function daemonsOn(built: Built): Schedule<PodSet> {
  const scheduled = known.get(built) ?? daemonsOnNodes(built.site, built.site.nodes, podGroups(built), built);
  known.set(built, scheduled);
  return scheduled;
}

/** The same on some of the nodes. */
export function daemonsOnNodes(site: Site, nodes: Site['nodes'], groups: readonly PodSet[], built: Built): Schedule<PodSet> {
  const there = schedulerNodes(site).filter((_, index) => nodes.includes(site.nodes[index] as Site['nodes'][number]));
  return scheduleDaemons(emptyCluster(there, namespaceLabels(built)), [...systemPods(site), ...groups, ...runtimeGroups(built)]);
}

/** Labels of the namespaces that the facility makes. */
export function namespaceLabels({ objects }: Built): ClusterState['namespaceLabels'] {
  const namespaces = objects.filter(({ object }) => object.kind === 'Namespace');
  const labels = new Map(namespaces.map(({ object }) => [object.metadata.name, object.metadata.labels ?? {}]));
  return (namespace) => labels.get(namespace) ?? {};
}
