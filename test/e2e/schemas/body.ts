import { listed, type Report, shown } from './finding';
import type { AttributeType, BlockSchema, NestedBlockSchema } from './provider-schema';
import { isWholeReference } from './template';

export type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Validates the content of a block against its schema; returns the number of validated attributes. */
export function checkBody(
  body: JsonObject,
  schema: BlockSchema,
  path: string,
  report: Report,
  metaArguments: readonly string[] = [],
): number {
  const { attributes = {}, block_types: blocks = {} } = schema;
  let compared = 0;
  for (const [name, value] of Object.entries(body)) {
    const at = `${path}.${name}`;
    const attribute = attributes[name];
    const nested = blocks[name];
    // In Terraform JSON, null means that an argument is not set.
    if (name === '//' || value === null || metaArguments.includes(name)) continue;
    if (attribute) {
      compared++;
      if (attribute.computed && !attribute.optional && !attribute.required) {
        report('read-only-attribute', at, `the provider computes it: remove it (given: ${shown(value)})`);
      }
      checkType(value, attribute.type, at, report);
    } else if (nested) {
      compared += checkBlocks(value, nested, at, report);
    } else {
      const known = [...Object.keys(attributes), ...Object.keys(blocks)];
      report('unknown-attribute', at, `the provider does not know it; it knows: ${listed(known)}`);
    }
  }
  for (const [name, attribute] of Object.entries(attributes)) {
    if (attribute.required && (body[name] ?? null) === null) {
      report('missing-attribute', `${path}.${name}`, 'required by the provider, and not set');
    }
  }
  for (const [name, nested] of Object.entries(blocks)) {
    if ((body[name] ?? null) === null) checkCount(0, nested, `${path}.${name}`, report);
  }
  return compared;
}

function checkBlocks(value: unknown, nested: NestedBlockSchema, path: string, report: Report): number {
  const bodies = blockBodies(value, nested, path);
  if (!bodies) {
    const allowed = nested.nesting_mode === 'map' ? 'an object of blocks by key' : 'an object, or a list of objects';
    report('block-shape', path, `given: ${shown(value)}; a block of kind ${nested.nesting_mode} is ${allowed}`);
    return 0;
  }
  checkCount(bodies.length, nested, path, report);
  return bodies.reduce((sum, [at, body]) => sum + checkBody(body, nested.block, at, report), 0);
}

/** In Terraform JSON, a single block is an object or a list of one object. */
function blockBodies(value: unknown, { nesting_mode }: NestedBlockSchema, path: string): [string, JsonObject][] | undefined {
  let bodies: [string, unknown][];
  if (nesting_mode === 'map') {
    if (!isObject(value)) return undefined;
    bodies = Object.entries(value).map(([key, body]) => [`${path}.${key}`, body]);
  } else {
    bodies = Array.isArray(value) ? value.map((body, i) => [`${path}[${i}]`, body]) : [[path, value]];
  }
  return bodies.every((entry): entry is [string, JsonObject] => isObject(entry[1])) ? bodies : undefined;
}

function checkCount(count: number, nested: NestedBlockSchema, path: string, report: Report): void {
  const min = nested.min_items ?? 0;
  const one = nested.nesting_mode === 'single' || nested.nesting_mode === 'group';
  const max = one ? 1 : nested.max_items || Number.POSITIVE_INFINITY;
  if (count >= min && count <= max) return;
  report(
    'block-count',
    path,
    `given: ${count} block(s); allowed: ${max === Number.POSITIVE_INFINITY ? `at least ${min}` : `${min} to ${max}`}`,
  );
}

/** JSON types of Terraform types, where they differ. */
const JSON_KINDS: Readonly<Record<string, string>> = { bool: 'boolean', list: 'array', set: 'array', map: 'object' };

const kindOf = (value: unknown): string => (Array.isArray(value) ? 'array' : typeof value);

function checkType(value: unknown, type: AttributeType, path: string, report: Report): void {
  if (value === null || type === 'dynamic' || (typeof value === 'string' && isWholeReference(value))) return;
  const kind = typeof type === 'string' ? type : type[0];
  if (kindOf(value) !== (JSON_KINDS[kind] ?? kind)) {
    report('wrong-type', path, `given: ${shown(value)}; the provider wants: ${kind}`);
  } else if (typeof type !== 'string') {
    checkMembers(value as object, type, path, report);
  }
}

function checkMembers(value: object, type: Exclude<AttributeType, string>, path: string, report: Report): void {
  for (const [key, member] of Object.entries(value)) {
    const at = Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}`;
    const memberType = type[0] === 'object' ? type[1][key] : type[1];
    if (memberType !== undefined) checkType(member, memberType, at, report);
    else report('unknown-attribute', at, `the provider does not know it; it knows: ${listed(Object.keys(type[1]))}`);
  }
}
