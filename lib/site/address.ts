import { IPv4 } from 'ipaddr.js';
import { failure } from '../errors';
import { addressInvalid, cidrInvalid } from './messages';

/** A range of IPv4 addresses, `first` and `last` included, as numbers. */
export interface Range {
  readonly cidr: string;
  readonly first: number;
  readonly last: number;
}

/**
 * @returns the address as a number, for arithmetic
 * @throws INVALID_ADDRESS
 */
export function addressNumber(address: string): number {
  if (typeof address !== 'string' || !IPv4.isValidFourPartDecimal(address)) throw failure(addressInvalid(address));
  return IPv4.parse(address)
    .toByteArray()
    .reduce((sum, byte) => sum * 256 + byte, 0);
}

export function addressText(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}

/**
 * Parses a CIDR. Host bits must be zero: OpenStack returns the canonical form, and with any other form every Terraform plan would
 * replace the resource.
 *
 * @throws INVALID_CIDR
 */
export function range(cidr: string): Range {
  const match = typeof cidr === 'string' ? /^([\d.]+)\/(\d{1,2})$/.exec(cidr) : null;
  if (!match?.[1] || !IPv4.isValidFourPartDecimal(match[1]) || Number(match[2]) > 32) throw failure(cidrInvalid(cidr));
  const size = 2 ** (32 - Number(match[2]));
  const given = addressNumber(match[1]);
  const first = Math.floor(given / size) * size;
  const canonical = `${addressText(first)}/${Number(match[2])}`;
  if (cidr !== canonical) throw failure(cidrInvalid(cidr, canonical));
  return { cidr, first, last: first + size - 1 };
}

export function overlaps(a: Range, b: Range): boolean {
  return a.first <= b.last && b.first <= a.last;
}

export function contains(outer: Range, inner: Range | number): boolean {
  const { first, last } = typeof inner === 'number' ? { first: inner, last: inner } : inner;
  return outer.first <= first && last <= outer.last;
}

/** Addresses that are not the public Internet: private, shared, loopback, link-local (with the metadata service), multicast. */
export const NOT_PUBLIC = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '224.0.0.0/3',
] as const;
