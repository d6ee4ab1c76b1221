import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type ClusterFile, clusterFiles } from '../cluster';
import { type Problem, Problems, sortByPath, splitWarnings } from '../errors';
import { type Facility, type FacilityOutput, summary, writeFolder } from '../facility';
import type { File } from '../infrastructure';
import type { ServiceFile } from '../kubernetes';
import { checkCommitted } from './committed';
import type { OutputFolders } from './folders';
import { leftovers } from './leftovers';

/** Everything that the facilities amount to, before any of it is written. */
export interface Synthesis {
  readonly sites: readonly {
    readonly output: FacilityOutput;
    readonly cluster: readonly (ClusterFile | ServiceFile)[];
    /** Files of services that the site has no use for, and that must not stay from earlier. */
    readonly stale: readonly string[];
  }[];
  readonly terraform: readonly File[];
}

/**
 * All three kinds of output of all facilities, none of which destroys what was written to `folders` before.
 *
 * @throws FacilityError with the mistakes of all of them
 */
export function synthesis(facilities: readonly Facility[], folders: OutputFolders): Synthesis {
  // Loaded on demand: cdktf costs as much as a small site without machines.
  const provisioned = facilities.some(({ site }) => site.cloud);
  const infrastructure = provisioned ? (require('../infrastructure') as typeof import('../infrastructure')) : undefined;
  const problems = new Problems();
  for (const facility of facilities) {
    problems.addAll(facility.problems());
    problems.addAll(infrastructure?.infrastructureProblems(facility.site, facility.exposures()) ?? []);
  }
  checkAllCommitted(facilities, folders.manifests, problems);
  problems.throwIfAny();
  const terraform =
    infrastructure?.terraformFiles(facilities.map((facility) => ({ site: facility.site, exposures: facility.exposures() }))) ?? [];
  for (const { site } of facilities) {
    const file = terraform.find(({ path }) => path === `stacks/${site.name}/cdk.tf.json`);
    const committed = file && join(folders.terraform, file.path);
    if (committed && existsSync(committed)) infrastructure?.checkStack(site, readFileSync(committed, 'utf8'), file.text, problems);
  }
  problems.throwIfAny();
  const sites = facilities.map((facility) => {
    const { site } = facility;
    const output = facility.output();
    const changes = problems.warnings.filter(({ path }) => path.startsWith(`${site.name}/`));
    const warnings = [...(infrastructure?.infrastructureWarnings(site, output.exposures) ?? []), ...changes];
    const cluster = [...clusterFiles(site), ...output.descriptions.flatMap(({ files }) => files?.(site) ?? [])];
    const stale = output.descriptions
      .flatMap(({ fileNames = [] }) => fileNames)
      .filter((path) => !cluster.some((file) => file.path === path));
    return { output: withWarnings(output, warnings), cluster, stale };
  });
  return { sites, terraform };
}

/** With the warnings of the infrastructure and of the comparison. Only now is it known which acceptance of a site with a cloud matches none. */
function withWarnings(output: FacilityOutput, more: readonly Problem[]): FacilityOutput {
  const { name, accept, cloud } = output.site;
  if (!cloud) return { ...output, warnings: sortByPath([...output.warnings, ...more]) };
  const { open, accepted, unmatched } = splitWarnings(name, sortByPath([...output.warnings, ...output.accepted, ...more]), accept);
  return { ...output, warnings: [...open, ...unmatched], accepted };
}

/** Writes all three kinds and returns what to tell the operator. */
export function writeSynthesis(facilities: readonly Facility[], folders: OutputFolders): string {
  const started = process.hrtime.bigint();
  const { sites, terraform } = synthesis(facilities, folders);
  for (const { output, cluster, stale } of sites) {
    writeFolder(join(folders.manifests, output.site.name), output.files);
    const folder = join(folders.cluster, output.site.name);
    writeAmong(folder, cluster);
    for (const path of stale) rmSync(join(folder, path), { force: true });
  }
  writeAmong(folders.terraform, terraform);
  const took = Number(process.hrtime.bigint() - started) / 1e9;
  const texts = sites.map(({ output, cluster }) =>
    [
      `${output.site.name}`,
      ...(output.site.cloud
        ? [`  terraform  ${join(folders.terraform, 'stacks', output.site.name)}: ${output.site.nodes.length} VMs`]
        : []),
      ...(cluster.length > 0
        ? [`  cluster    ${join(folders.cluster, output.site.name)}: ${cluster.map(({ path }) => path).join(', ')}`]
        : []),
      `  manifests  ${join(folders.manifests, output.site.name)}`,
      summary(output),
    ].join('\n'),
  );
  const count = sites.reduce((sum, { output }) => sum + output.warnings.length, 0);
  return [
    ...texts,
    ...leftovers(
      folders,
      sites.map(({ output }) => output.site.name),
    ),
    `${sites.length} site${sites.length === 1 ? '' : 's'} in ${took.toFixed(2)} s, ${count} warning${count === 1 ? '' : 's'}`,
  ].join('\n');
}

/**
 * Manifests alone, where the cdk8s CLI wants them. It has emptied its folder by then: only what was written elsewhere can be
 * compared.
 */
export function manifests(facilities: readonly Facility[], folder: string, committed: string): void {
  const problems = new Problems();
  for (const facility of facilities) problems.addAll(facility.problems());
  checkAllCommitted(facilities, committed, problems);
  problems.throwIfAny();
  for (const facility of facilities) writeFolder(join(folder, facility.site.name), facility.output().files);
}

/** A facility with other mistakes has no output to compare. */
function checkAllCommitted(facilities: readonly Facility[], folder: string, problems: Problems): void {
  if (problems.all.length > 0) return;
  for (const facility of facilities) checkCommitted(facility.output(), folder, problems);
}

/** Writes files among others that are not ours: Terraform and RKE keep their state beside what they read. */
function writeAmong(folder: string, files: readonly { readonly path: string; readonly text: string }[]): void {
  for (const { path, text } of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}
