import { type Finding, quote } from './problem';

export const storageClassMissing = (known: readonly string[]): Finding => ({
  code: 'MISSING_STORAGE_CLASS',
  given: 'a volume without a storage class, on a site without a default one',
  allowed: known.length > 0 ? `one of ${known.join(', ')}` : 'a class of the site: cinder() or storageClass(name)',
  fix: "give the site `storage: { default: storageClass('…') }`, or the volume its `storageClass`",
});
export const countInvalid = (given: unknown): Finding => ({
  code: 'INVALID_COUNT',
  given: quote(given),
  allowed: 'a whole number above 0',
  fix: 'write a whole number above 0, or leave it out',
});

export const imageMoves = (image: string): string =>
  `image ${image} has no fixed tag, so that what runs changes without a commit: write a tag, or a digest`;

export const addressOutside = (address: string, cidr: string): Finding => ({
  code: 'INVALID_ADDRESS_RANGE',
  given: address,
  allowed: `an address inside ${cidr}`,
  fix: 'move `firstAddress` into the network, or widen the network',
});
