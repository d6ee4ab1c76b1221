// kubeconform-schemas.mjs SWAGGER CRDS OUT: JSON schemas for `kubeconform -strict`, from the OpenAPI document of Kubernetes
// and a folder of CustomResourceDefinitions. One file a kind: OUT/<group>/<kind>_<version>.json.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';

const [swaggerFile, crdFolder, out] = process.argv.slice(2);
const definitionsFile = '_definitions.json';
const objectMeta = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

// The document calls both of them strings; the server takes numbers too.
const numbersToo = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': { type: ['string', 'number'] },
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': { type: ['string', 'integer'] },
};

const mapValues = (object, change) => Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));

/** `closed`: whether unknown fields are refused here. Inside anyOf, oneOf and not they never are: each names only some fields. */
function convert(schema, closed = true) {
  if (typeof schema !== 'object' || schema === null) return schema;
  if (schema.$ref) return { $ref: schema.$ref };
  if (schema['x-kubernetes-int-or-string']) return { type: ['string', 'integer'], ...(schema.pattern && { pattern: schema.pattern }) };

  const to = {};
  for (const key of ['type', 'enum', 'required', 'pattern', 'minimum', 'maximum', 'minLength', 'maxLength', 'minItems', 'maxItems']) {
    if (schema[key] !== undefined) to[key] = schema[key];
  }
  for (const [flag, limit] of [
    ['exclusiveMinimum', 'minimum'],
    ['exclusiveMaximum', 'maximum'],
  ]) {
    // OpenAPI 3.0 has a flag beside the limit, JSON Schema has the limit itself.
    if (schema[flag] === true) [to[flag], to[limit]] = [to[limit], undefined];
  }
  if (schema.items) to.items = convert(schema.items, closed);
  if (schema.not) to.not = convert(schema.not, false);
  for (const key of ['allOf', 'anyOf', 'oneOf']) {
    if (schema[key]) to[key] = schema[key].map((it) => convert(it, false));
  }
  if (typeof schema.additionalProperties === 'object') to.additionalProperties = convert(schema.additionalProperties, closed);
  if (schema.properties) {
    to.properties = mapValues(schema.properties, (it) => convert(it, closed));
    if (schema['x-kubernetes-embedded-resource']) Object.assign(to.properties, typeAndMetadata(to.properties));
    const open = schema.additionalProperties || schema['x-kubernetes-preserve-unknown-fields'] || !closed;
    if (!open) to.additionalProperties = false;
  }
  return to;
}

function typeAndMetadata(properties = {}) {
  return {
    apiVersion: properties.apiVersion ?? { type: 'string' },
    kind: properties.kind ?? { type: 'string' },
    metadata: { $ref: `../${definitionsFile}#/definitions/${objectMeta}` },
  };
}

function write(group, kind, version, schema) {
  // kubeconform takes what stands before the slash of apiVersion for the group, so the core group is called `v1`.
  const folder = join(out, group || version);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${kind.toLowerCase()}_${version}.json`), JSON.stringify(schema));
}

mkdirSync(out, { recursive: true });
const { definitions } = JSON.parse(readFileSync(swaggerFile, 'utf8'));
writeFileSync(
  join(out, definitionsFile),
  JSON.stringify({ definitions: { ...mapValues(definitions, (it) => convert(it)), ...numbersToo } }),
);

let kinds = 0;
for (const [name, definition] of Object.entries(definitions)) {
  const served = definition['x-kubernetes-group-version-kind'] ?? [];
  // More than one: DeleteOptions, WatchEvent and the like, which are no manifests.
  if (served.length !== 1) continue;
  const [{ group, version, kind }] = served;
  write(group, kind, version, { $ref: `../${definitionsFile}#/definitions/${name}` });
  kinds++;
}

let custom = 0;
const crdFiles = readdirSync(crdFolder, { recursive: true }).filter((it) => /\.ya?ml$/.test(it));
for (const document of crdFiles.flatMap((it) => parseAllDocuments(readFileSync(join(crdFolder, it), 'utf8')))) {
  const crd = document.toJS();
  if (crd?.kind !== 'CustomResourceDefinition') continue;
  for (const { name: version, schema } of crd.spec.versions) {
    const root = convert(schema.openAPIV3Schema);
    root.properties = { ...root.properties, ...typeAndMetadata(root.properties) };
    write(crd.spec.group, crd.spec.names.kind, version, root);
    custom++;
  }
}
console.log(`${kinds} kinds of Kubernetes; ${custom} versions of the kinds in ${crdFiles.length} files of CustomResourceDefinitions`);
