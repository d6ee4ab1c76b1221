import { IPv6 } from 'ipaddr.js';
import { failure } from '../errors';
import { contains, range } from './address';
import { addressInvalid, cidrInvalid } from './messages';

/** A range of IPv6 addresses, `first` and `last` included, as numbers. */
export interface Range6 {
  readonly cidr: string;
  readonly length: number;
  readonly first: bigint;
  readonly last: bigint;
}

/** Whether an address or CIDR is written as IPv6. */
export function isIpv6(text: unknown): boolean {
  return typeof text === 'string' && text.includes(':');
}

/**
 * @returns the address as a number, for arithmetic
 * @throws INVALID_ADDRESS
 */
export function addressNumber6(address: string): bigint {
  if (!isIpv6(address) || address.includes('%') || !IPv6.isValid(address)) throw failure(addressInvalid(address, 6));
  return IPv6.parse(address)
    .toByteArray()
    .reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
}

/** The canonical text of an address. @see https://www.rfc-editor.org/rfc/rfc5952 */
export function addressText6(address: bigint): string {
  const bytes = Array.from({ length: 16 }, (_, index) => Number((address >> BigInt(8 * (15 - index))) & 255n));
  return new IPv6(bytes).toRFC5952String();
}

/**
 * Parses an IPv6 CIDR. It must be in canonical form, with host bits zero: OpenStack returns that form, and with any other form every
 * Terraform plan would show a change.
 *
 * @throws INVALID_CIDR
 */
export function range6(cidr: string): Range6 {
  const [, address = '', text = ''] = (typeof cidr === 'string' && /^([0-9a-fA-F:.]+)\/(\d{1,3})$/.exec(cidr)) || [];
  const length = Number(text);
  if (!isIpv6(address) || !IPv6.isValid(address) || text === '' || length > 128) throw failure(cidrInvalid(cidr, undefined, 6));
  const size = 1n << BigInt(128 - length);
  const first = (addressNumber6(address) / size) * size;
  const canonical = `${addressText6(first)}/${length}`;
  if (cidr !== canonical) throw failure(cidrInvalid(cidr, canonical, 6));
  return { cidr, length, first, last: first + size - 1n };
}

export function overlaps6(a: Range6, b: Range6): boolean {
  return a.first <= b.last && b.first <= a.last;
}

export function contains6(outer: Range6, inner: Range6 | bigint): boolean {
  const { first, last } = typeof inner === 'bigint' ? { first: inner, last: inner } : inner;
  return outer.first <= first && last <= outer.last;
}

/** Global unicast addresses, which the IPv6 Internet uses. @see https://www.iana.org/assignments/ipv6-address-space */
export const GLOBAL_UNICAST = '2000::/3';

/** Parts of `GLOBAL_UNICAST` that embed IPv4 addresses, possibly private ones: Teredo and 6to4. @see https://www.iana.org/assignments/iana-ipv6-special-registry */
export const NOT_PUBLIC6 = ['2001::/32', '2002::/16'] as const;

/** Whether `outer` contains all addresses of `inner`, for IPv4 and IPv6. @throws INVALID_CIDR */
export function containsCidr(outer: string, inner: string): boolean {
  if (isIpv6(outer) !== isIpv6(inner)) return false;
  return isIpv6(outer) ? contains6(range6(outer), range6(inner)) : contains(range(outer), range(inner));
}
