import { failure } from '../errors';
import { quantityUnknown } from './messages';

const DECIMAL: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const BINARY: Readonly<Record<string, bigint>> = { Ki: 10n, Mi: 20n, Gi: 30n, Ti: 40n, Pi: 50n, Ei: 60n };

/** Exponents are limited to this range: larger quantities overflow in Kubernetes, smaller ones are rounded up to the smallest. */
const LARGEST_EXPONENT = 30;
const SMALLEST_EXPONENT = -30;

/** Kubernetes stores nine decimal places. */
const NANO = 9;

/**
 * Parses a Kubernetes quantity (`500m`, `1.5Gi`, `1e15`, `1E`) into billionths of its unit: a core, a byte or a device. Smaller fractions are
 * rounded up, as in Kubernetes.
 *
 * @throws INVALID_QUANTITY
 * @see https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/apimachinery/pkg/api/resource/quantity.go
 */
export function parseQuantity(given: unknown): bigint {
  const text = typeof given === 'number' || typeof given === 'string' ? String(given) : '';
  const match = /^([+-]?)(?=\.?\d)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+)|([KMGTPE]i|[numkMGTPE]?))$/.exec(text);
  if (!match) throw failure(quantityUnknown(given, 'a Kubernetes quantity', ALLOWED, suggestion(text) ?? "'500m', '2' or '64Gi'"));
  const [, sign, whole = '', fraction = '', exponent, suffix = ''] = match;
  const digits = BigInt(`${whole}${fraction}`);
  const binary = BINARY[suffix];
  const power = binary === undefined ? Number(exponent ?? DECIMAL[suffix]) : 0;
  const clamped = Math.max(SMALLEST_EXPONENT, Math.min(LARGEST_EXPONENT, power));
  const shift = clamped + NANO - fraction.length;
  const scaled = binary === undefined ? digits : digits << binary;
  const amount = shift >= 0 ? scaled * 10n ** BigInt(shift) : ceilDiv(scaled, 10n ** BigInt(-shift));
  return sign === '-' ? -amount : amount;
}

/** `5Gi` of `5GiB`, `5 Gi` or `5gi`. */
function suggestion(text: string): string | undefined {
  const [, amount, unit = '', binary] = /^\s*(\d+(?:\.\d+)?)\s*([kmgtpe])(i?)b?\s*$/i.exec(text) ?? [];
  if (amount === undefined) return undefined;
  return `'${amount}${unit.toLowerCase() === 'k' && !binary ? 'k' : unit.toUpperCase()}${binary ? 'i' : ''}'`;
}

const ALLOWED = 'a number with an optional Kubernetes suffix (n, u, m, k, M, G, T, P, E, Ki, Mi, Gi, Ti, Pi, Ei) or exponent (1e9)';

/** Whole units (bytes, devices, pods), rounded up as in the scheduler. @throws INVALID_QUANTITY */
export function wholeUnits(given: unknown): bigint {
  return ceilDiv(parseQuantity(given), 10n ** 9n);
}

/** Thousandths (of a core), rounded up as in the scheduler. @throws INVALID_QUANTITY */
export function thousandthsOf(given: unknown): bigint {
  return ceilDiv(parseQuantity(given), 10n ** 6n);
}

/** The quotient, rounded up. */
function ceilDiv(amount: bigint, by: bigint): bigint {
  const quotient = amount / by;
  return quotient * by < amount ? quotient + 1n : quotient;
}
