import { failure } from '../errors';
import { quantityUnknown } from './messages';

const MEMORY_UNITS = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
  PiB: 2 ** 50,
} as const;

const DURATION_UNITS = { s: 1, m: 60, h: 3600, d: 86400 } as const;

/** An amount of memory or disk with a decimal (`GB`) or binary (`GiB`) unit, e.g. `'64GiB'`. */
export type Memory = `${number}${keyof typeof MEMORY_UNITS}`;

/** CPU cores (`4`, `0.5`), or thousandths of a core (`'500m'`). */
export type Cpu = number | `${number}m`;

/** A duration with its unit, e.g. `'30s'`, `'5m'`, `'12h'`, `'7d'`. */
export type Duration = `${number}${keyof typeof DURATION_UNITS}`;

/**
 * @returns the amount in bytes, above 0
 * @throws INVALID_QUANTITY
 */
export function bytes(amount: Memory): number {
  const found = bytesOrNone(amount);
  if (found === 0) throw failure(quantityUnknown(amount, 'memory or size', 'an amount above 0', "e.g. '64GiB'"));
  return found;
}

/**
 * Like `bytes`, for amounts of which 0 means none.
 *
 * @throws INVALID_QUANTITY
 */
export function bytesOrNone(amount: Memory): number {
  return read(amount, MEMORY_UNITS, 'memory', '64GiB');
}

/**
 * @returns cores, possibly a fraction
 * @throws INVALID_QUANTITY
 */
export function cores(cpu: Cpu): number {
  const millis = typeof cpu === 'string' ? /^(\d+)m$/.exec(cpu)?.[1] : undefined;
  const amount = millis === undefined ? cpu : Number(millis) / 1000;
  // Kubernetes has no smaller part of a core than a thousandth.
  if (typeof amount === 'number' && Number.isFinite(amount) && amount >= 0.001) return amount;
  throw failure(quantityUnknown(cpu, 'cpu', 'a positive number of cores, or thousandths like 500m', "2 or '500m'"));
}

/**
 * @returns the duration in seconds
 * @throws INVALID_QUANTITY
 */
export function seconds(duration: Duration): number {
  return read(duration, DURATION_UNITS, 'duration', '30s');
}

/** Formats bytes as a Kubernetes quantity, in the largest binary unit without a fraction: `8Gi`, `1536Mi`, `1000`. */
export function kubernetesMemory(amount: number): string {
  for (const [unit, size] of [
    ['Ti', 2 ** 40],
    ['Gi', 2 ** 30],
    ['Mi', 2 ** 20],
    ['Ki', 2 ** 10],
  ] as const) {
    if (amount >= size && amount % size === 0) return `${amount / size}${unit}`;
  }
  return String(Math.floor(amount));
}

/** Formats cores as a Kubernetes quantity: `4`, `500m`. */
export function kubernetesCpu(amount: number): string {
  const millis = Math.round(amount * 1000);
  return millis % 1000 === 0 ? String(millis / 1000) : `${millis}m`;
}

/** Formats bytes for messages: `7.5 GiB`. */
export function memoryText(amount: number): string {
  for (const [unit, size] of [
    ['TiB', 2 ** 40],
    ['GiB', 2 ** 30],
    ['MiB', 2 ** 20],
    ['KiB', 2 ** 10],
  ] as const) {
    if (Math.abs(amount) >= size) return `${Math.round((amount / size) * 10) / 10} ${unit}`;
  }
  return `${amount} B`;
}

function read(given: string, units: Readonly<Record<string, number>>, what: string, example: string): number {
  const match = typeof given === 'string' ? /^(\d+(?:\.\d+)?)([A-Za-z]+)$/.exec(given) : null;
  const factor = match?.[2] === undefined || !Object.hasOwn(units, match[2]) ? undefined : units[match[2]];
  if (!match || factor === undefined) {
    const allowed = `a number and one of ${Object.keys(units).join(', ')}, without a space`;
    throw failure(quantityUnknown(given, what, allowed, suggestion(given, units) ?? `'${example}'`));
  }
  return Math.round(Number(match[1]) * factor);
}

/** The closest valid quantity: `64GiB` for `64 gigs` and `64Gi`. */
function suggestion(given: unknown, units: Readonly<Record<string, number>>): string | undefined {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*$/.exec(String(given));
  const first = match?.[2]?.[0]?.toLowerCase();
  if (!match || !first) return undefined;
  const unit = Object.keys(units)
    .reverse()
    .find((name) => name[0]?.toLowerCase() === first && name.length !== 2);
  return unit ? `'${match[1]}${unit}'` : undefined;
}
