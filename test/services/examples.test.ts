import { App } from 'cdk8s';
import { FacilityError, type PropsSchema } from '../../lib/errors';
import { type Example, type ExampleContext, ledgerOf, type ServiceProps } from '../../lib/kubernetes';
import { facilityOf, groups, SITES, services } from '../fixtures/examples';

type Schema = Readonly<Record<string, any>>;

const byName = services.map((service) => [service.description.name, service] as const);

test.each(groups().map((group) => [group.name, group] as const))('examples of %s are accepted', (_, group) => {
  const { facility } = facilityOf(group);

  expect(facility.problems().map(({ code, path, given }) => `${code} at ${path}: ${given}`)).toEqual([]);
});

/** Records every property of the schema's own definitions that a value sets, as `Definition/property`. */
function record(document: Schema, name: string, value: unknown, found: Set<string>): void {
  if (typeof value !== 'object' || value === null) return;
  const visit = (schema: Schema, given: unknown): void => {
    const own = /^#\/\$defs\/(.+)$/.exec(schema.$ref ?? '')?.[1];
    if (own) record(document, own, given, found);
    for (const branch of [...(schema.anyOf ?? []), ...(schema.allOf ?? [])]) visit(branch, given);
    if (Array.isArray(given) && schema.items) for (const item of given) visit(schema.items, item);
    if (typeof given !== 'object' || given === null) return;
    for (const [key, part] of Object.entries(schema.properties ?? {})) {
      if (!(key in given)) continue;
      if (schema === definition) found.add(`${name}/${key}`);
      visit(part as Schema, (given as Schema)[key]);
    }
    const others = schema.additionalProperties;
    if (typeof others === 'object' && !Array.isArray(given)) for (const item of Object.values(given)) visit(others, item);
  };
  const definition = document.$defs[name] as Schema;
  visit(definition, value);
}

/** Definitions that props lead to, and the properties of each. */
function properties(document: Schema, name: string, found = new Map<string, readonly string[]>()): Map<string, readonly string[]> {
  if (found.has(name)) return found;
  const definition = document.$defs[name] as Schema;
  found.set(name, Object.keys(definition.properties ?? {}));
  for (const [, own = ''] of JSON.stringify(definition).matchAll(/"#\/\$defs\/(\w+)"/g)) properties(document, own, found);
  return found;
}

test.each(byName)('examples of %s set every property of its schema', (_, { description, examples }) => {
  const { document, name: root } = description.schema as PropsSchema;
  const set = new Set<string>();
  for (const { on, props } of examples()) record(document, root, props(SITES[on]()), set);

  const all = [...properties(document, root)].flatMap(([name, keys]) => keys.map((key) => `${name}/${key}`));
  expect(all.filter((one) => !set.has(one))).toEqual([]);
});

/** Everything that a chart writes and records, outside of a facility: without the checks of all objects. */
function result(example: Example, context: ExampleContext, props: ServiceProps): string {
  const app = new App();
  try {
    const chart = example.create(app, { ...props, site: context.site });
    const { site: _, ...recorded } = ledgerOf(chart);
    return JSON.stringify([chart.toJson(), recorded, recorded.problems.all, recorded.problems.warnings]);
  } catch (error) {
    // An invalid chart differs from a valid one, too; cdk8s reports it when it is rendered.
    if (error instanceof FacilityError || /^Validation failed/.test(String((error as Error).message))) return String(error);
    throw error;
  }
}

test.each(byName)('every prop of %s has an effect in an example', (_, service) => {
  const idle = new Set<string>();
  const effective = new Set<string>();
  for (const example of service.examples()) {
    const context = SITES[example.on]();
    const { site, ...props } = example.props(context);
    const before = result(example, context, props);
    expect(before).toMatch(/^\[/);
    for (const name of Object.keys(props)) {
      if (effective.has(name)) continue;
      const others = Object.fromEntries(Object.entries(props).filter(([key]) => key !== name));
      (before === result(example, context, others) ? idle : effective).add(name);
    }
  }

  expect([...idle].filter((name) => !effective.has(name))).toEqual([]);
});
