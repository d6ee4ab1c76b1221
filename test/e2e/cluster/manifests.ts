/** Reads manifests: one folder per site, with files of several documents. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { parseDocument } from 'yaml';

interface PodTemplate {
  readonly metadata?: { readonly labels?: Record<string, string>; readonly annotations?: Record<string, string> };
  readonly spec: { readonly volumes?: readonly unknown[] };
}

/** Fields of objects that the suites read. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Record<string, string>;
    readonly annotations?: Record<string, string>;
  };
  readonly spec?: {
    readonly template?: PodTemplate;
    readonly volumeClaimTemplates?: readonly { readonly metadata: { readonly name: string } }[];
    readonly jobTemplate?: { readonly spec: { readonly template: PodTemplate } };
  };
}

export interface Manifest {
  /** Relative to the site's folder. */
  readonly file: string;
  /** Unparsed text, so that the API server parses the YAML. */
  readonly text: string;
  readonly object: KubernetesObject;
}

export interface Site {
  readonly name: string;
  readonly folder: string;
  readonly files: readonly string[];
  readonly manifests: readonly Manifest[];
}

const isYaml = (file: string) => /\.ya?ml$/.test(file);

/** Sites in a folder: the folder itself if it contains manifests, otherwise its subfolders. */
export function readSites(root: string): Site[] {
  if (!existsSync(root)) throw new Error(`no folder ${root}: run \`npm run synth\` first, or name another with --manifests`);
  const entries = readdirSync(root, { withFileTypes: true });
  if (entries.some((it) => it.isFile() && isYaml(it.name))) return [readSite(root)];
  return entries
    .filter((it) => it.isDirectory())
    .map((it) => readSite(join(root, it.name)))
    .sort((a, b) => a.name.localeCompare(b.name));
}

function readSite(folder: string): Site {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(isYaml)
    .sort()
    .map((it) => join(folder, it));
  return { name: basename(folder), folder, files, manifests: files.flatMap((it) => readManifests(folder, it)) };
}

function readManifests(folder: string, path: string): Manifest[] {
  const file = relative(folder, path);
  return readFileSync(path, 'utf8')
    .split(/^---(?:[ \t].*)?$/m)
    .flatMap((text) => {
      const document = parseDocument(text);
      if (document.errors[0]) throw new Error(`${path}: ${document.errors[0].message}`);
      const object = document.toJS() as KubernetesObject | null;
      if (object === null) return [];
      if (!object.apiVersion || !object.kind || !object.metadata?.name)
        throw new Error(`${path}: a document without apiVersion, kind or name`);
      return [{ file, text, object }];
    });
}

export function group(object: KubernetesObject): string {
  return object.apiVersion.includes('/') ? (object.apiVersion.split('/')[0] ?? '') : '';
}

export function title({ kind, metadata: { name, namespace } }: KubernetesObject): string {
  return `${kind} ${namespace ? `${namespace}/` : ''}${name}`;
}

/** Pod template of the object, if it has one. */
export function podTemplate({ kind, spec }: KubernetesObject): PodTemplate | undefined {
  switch (kind) {
    case 'Deployment':
    case 'StatefulSet':
    case 'DaemonSet':
    case 'Job':
      return spec?.template;
    case 'CronJob':
      return spec?.jobTemplate?.spec.template;
    default:
      return undefined;
  }
}

/** Throws if too few objects were found, so that a suite cannot pass without checking anything. */
export function demandEnough(sites: readonly Site[], minimum = 10): void {
  const objects = sites.reduce((sum, site) => sum + site.manifests.length, 0);
  if (sites.length < 1 || objects < minimum)
    throw new Error(`found ${sites.length} sites and ${objects} objects: fewer than 1 or ${minimum}, so nothing is proved`);
}
