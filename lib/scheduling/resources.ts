import { thousandthsOf, wholeUnits } from '../site';

/**
 * Amounts by the name of the resource, as whole numbers: `cpu` in thousandths of a core, `memory` and `ephemeral-storage` in bytes, `pods` and
 * extended resources by number. Exact, as in the scheduler.
 */
export type Resources = Readonly<Record<string, bigint>>;

/** A list of resources as a manifest writes it. @throws INVALID_QUANTITY */
export function parseResources(given: Readonly<Record<string, unknown>>): Resources {
  return Object.fromEntries(
    Object.entries(given)
      .filter(([, quantity]) => quantity !== undefined && quantity !== null)
      .map(([name, quantity]) => [name, name === 'cpu' ? thousandthsOf(quantity) : wholeUnits(quantity)]),
  );
}

/** Both together. */
export function add(one: Resources, other: Resources): Resources {
  const sum: Record<string, bigint> = { ...one };
  for (const [name, amount] of Object.entries(other)) sum[name] = (sum[name] ?? 0n) + amount;
  return sum;
}

/** Of each resource the larger amount. */
export function largest(one: Resources, other: Resources): Resources {
  const most: Record<string, bigint> = { ...one };
  for (const [name, amount] of Object.entries(other)) if (amount > (most[name] ?? 0n)) most[name] = amount;
  return most;
}

/** So many times as much. */
export function times(resources: Resources, factor: number): Resources {
  return Object.fromEntries(Object.entries(resources).map(([name, amount]) => [name, amount * BigInt(factor)]));
}

/** Whether a resource is what a device plugin offers: those of Kubernetes itself have no domain. */
export function isDevice(resource: string): boolean {
  return resource.includes('/');
}

/** Those that device plugins offer, by number. */
export function devicesIn(resources: Resources): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(resources).flatMap(([name, amount]) => (isDevice(name) && amount > 0n ? [[name, Number(amount)]] : [])),
  );
}

/** Cores, for those who compute with fractions. */
export const coresIn = (resources: Resources): number => Number(resources.cpu ?? 0n) / 1000;

/** Bytes of memory, for those who compute with numbers. */
export const memoryIn = (resources: Resources): number => Number(resources.memory ?? 0n);

const UNITS = [
  ['EiB', 2n ** 60n],
  ['PiB', 2n ** 50n],
  ['TiB', 2n ** 40n],
  ['GiB', 2n ** 30n],
  ['MiB', 2n ** 20n],
  ['KiB', 2n ** 10n],
] as const;

/** An amount of a resource for people: `1.5 cores`, `64 GiB`, `2 example.com/gpu`. */
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

/** The largest quantity, as a manifest writes it, that is not more than an amount: what can be asked for. */
export function quantityText(name: string, amount: bigint): string {
  if (name === 'cpu') return amount % 1000n === 0n ? String(amount / 1000n) : `${amount}m`;
  if (name !== 'memory' && name !== 'ephemeral-storage') return String(amount);
  const [suffix, size] = [['Gi', 2n ** 30n] as const, ['Mi', 2n ** 20n] as const].find(
    ([, each]) => amount >= each && amount % each === 0n,
  ) ?? ['Mi', 2n ** 20n];
  return amount < size ? String(amount) : `${amount / size}${suffix}`;
}

/** What of each resource, for people: devices first, then `cpu`, `memory` and what else is named. */
export function resourcesText(resources: Resources, names: readonly string[]): string {
  const parts = names.map((name) => amountText(name, resources[name] ?? 0n));
  return parts.length > 1 ? `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}` : (parts[0] ?? 'nothing');
}
