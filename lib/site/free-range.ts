import { addressText, overlaps, type Range, range } from './address';

/**
 * Address blocks for private networks, in the order in which a free range is searched.
 *
 * @see https://www.rfc-editor.org/rfc/rfc1918#section-3, https://www.rfc-editor.org/rfc/rfc6598#section-7
 */
const PRIVATE_BLOCKS = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'] as const;

/**
 * Finds a private range of a given prefix length that does not overlap with the ranges in use.
 *
 * @param length prefix length, 8 to 32
 * @param preferred CIDR whose position is tried first
 * @returns the CIDR; undefined if every private block is full
 */
export function freeRange(length: number, taken: readonly Range[], preferred?: string): string | undefined {
  const size = 2 ** (32 - length);
  const blocks = PRIVATE_BLOCKS.map((cidr) => range(cidr)).filter(({ first, last }) => last - first + 1 >= size);
  const start = preferred === undefined ? undefined : Math.floor(range(preferred).first / size) * size;
  const startBlock = blocks.find(({ first, last }) => start !== undefined && first <= start && start + size - 1 <= last);
  const searches: readonly (readonly [from: number, last: number])[] = [
    ...(startBlock && start !== undefined ? [[start, startBlock.last] as const] : []),
    ...blocks.map(({ first, last }) => [first, last] as const),
  ];
  for (const [from, last] of searches) {
    const found = search(from, last, size, taken);
    if (found !== undefined) return `${addressText(found)}/${length}`;
  }
  return undefined;
}

/** The first aligned address that starts a free range of `size` addresses. */
function search(from: number, end: number, size: number, taken: readonly Range[]): number | undefined {
  let first = from;
  while (first + size - 1 <= end) {
    const candidate = { cidr: '', first, last: first + size - 1 };
    const conflict = taken.find((other) => overlaps(candidate, other));
    if (!conflict) return first;
    first = Math.ceil((conflict.last + 1) / size) * size;
  }
  return undefined;
}
