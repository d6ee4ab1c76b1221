import { Problems } from '../errors';
import { thousandthsOf, wholeUnits } from '../site';

/**
 * Amounts by resource name, as integers: `cpu` in millicores, `memory` and `ephemeral-storage` in bytes, `pods` and extended resources by
 * number.
 */
export type Resources = Readonly<Record<string, bigint>>;

/**
 * Parses a resource list of a manifest.
 *
 * @param path of the list
 * @throws INVALID_QUANTITY for each invalid quantity
 */
export function parseResources(given: Readonly<Record<string, unknown>>, path: string): Resources {
  const problems = new Problems();
  const parsed = Object.entries(given).flatMap(([name, quantity]): [string, bigint][] => {
    if (quantity === undefined || quantity === null) return [];
    const amount = problems.attempt(`${path}/${name}`, () => (name === 'cpu' ? thousandthsOf(quantity) : wholeUnits(quantity)));
    return amount === undefined ? [] : [[name, amount]];
  });
  problems.throwIfAny();
  return Object.fromEntries(parsed);
}

/** Sum per resource. */
export function add(first: Resources, other: Resources): Resources {
  const sum: Record<string, bigint> = { ...first };
  for (const [name, amount] of Object.entries(other)) sum[name] = (sum[name] ?? 0n) + amount;
  return sum;
}

/** Maximum per resource. */
export function largest(first: Resources, other: Resources): Resources {
  const maximum: Record<string, bigint> = { ...first };
  for (const [name, amount] of Object.entries(other)) if (amount > (maximum[name] ?? 0n)) maximum[name] = amount;
  return maximum;
}

/** Multiple of each resource. */
export function times(resources: Resources, factor: number): Resources {
  return Object.fromEntries(Object.entries(resources).map(([name, amount]) => [name, amount * BigInt(factor)]));
}

/** Whether a resource is an extended resource (device): its name contains a domain. */
export function isDevice(resource: string): boolean {
  return resource.includes('/');
}

/** Extended resources by number. */
export function devicesIn(resources: Resources): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(resources).flatMap(([name, amount]) => (isDevice(name) && amount > 0n ? [[name, Number(amount)]] : [])),
  );
}

/** Cores as a number. */
export const coresIn = (resources: Resources): number => Number(resources.cpu ?? 0n) / 1000;

/** Memory in bytes as a number. */
export const memoryIn = (resources: Resources): number => Number(resources.memory ?? 0n);

const UNITS = [
  ['EiB', 2n ** 60n],
  ['PiB', 2n ** 50n],
  ['TiB', 2n ** 40n],
  ['GiB', 2n ** 30n],
  ['MiB', 2n ** 20n],
  ['KiB', 2n ** 10n],
] as const;

/** Formats an amount for messages: `1.5 cores`, `64 GiB`, `2 example.com/gpu`. */
export function amountText(name: string, amount: bigint): string {
  if (name === 'cpu') return `${Number(amount) / 1000} ${amount === 1000n ? 'core' : 'cores'}`;
  if (name === 'memory') return bytesText(amount);
  if (name === 'ephemeral-storage') return `${bytesText(amount)} of disk`;
  return `${amount} ${name}`;
}

function bytesText(amount: bigint): string {
  const [unit, size] = UNITS.find(([, each]) => amount >= each || -amount >= each) ?? ['B', 1n];
  return `${Math.round(Number((amount * 10n) / size)) / 10} ${unit}`;
}

/** Formats an amount as Kubernetes quantity, rounded down. */
export function quantityText(name: string, amount: bigint): string {
  if (name === 'cpu') return amount % 1000n === 0n ? String(amount / 1000n) : `${amount}m`;
  if (name !== 'memory' && name !== 'ephemeral-storage') return String(amount);
  const [suffix, size] = [['Gi', 2n ** 30n] as const, ['Mi', 2n ** 20n] as const].find(
    ([, each]) => amount >= each && amount % each === 0n,
  ) ?? ['Mi', 2n ** 20n];
  return amount < size ? String(amount) : `${amount / size}${suffix}`;
}

/** Formats the named resources for messages, in the given order. */
export function resourcesText(resources: Resources, names: readonly string[]): string {
  const parts = names.map((name) => amountText(name, resources[name] ?? 0n));
  return parts.length > 1 ? `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}` : (parts[0] ?? 'nothing');
}
