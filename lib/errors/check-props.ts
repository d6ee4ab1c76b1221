import { FacilityError, type Finding, type Problem, type Problems, problemAt, quote } from './problem';
import { className, meantBy, propKind, propMissing, propUnknown, propWord, writtenFor } from './props';
import { definition, dereference, type Located, once, type PropsSchema, registerSchema, type SchemaObject } from './schema';

/** A mistake, and what it means: no value can be made of it; it is not what was meant; it may be meant for other code. */
type Misfit = Problem & { readonly level: 'fatal' | 'wrong' | 'unread' };

const misfit = (level: Misfit['level'], path: string, finding: Finding): Misfit => ({ ...problemAt(path, finding), level });

/**
 * Validates props against the JSON Schema of their interface, for callers that no compiler has checked: tsx, jest and plain JavaScript.
 *
 * @param problems where errors and warnings go; `later`: errors are left to a second call. @default - errors are thrown
 * @returns warnings: unknown props that resemble no known one. They are in `problems` as well, where it is a collection
 * @throws MISSING_PROP, INVALID_PROP_TYPE if no value can be made of the props, with all other errors in them
 */
export function checkProps(of: PropsSchema, path: string, value: unknown, problems?: Problems | 'later'): readonly Problem[] {
  registerSchema(of.document);
  const all = [...misfits(definition(of), value === undefined ? {} : value, path)];
  const found = all.filter(({ level }) => level !== 'unread').map(({ level: _, ...problem }) => problem);
  const unread = all
    .filter(({ level }) => level === 'unread')
    .map(({ level: _, ...problem }): Problem => ({ ...problem, severity: 'warning' }));
  if (all.some(({ level }) => level === 'fatal') || (problems === undefined && found.length > 0)) throw new FacilityError(found);
  if (problems instanceof Object) problems.addAll([...found, ...unread]);
  return unread;
}

function* misfits(at: Located, value: unknown, path: string): Generator<Misfit> {
  if (value === undefined || isUnknown(at)) return;
  if (!fits(at, value)) yield misfit(toleratesKind(at) ? 'wrong' : 'fatal', path, propKind(value, textOf(at)));
  else yield* inside(at, value, path);
}

function* inside(at: Located, value: unknown, path: string): Generator<Misfit> {
  const { schema } = at;
  if (typeof schema === 'boolean') return;
  if (schema.$ref !== undefined || schema.anyOf) yield* best(alternatives(at), value, path);
  else if (schema.enum || schema.const !== undefined) {
    const words = wordsOf(schema);
    if (!words.includes(value)) yield misfit('wrong', path, propWord(String(value), words.map(String)));
  } else if (schema.type === 'array') {
    const items = { ...at, schema: schema.items ?? true };
    for (const [index, item] of (value as readonly unknown[]).entries()) {
      yield* misfits(items, item === undefined ? null : item, `${path}/${nameOf(item) ?? index}`);
    }
  } else if (schema.type === 'object') yield* fields(at, schema, value as object, path);
  else if (schema.minLength && value === '') yield misfit('wrong', path, propKind('', 'text that is not empty'));
}

function* fields(at: Located, schema: SchemaObject, value: object, path: string): Generator<Misfit> {
  const { properties = {}, required = [], additionalProperties = true } = schema;
  const values: { readonly [name: string]: unknown } = { ...value };
  const given = Object.keys(values).filter((name) => values[name] !== undefined && typeof values[name] !== 'function');
  const others = given.filter((name) => !Object.hasOwn(properties, name));
  // What was made before may be the beginning of something new: { ...site, pools }.
  const unknown = additionalProperties !== false || ('kind' in values && !Object.hasOwn(properties, 'kind')) ? [] : others;
  const missing = required.filter(
    (name) => values[name] === undefined && !isValidated({ document: at.document, schema: properties[name] ?? true }),
  );
  for (const name of missing) yield misfit('fatal', path, propMissing(name, unknown));
  const meant = missing.map((name) => writtenFor(name, unknown));
  const names = unknown.length > 0 ? Object.keys(properties).sort() : [];
  for (const name of unknown) {
    if (meant.includes(name)) continue;
    const near = meantBy(name, names);
    yield misfit(near && !given.includes(near) ? 'wrong' : 'unread', `${path}/${name}`, propUnknown(name, names));
  }
  // A function where a value belongs is a mistake, and beside the props it is none: values of functions have methods.
  for (const name of Object.keys(values)) {
    const own = Object.hasOwn(properties, name) ? properties[name] : given.includes(name) ? additionalProperties : true;
    if (typeof own === 'object') yield* misfits({ document: at.document, schema: own }, values[name], `${path}/${name}`);
  }
}

/** Of several alternatives that of the value's `kind`, or the one that it comes nearest to. */
function* best(all: readonly Located[], value: unknown, path: string): Generator<Misfit> {
  const found = all.filter((one) => fits(one, value)).map((one) => (isUnknown(one) ? [] : [...inside(one, value, path)]));
  const weight = (misfits: readonly Misfit[]) => misfits.filter(({ level }) => level === 'fatal').length * 100 + misfits.length;
  yield* found.sort((a, b) => weight(a) - weight(b))[0] ?? [];
}

/** A schema without references and nested alternatives. */
const alternatives = once((at): readonly Located[] => {
  const { schema, document } = at;
  if (typeof schema === 'boolean') return [at];
  if (schema.$ref !== undefined) return alternatives(dereference(schema.$ref, document));
  return schema.anyOf ? schema.anyOf.flatMap((one) => alternatives({ schema: one, document })) : [at];
});

/**
 * Whether nothing is asked of the value here: validations say more of quantities and of what functions have made, and never repeat a
 * secret.
 */
const isUnknown = once((at): boolean => {
  if (isValidated(at)) return true;
  return alternatives(at).some(({ schema }) => {
    if (typeof schema === 'boolean' || schema['x-made-by'] !== undefined || schema.pattern !== undefined) return true;
    return schema.type === undefined && wordsOf(schema).length === 0;
  });
});

/** Whether a validation reports the value itself, even if it is missing. */
const isValidated = once(({ schema, document }): boolean => {
  if (typeof schema === 'boolean') return false;
  return schema['x-validated'] === true || (schema.$ref !== undefined && isValidated(dereference(schema.$ref, document)));
});

/** Whether the value is of the right kind from outside. */
function fits(at: Located, value: unknown): boolean {
  return alternatives(at).some(({ schema, document }) => {
    if (typeof schema === 'boolean') return true;
    const type = schema.type ?? typeof wordsOf(schema)[0];
    if (type === 'array') return Array.isArray(value);
    if (type === 'object') return isPlain(value) && isOfKind(schema, document, value);
    return type === 'undefined' || typeof value === (type === 'integer' ? 'number' : type);
  });
}

/** Numbers and flags are used by calculations alone, which get along with others. */
function toleratesKind(at: Located): boolean {
  return alternatives(at).every(({ schema }) => typeof schema === 'object' && /^(?:number|integer|boolean)$/.test(schema.type ?? ''));
}

/** Values of functions state what they are in words of their own, e.g. their `kind`. */
function isOfKind({ properties = {}, required = [] }: SchemaObject, document: Located['document'], value: object): boolean {
  const values: { readonly [name: string]: unknown } = { ...value };
  return required.every((name) => {
    const schema = properties[name];
    const only = schema === undefined ? [] : alternatives({ schema, document });
    const word = only.length === 1 && typeof only[0]?.schema === 'object' ? only[0].schema.const : undefined;
    return word === undefined || values[name] === word;
  });
}

/** Words that are allowed. */
function wordsOf(schema: SchemaObject): readonly unknown[] {
  return schema.enum ? [...schema.enum].sort() : schema.const === undefined ? [] : [schema.const];
}

/** No list, no text, no construct. */
function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !('node' in value && className(value));
}

function nameOf(value: unknown): string | undefined {
  const name = (value as { readonly name?: unknown } | null | undefined)?.name;
  return typeof name === 'string' && name ? name : undefined;
}

/** How messages call what is allowed. */
function textOf({ schema, document }: Located): string {
  if (typeof schema === 'boolean') return 'a value';
  if (schema.$ref !== undefined) {
    const target = dereference(schema.$ref, document);
    const [only, ...others] = alternatives(target);
    const isObject = others.length > 0 || (typeof only?.schema === 'object' && only.schema.type === 'object');
    const name = target.name ?? '';
    const { examples } = typeof target.schema === 'object' ? target.schema : {};
    if (examples) return `an amount like ${examples.map(quote).join(', ')}`;
    return isObject ? `${/^([AEIO]|S3)/.test(name) ? 'an' : 'a'} ${name}` : textOf(target);
  }
  if (schema.anyOf) return schema.anyOf.map((one) => textOf({ schema: one, document })).join(', or ');
  if (wordsOf(schema).length > 0) return wordsOf(schema).map(quote).join(', ');
  if (schema.type === 'array') return `a list of ${textOf({ schema: schema.items ?? true, document }).replace(/^an? /, '')}`;
  if (schema.type === 'object') return objectText(schema, document);
  return schema.type === 'string' ? 'text' : schema.type === 'boolean' ? 'true or false' : 'a number';
}

function objectText({ properties, required = [], additionalProperties = true }: SchemaObject, document: Located['document']): string {
  if (!properties) return `names, each with ${textOf({ schema: additionalProperties, document })}`;
  return `{ ${Object.keys(properties)
    .sort()
    .map((name) => (required.includes(name) ? name : `${name}?`))
    .join(', ')} }`;
}
