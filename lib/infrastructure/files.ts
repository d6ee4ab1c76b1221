import { version } from 'cdktf/package.json';
import { RootConstruct } from 'constructs';
import { compare } from '../errors';
import type { Exposure, Site } from '../site';
import { hasCloud } from './cloud-site';
import { SiteStack } from './site-stack';

/** A file to write: its path below the output folder, and its text. */
export interface File {
  readonly path: string;
  readonly text: string;
}

/** A site and the ports that its services expose on the nodes. */
export interface ProvisionedSite {
  readonly site: Site;
  readonly exposures: readonly Exposure[];
}

/**
 * Renders the Terraform stack of a site.
 *
 * @throws MISSING_CLOUD, and all errors of the site and its infrastructure
 */
export function terraformJson(site: Site, exposures: readonly Exposure[]): File {
  const stack = new SiteStack(root(), site, { exposures });
  stack.runAllValidations();
  return { path: stackPath(site.name, 'cdk.tf.json'), text: stableJson(stack.toTerraform()) };
}

/**
 * Renders the files that cdktf's `App.synth` would write for these sites, byte for byte. The caller writes them after everything else has
 * succeeded. Sites with existing nodes have no stack.
 */
export function terraformFiles(sites: readonly ProvisionedSite[]): readonly File[] {
  const provisioned = sites.filter(({ site }) => hasCloud(site));
  if (provisioned.length === 0) return [];
  const stacks = provisioned.map(({ site, exposures }) => terraformJson(site, exposures));
  const files = [manifest(provisioned.map(({ site }) => site.name)), ...stacks];
  return files.sort((a, b) => compare(a.path, b.path));
}

/** Replaces a cdktf `App` as the root of stacks, because the constructor of `App` creates the output folder. */
function root(): RootConstruct {
  const app = new RootConstruct();
  app.node.setContext('cdktfVersion', version);
  return app;
}

/** The list of stacks for the cdktf CLI. */
function manifest(names: readonly string[]): File {
  const stacks = names.map((name) => ({
    annotations: [],
    constructPath: name,
    dependencies: [],
    name,
    stackMetadataPath: stackPath(name, 'metadata.json'),
    synthesizedStackPath: stackPath(name, 'cdk.tf.json'),
    workingDirectory: `stacks/${name}`,
  }));
  return {
    path: 'manifest.json',
    text: stableJson({ version, stacks: Object.fromEntries(stacks.map((stack) => [stack.name, stack])) }),
  };
}

function stackPath(name: string, file: string): string {
  return `stacks/${name}/${file}`;
}

/** JSON with sorted keys in the format of cdktf (json-stable-stringify): empty lists and objects take two lines. */
function stableJson(value: unknown, indent = '\n'): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const deeper = `${indent}  `;
  if (Array.isArray(value)) return `[${value.map((item) => deeper + stableJson(item, deeper)).join(',')}${indent}]`;
  const entries = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => compare(a, b))
    .map(([key, item]) => `${deeper}${JSON.stringify(key)}: ${stableJson(item, deeper)}`);
  return `{${entries.join(',')}${indent}}`;
}
