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

/** Complete output of all facilities, before it is written. */
export interface Synthesis {
  readonly sites: readonly {
    readonly output: FacilityOutput;
    readonly cluster: readonly (ClusterFile | ServiceFile)[];
    /** Files of services that are no longer written for this site, to be removed. */
    readonly stale: readonly string[];
  }[];
  readonly terraform: readonly File[];
}

/**
 * Renders manifests, Terraform JSON and cluster configuration of all facilities, and compares them with the committed output in `folders`.
 *
 * @throws FacilityError with all errors of all facilities
 */
export function synthesis(facilities: readonly Facility[], folders: OutputFolders): Synthesis {
  // Loaded on demand: loading cdktf takes as long as rendering a small site.
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

/** Adds the warnings of the infrastructure and of the comparison, which acceptances may match as well. */
function withWarnings(output: FacilityOutput, more: readonly Problem[]): FacilityOutput {
  const { name, accept } = output.site;
  const own = output.warnings.filter(({ code }) => code !== 'UNKNOWN_ACCEPTED_WARNING');
  const { open, accepted, unmatched } = splitWarnings(name, sortByPath([...own, ...output.accepted, ...more]), accept);
  return { ...output, warnings: [...open, ...unmatched], accepted };
}

/** Writes manifests, Terraform JSON and cluster configuration, and returns the summary. */
export function writeSynthesis(facilities: readonly Facility[], folders: OutputFolders): string {
  const started = process.hrtime.bigint();
  const { sites, terraform } = synthesis(facilities, folders);
  for (const { output, cluster, stale } of sites) {
    writeFolder(join(folders.manifests, output.site.name), output.files);
    const folder = join(folders.cluster, output.site.name);
    writeFiles(folder, cluster);
    for (const path of stale) rmSync(join(folder, path), { force: true });
  }
  writeFiles(folders.terraform, terraform);
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
 * Writes only the manifests, to the output folder of the cdk8s CLI. The CLI has already emptied that folder, so the output can only be compared
 * with manifests in another folder.
 */
export function manifests(facilities: readonly Facility[], folder: string, committed: string): void {
  const problems = new Problems();
  for (const facility of facilities) problems.addAll(facility.problems());
  checkAllCommitted(facilities, committed, problems);
  problems.throwIfAny();
  for (const facility of facilities) writeFolder(join(folder, facility.site.name), facility.output().files);
}

/** A facility with other errors has no output to compare. */
function checkAllCommitted(facilities: readonly Facility[], folder: string, problems: Problems): void {
  if (problems.all.length > 0) return;
  for (const facility of facilities) checkCommitted(facility.output(), folder, problems);
}

/** Writes files without removing others: Terraform and RKE keep their state in the same folders. */
function writeFiles(folder: string, files: readonly { readonly path: string; readonly text: string }[]): void {
  for (const { path, text } of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}
