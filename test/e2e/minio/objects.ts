/** The store as described by the manifests, and the values of the Secrets of `facility bootstrap`. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';

/** Untyped manifests. */
type Any = any;

export interface Described {
  readonly sets: readonly Any[];
  readonly job: Any;
  readonly files: Readonly<Record<string, string>>;
  readonly service: Any;
  /** Values by `name/key` of the Secret. */
  readonly secrets: ReadonlyMap<string, string>;
  /** S3 variables of a notebook. */
  readonly notebook: Readonly<Record<string, string>>;
}

export function describe(manifests: string, secrets: string): Described {
  const objects = documents(manifests).filter(({ metadata }) => metadata.namespace !== undefined);
  const values = new Map<string, string>();
  for (const { metadata, stringData } of documents(secrets)) {
    for (const [key, value] of Object.entries(stringData ?? {})) values.set(`${metadata.name}/${key}`, String(value));
  }
  const ours = objects.filter(({ metadata }) => metadata.namespace === 'minio');
  const sets = ours.filter(({ kind }) => kind === 'StatefulSet');
  const job = ours.find(({ kind }) => kind === 'Job');
  const service = ours.find(({ kind, metadata }) => kind === 'Service' && metadata.name === 'minio-s3');
  const files = ours.find(
    ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === job?.spec.template.spec.volumes[0].configMap.name,
  )?.data;
  if (sets.length === 0 || !job || !service || !files) throw new Error(`incomplete store in ${manifests}`);
  return { sets, job, files, service, secrets: values, notebook: notebook(objects, values) };
}

function documents(folder: string): Any[] {
  if (!existsSync(folder)) throw new Error(`no folder ${folder}`);
  const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
  return files.flatMap((file) => parseAllDocuments(readFileSync(join(folder, file), 'utf8')).flatMap((one) => one.toJS() ?? []));
}

/** Variables of a container, with the values of their Secrets. */
export function variables(container: Any, secrets: ReadonlyMap<string, string>): Record<string, string> {
  return Object.fromEntries(container.env.map(({ name, value, valueFrom }: Any) => [name, value ?? secretOf(valueFrom, secrets)]));
}

function secretOf({ secretKeyRef: { name, key } }: Any, secrets: ReadonlyMap<string, string>): string {
  const value = secrets.get(`${name}/${key}`);
  if (value === undefined) throw new Error(`facility bootstrap did not create ${name}/${key}`);
  return value;
}

/** S3 variables of notebooks, from the settings of the hub (JSON in a ConfigMap). */
function notebook(objects: readonly Any[], secrets: ReadonlyMap<string, string>): Record<string, string> {
  const texts = objects
    .filter(({ kind, metadata }) => kind === 'ConfigMap' && metadata.namespace === 'jupyterhub')
    .flatMap(({ data }) => Object.values(data) as string[]);
  const settings = texts.find((text) => text.startsWith('{') && text.includes('AWS_ENDPOINT_URL'));
  if (!settings) return {};
  const find = (value: Any): Any => {
    if (value === null || typeof value !== 'object') return undefined;
    if ('AWS_ENDPOINT_URL' in value) return value;
    return Object.values(value)
      .map(find)
      .find((one) => one !== undefined);
  };
  const wanted = Object.entries(find(JSON.parse(settings)) as Record<string, Any>).filter(([name]) => /^(AWS|S3)_/.test(name));
  return Object.fromEntries(wanted.map(([name, value]) => [name, typeof value === 'string' ? value : secretOf(value.valueFrom, secrets)]));
}
