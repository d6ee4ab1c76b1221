import type { Problem } from '../errors';
import { add, coresIn, memoryIn, roomFor, times } from '../scheduling';
import { memoryText, type Site } from '../site';
import { published } from './checks/objects';
import type { FacilityOutput } from './facility';
import { nodesFor, type PodGroup, podGroups, runtimeGroups } from './pods';
import { daemonsOn } from './room';

/** A facility in a few lines for its operators: what there is, what it can bear, what should be known. */
export function summary(output: FacilityOutput): string {
  const { site } = output;
  return [
    `  nodes      ${site.nodes.length}, ${site.cluster.kind} ${site.cluster.version}: ${poolsText(site)}`,
    ...paragraphs(output),
    `  charts     ${output.charts.length}, ${output.objects.length} objects`,
    ...asked(output),
    ...atRunTime(output),
    ...output.summaryNotes.map(({ service, text }) => `  ${service.padEnd(10)} ${text}`),
    ...hosts(output),
    ...output.warnings.flatMap(warningText),
    ...output.accepted.map(({ code, path, reason }) => `  accepted   ${code} at ${path}: ${reason}`),
  ].join('\n');
}

/** In two lines: what and where, and what to do about it. */
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

/** What services have to say about the site. */
function paragraphs({ site, descriptions }: FacilityOutput): readonly string[] {
  return descriptions.flatMap(({ summary }) => {
    const paragraph = summary?.(site);
    return paragraph ? paragraph.lines.map((line, index) => `  ${(index === 0 ? paragraph.label : '').padEnd(10)} ${line}`) : [];
  });
}

/** What is asked for at synthesis, of what there is. */
function asked({ built }: FacilityOutput): readonly string[] {
  const { site } = built;
  const count = (group: PodGroup) => (group.perNode ? nodesFor(site, group.spec).length : group.replicas);
  const total = podGroups(built)
    .map((group) => times(group.candidate.requests, count(group)))
    .reduce(add, {});
  const there = { cpu: 0, memory: 0 };
  for (const { allocatable } of site.nodes) {
    there.cpu += allocatable.cpu;
    there.memory += allocatable.memory;
  }
  return [
    `  asked for  ${Math.round(coresIn(total) * 10) / 10} of ${Math.round(there.cpu * 10) / 10} cores, ${memoryText(memoryIn(total))} of ${memoryText(there.memory)}`,
  ];
}

/** How many pods of each kind users could start on nodes where only DaemonSets run. */
function atRunTime({ built }: FacilityOutput): readonly string[] {
  const { cluster } = daemonsOn(built);
  const groups = runtimeGroups(built).filter(({ perNode }) => !perNode);
  return groups.map((group) => {
    const [room, beside] = [roomFor(cluster, group), roomFor(cluster, withoutDisk(group))];
    const most = Math.min(room, group.replicas);
    const why = most < Math.min(beside, group.replicas) ? `; ${beside} but for the disks` : '';
    const pools = [...new Set(nodesFor(built.site, group.spec).map(({ pool }) => pool.name))];
    return `  room for   ${most} × ${group.name} at a time, if nothing else ran on ${pools.join(', ')}${why}`;
  });
}

function withoutDisk(group: PodGroup): PodGroup {
  const { 'ephemeral-storage': _, ...requests } = group.candidate.requests;
  return { ...group, candidate: { ...group.candidate, requests } };
}

function hosts({ objects }: FacilityOutput): readonly string[] {
  return objects.flatMap(({ object }) => published(object).map(([host]) => `  url        https://${host}`));
}
