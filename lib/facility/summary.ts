import type { Problem } from '../errors';
import { add, capacityFor, coresIn, memoryIn, times } from '../scheduling';
import { memoryText, type Site } from '../site';
import { published } from './checks/objects';
import { daemonPods } from './daemon-pods';
import type { FacilityOutput } from './facility';
import { nodesFor, type PodGroup, podGroups, runtimeGroups } from './pods';

/** Summary of a facility for its operators: nodes, requests, capacity for runtime pods, URLs and warnings. */
export function summary(output: FacilityOutput): string {
  const { site } = output;
  return [
    `  nodes      ${site.nodes.length}, ${site.cluster.kind} ${site.cluster.version}: ${poolsText(site)}`,
    ...paragraphs(output),
    `  charts     ${output.charts.length}, ${output.objects.length} objects`,
    ...requests(output),
    ...runtimeCapacity(output),
    ...output.summaryNotes.map(({ service, text }) => `  ${service.padEnd(10)} ${text}`),
    ...hosts(output),
    ...output.warnings.flatMap(warningText),
    ...output.accepted.map(({ code, path, reason }) => `  accepted   ${code} at ${path}: ${reason}`),
  ].join('\n');
}

/** A warning in two lines: code, path and finding, then the fix. */
function warningText({ code, path, given, fix }: Problem): readonly string[] {
  return [`  warning    ${code} at ${path}: ${given}`, `             fix: ${fix}`];
}

function poolsText(site: Site): string {
  return site.pools
    .map(
      (pool) =>
        `${pool.name} ${site.nodes.filter((node) => node.pool === pool).length} × ${pool.flavor.vcpus} cores, ${pool.flavor.memory}`,
    )
    .join('; ');
}

/** Paragraphs of the services. */
function paragraphs({ site, descriptions }: FacilityOutput): readonly string[] {
  return descriptions.flatMap(({ summary }) => {
    const paragraph = summary?.(site);
    return paragraph ? paragraph.lines.map((line, index) => `  ${(index === 0 ? paragraph.label : '').padEnd(10)} ${line}`) : [];
  });
}

/** Total requests of the workloads, and allocatable resources of the nodes. */
function requests({ built }: FacilityOutput): readonly string[] {
  const { site } = built;
  const count = (group: PodGroup) => (group.perNode ? nodesFor(site, group.spec).length : group.replicas);
  const total = podGroups(built)
    .map((group) => times(group.candidate.requests, count(group)))
    .reduce(add, {});
  const available = { cpu: 0, memory: 0 };
  for (const { allocatable } of site.nodes) {
    available.cpu += allocatable.cpu;
    available.memory += allocatable.memory;
  }
  return [
    `  requests   ${Math.round(coresIn(total) * 10) / 10} of ${Math.round(available.cpu * 10) / 10} cores, ${memoryText(memoryIn(total))} of ${memoryText(available.memory)}`,
  ];
}

/** Maximum number of runtime pods of each kind if only DaemonSets and system pods run on the nodes. */
function runtimeCapacity({ built }: FacilityOutput): readonly string[] {
  const { cluster } = daemonPods(built);
  const groups = runtimeGroups(built).filter(({ perNode }) => !perNode);
  return groups.map((group) => {
    const [capacity, withoutDisks] = [capacityFor(cluster, group), capacityFor(cluster, withoutDisk(group))];
    const most = Math.min(capacity, group.replicas);
    const why = most < Math.min(withoutDisks, group.replicas) ? `; limited by disk space, otherwise ${withoutDisks}` : '';
    const pools = [...new Set(nodesFor(built.site, group.spec).map(({ pool }) => pool.name))];
    return `  capacity   ${most} × ${group.name} at a time, if no other pods run on ${pools.join(', ')}${why}`;
  });
}

function withoutDisk(group: PodGroup): PodGroup {
  const { 'ephemeral-storage': _, ...requests } = group.candidate.requests;
  return { ...group, candidate: { ...group.candidate, requests } };
}

function hosts({ objects }: FacilityOutput): readonly string[] {
  return objects.flatMap(({ object }) => published(object).map(([host]) => `  url        https://${host}`));
}
