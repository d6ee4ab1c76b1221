import { FacilityError, type Finding, nearest, quote } from './problem';

export const propMissing = (name: string, given: readonly string[]): Finding => {
  const near = nearest(name, given);
  return {
    code: 'PROP_MISSING',
    given: given.length > 0 ? `${given.map(quote).join(', ')}, and no ${quote(name)}` : `no ${quote(name)}`,
    allowed: `a value of ${quote(name)}: nothing can be made without it`,
    fix: near
      ? `write ${quote(name)} for ${quote(near)}`
      : `add ${quote(name)}; an editor shows what it can be, and npx tsc --noEmit what is missing`,
  };
};

/**
 * For those whom TypeScript has not told: tsx, jest and plain JavaScript start what does not compile.
 *
 * @throws PROP_MISSING for each of these props that has no value
 */
export function demand(path: string, props: object, names: readonly string[]): void {
  const values: Partial<Record<string, unknown>> = Object(props);
  const given = Object.keys(values).filter((name) => values[name] !== undefined);
  const missing = names.filter((name) => !given.includes(name));
  // What was meant for a prop that is there is not meant for another.
  const others = given.filter((name) => !names.includes(name));
  if (missing.length > 0) throw new FacilityError(missing.map((name) => ({ ...propMissing(name, others), path })));
}
