import type { Problem } from '../errors';
import { memoryText, type Site } from '../site';
import { gpuPicture } from './cards/picture';
import { gpuRecord } from './cards/record';
import type { FacilityOutput } from './facility';
import { nodesFor, requestsOf, templateOf } from './pods';
import { roomFor } from './room';

/** A facility in a few lines for its operators: what there is, what it can bear, what should be known. */
export function summary(output: FacilityOutput): string {
  const { site } = output;
  return [
    `  nodes      ${site.nodes.length}, ${site.cluster.kind} ${site.cluster.version}: ${poolsText(site)}`,
    ...cards(site),
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

/** Cards of each pool, and how they are cut. */
function cards(site: Site): readonly string[] {
  const record = gpuRecord(site);
  return record ? gpuPicture(record).map((line, index) => `  ${index === 0 ? 'cards     ' : '          '} ${line}`) : [];
}

/** What is asked for at synthesis, of what there is. */
function asked({ site, objects }: FacilityOutput): readonly string[] {
  const total = { cpu: 0, memory: 0 };
  for (const placed of objects) {
    const template = templateOf(placed);
    if (!template) continue;
    const count = placed.object.kind === 'DaemonSet' ? nodesFor(site, template.spec).length : (placed.object.spec.replicas ?? 1);
    const { cpu, memory } = requestsOf(template.spec);
    total.cpu += cpu * count;
    total.memory += memory * count;
  }
  const there = { cpu: 0, memory: 0 };
  for (const { allocatable } of site.nodes) {
    there.cpu += allocatable.cpu;
    there.memory += allocatable.memory;
  }
  return [
    `  asked for  ${Math.round(total.cpu * 10) / 10} of ${Math.round(there.cpu * 10) / 10} cores, ${memoryText(total.memory)} of ${memoryText(there.memory)}`,
  ];
}

/** How many pods of each kind users could start on empty nodes. */
function atRunTime({ site, runtimePods }: FacilityOutput): readonly string[] {
  // Pods of no size are those of others, here for the policies that name them.
  const sized = runtimePods.filter(({ cpu, memory }) => cpu > 0 || memory > 0);
  return sized.map((pods) => {
    const [room, beside] = [roomFor(site, pods), roomFor(site, { ...pods, disk: 0 })];
    const most = Math.min(room, pods.most ?? room);
    const why = most < Math.min(beside, pods.most ?? beside) ? `; ${beside} but for the disks` : '';
    return `  room for   ${most} × ${pods.what} at a time, if nothing else ran on ${pods.on.map(({ name }) => name).join(', ')}${why}`;
  });
}

function hosts({ objects }: FacilityOutput): readonly string[] {
  return objects
    .filter(({ object }) => object.kind === 'Ingress')
    .flatMap(({ object }) => object.spec.rules.map((rule: { host: string }) => `  url        https://${rule.host}`));
}
