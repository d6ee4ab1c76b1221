import { FacilityError, type Finding, type Problem, type Problems, problemAt, quote } from './problem';
import { className, misspellingOf, propMissing, propType, propUnknown, propValue, suggestionFor } from './props';
import { definition, dereference, type LocatedSchema, memoized, type PropsSchema, registerSchema, type SchemaObject } from './schema';

/** A violation of the schema. `fatal`: the code that reads the props would crash; `ignored`: an unknown prop that has no effect. */
type Mismatch = Problem & { readonly level: 'fatal' | 'error' | 'ignored' };

const mismatch = (level: Mismatch['level'], path: string, finding: Finding): Mismatch => ({ ...problemAt(path, finding), level });

/**
 * Validates props against the JSON Schema of their interface, for callers without a type check: tsx, Jest and plain JavaScript.
 *
 * @param problems collection for errors and warnings; `later`: errors other than fatal ones are left to a second call.
 * @default - errors are thrown
 * @returns warnings: unknown props that resemble no known one. They are also in `problems` if it is a collection
 * @throws MISSING_PROP, INVALID_PROP_TYPE if the props cannot be used, together with all other errors in them
 */
export function checkProps(of: PropsSchema, path: string, value: unknown, problems?: Problems | 'later'): readonly Problem[] {
  registerSchema(of.document);
  const all = [...mismatches(definition(of), value === undefined ? {} : value, path)];
  const errors = all.filter(({ level }) => level !== 'ignored').map(({ level: _, ...problem }) => problem);
  const warnings = all
    .filter(({ level }) => level === 'ignored')
    .map(({ level: _, ...problem }): Problem => ({ ...problem, severity: 'warning' }));
  if (all.some(({ level }) => level === 'fatal') || (problems === undefined && errors.length > 0)) throw new FacilityError(errors);
  if (problems instanceof Object) problems.addAll([...errors, ...warnings]);
  return warnings;
}

function* mismatches(at: LocatedSchema, value: unknown, path: string): Generator<Mismatch> {
  if (value === undefined || isUnconstrained(at)) return;
  if (!matchesType(at, value)) yield mismatch(isScalar(at) ? 'error' : 'fatal', path, propType(value, typeText(at)));
  else yield* contentMismatches(at, value, path);
}

function* contentMismatches(at: LocatedSchema, value: unknown, path: string): Generator<Mismatch> {
  const { schema } = at;
  if (typeof schema === 'boolean') return;
  if (schema.$ref !== undefined || schema.anyOf) yield* bestAlternative(alternatives(at), value, path);
  else if (schema.enum || schema.const !== undefined) {
    const allowed = allowedValues(schema);
    if (!allowed.includes(value)) yield mismatch('error', path, propValue(String(value), allowed.map(String)));
  } else if (schema.type === 'array') {
    const items = { ...at, schema: schema.items ?? true };
    for (const [index, item] of (value as readonly unknown[]).entries()) {
      yield* mismatches(items, item === undefined ? null : item, `${path}/${nameOf(item) ?? index}`);
    }
  } else if (schema.type === 'object') yield* propertyMismatches(at, schema, value as object, path);
  else if (schema.minLength && value === '') yield mismatch('error', path, propType('', 'a non-empty string'));
}

function* propertyMismatches(at: LocatedSchema, schema: SchemaObject, value: object, path: string): Generator<Mismatch> {
  const { properties = {}, required = [], additionalProperties = true } = schema;
  const values: { readonly [name: string]: unknown } = { ...value };
  const given = Object.keys(values).filter((name) => values[name] !== undefined && typeof values[name] !== 'function');
  const undeclared = given.filter((name) => !Object.hasOwn(properties, name));
  // Values that functions return may be spread into new props, e.g. { ...site, pools }: their other props are no mistake.
  const unknown = additionalProperties !== false || ('kind' in values && !Object.hasOwn(properties, 'kind')) ? [] : undeclared;
  const missing = required.filter(
    (name) => values[name] === undefined && !isValidatedElsewhere({ document: at.document, schema: properties[name] ?? true }),
  );
  for (const name of missing) yield mismatch('fatal', path, propMissing(name, unknown));
  const misspelt = missing.map((name) => misspellingOf(name, unknown));
  const names = unknown.length > 0 ? Object.keys(properties).sort() : [];
  for (const name of unknown) {
    if (misspelt.includes(name)) continue;
    const suggestion = suggestionFor(name, names);
    yield mismatch(suggestion && !given.includes(suggestion) ? 'error' : 'ignored', `${path}/${name}`, propUnknown(name, names));
  }
  // A function as the value of a declared prop is an error. Other functions are methods of the value and allowed.
  for (const name of Object.keys(values)) {
    const own = Object.hasOwn(properties, name) ? properties[name] : given.includes(name) ? additionalProperties : true;
    if (typeof own === 'object')
      yield* mismatches({ document: at.document, schema: own }, values[name], own['x-inline'] ? path : `${path}/${name}`);
  }
}

/**
 * Mismatches with the alternative that has the value's `kind`, or else declares most of its props, or else has the fewest mismatches. A word
 * that is no alternative is fatal where the others are objects: code reads their props.
 */
function* bestAlternative(all: readonly LocatedSchema[], value: unknown, path: string): Generator<Mismatch> {
  const hasObjects = all.some(({ schema }) => typeof schema === 'object' && schema.type === 'object');
  const candidates = all
    .filter((one) => matchesType(one, value))
    .map((one) => ({
      undeclared: undeclaredProps(one, value),
      found: isUnconstrained(one) ? [] : [...contentMismatches(one, value, path)],
    }));
  const weight = (found: readonly Mismatch[]) => found.filter(({ level }) => level === 'fatal').length * 100 + found.length;
  const best = candidates.sort((a, b) => a.undeclared - b.undeclared || weight(a.found) - weight(b.found))[0]?.found ?? [];
  for (const one of best) yield hasObjects && !isObject(value) && one.path === path ? { ...one, level: 'fatal' } : one;
}

/** How many props of an object the schema does not declare. */
function undeclaredProps({ schema }: LocatedSchema, value: unknown): number {
  if (!isObject(value) || typeof schema === 'boolean' || !schema.properties || schema.additionalProperties !== false) return 0;
  const { properties } = schema;
  return Object.entries(value).filter(([name, one]) => one !== undefined && !Object.hasOwn(properties, name)).length;
}

/** The alternatives of a schema, with references and nested alternatives resolved. */
const alternatives = memoized((at): readonly LocatedSchema[] => {
  const { schema, document } = at;
  if (typeof schema === 'boolean') return [at];
  if (schema.$ref !== undefined) return alternatives(dereference(schema.$ref, document));
  return schema.anyOf ? schema.anyOf.flatMap((one) => alternatives({ schema: one, document })) : [at];
});

/**
 * Whether the schema is not applied to the value. Quantities, and values that only functions of the library create, have validation
 * rules with better messages, which never repeat a secret.
 */
const isUnconstrained = memoized((at): boolean => {
  if (isValidatedElsewhere(at)) return true;
  return alternatives(at).some(({ schema }) => {
    if (typeof schema === 'boolean' || schema['x-made-by'] !== undefined || schema.pattern !== undefined) return true;
    return schema.type === undefined && allowedValues(schema).length === 0;
  });
});

/** Whether a validation rule of the library reports invalid and missing values itself. */
const isValidatedElsewhere = memoized(({ schema, document }): boolean => {
  if (typeof schema === 'boolean') return false;
  return schema['x-validated'] === true || (schema.$ref !== undefined && isValidatedElsewhere(dereference(schema.$ref, document)));
});

/** Whether the value has the type of the schema; its content is not validated. */
function matchesType(at: LocatedSchema, value: unknown): boolean {
  return alternatives(at).some(({ schema, document }) => {
    if (typeof schema === 'boolean') return true;
    const type = schema.type ?? typeof allowedValues(schema)[0];
    if (type === 'array') return Array.isArray(value);
    if (type === 'object') return isObject(value) && matchesConstants(schema, document, value);
    return type === 'undefined' || typeof value === (type === 'integer' ? 'number' : type);
  });
}

/** Numbers and flags are only calculated with, so another type does not crash the code that reads them. */
function isScalar(at: LocatedSchema): boolean {
  return alternatives(at).every(({ schema }) => typeof schema === 'object' && /^(?:number|integer|boolean)$/.test(schema.type ?? ''));
}

/** Values that functions create are distinguished by required constants, e.g. their `kind`. */
function matchesConstants({ properties = {}, required = [] }: SchemaObject, document: LocatedSchema['document'], value: object): boolean {
  const values: { readonly [name: string]: unknown } = { ...value };
  return required.every((name) => {
    const schema = properties[name];
    const all = schema === undefined ? [] : alternatives({ schema, document });
    const constant = all.length === 1 && typeof all[0]?.schema === 'object' ? all[0].schema.const : undefined;
    return constant === undefined || values[name] === constant;
  });
}

/** Values of an enumeration or constant. */
function allowedValues(schema: SchemaObject): readonly unknown[] {
  return schema.enum ? [...schema.enum].sort() : schema.const === undefined ? [] : [schema.const];
}

/** Whether the value is an object, and neither an array nor a construct. */
function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !('node' in value && className(value));
}

function nameOf(value: unknown): string | undefined {
  const name = (value as { readonly name?: unknown } | null | undefined)?.name;
  return typeof name === 'string' && name ? name : undefined;
}

/** The type of a schema, as messages print it. */
function typeText({ schema, document }: LocatedSchema): string {
  if (typeof schema === 'boolean') return 'a value';
  if (schema.$ref !== undefined) {
    const target = dereference(schema.$ref, document);
    const [first, ...others] = alternatives(target);
    const isNamed = others.length > 0 || (typeof first?.schema === 'object' && first.schema.type === 'object');
    const name = target.name ?? '';
    const { examples } = typeof target.schema === 'object' ? target.schema : {};
    if (examples) return `a quantity such as ${examples.map(quote).join(', ')}`;
    return isNamed ? `${/^([AEIO]|S3)/.test(name) ? 'an' : 'a'} ${name}` : typeText(target);
  }
  if (schema.anyOf) return schema.anyOf.map((one) => typeText({ schema: one, document })).join(', or ');
  if (allowedValues(schema).length > 0) return allowedValues(schema).map(quote).join(', ');
  if (schema.type === 'array') return `a list of ${typeText({ schema: schema.items ?? true, document }).replace(/^an? /, '')}`;
  if (schema.type === 'object') return objectText(schema, document);
  return schema.type === 'string' ? 'a string' : schema.type === 'boolean' ? 'true or false' : 'a number';
}

function objectText({ properties, required = [], additionalProperties = true }: SchemaObject, document: LocatedSchema['document']): string {
  if (!properties) return `an object whose values are each ${typeText({ schema: additionalProperties, document })}`;
  return `{ ${Object.keys(properties)
    .sort()
    .map((name) => (required.includes(name) ? name : `${name}?`))
    .join(', ')} }`;
}
