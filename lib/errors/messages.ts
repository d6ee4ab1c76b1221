import { type Finding, quote } from './problem';

export const storageClassMissing = (known: readonly string[]): Finding => ({
  code: 'MISSING_STORAGE_CLASS',
  given: 'a volume without a storage class, on a site without a default one',
  allowed: known.length > 0 ? `one of ${known.join(', ')}` : 'a class of the site: cinder() or storageClass(name)',
  fix: "give the site `storage: { default: storageClass('…') }`, or the volume its `storageClass`",
});
/** @param least smallest number that is allowed. @default 1 */
export const countInvalid = (given: unknown, least = 1): Finding => ({
  code: 'INVALID_COUNT',
  given: quote(given),
  allowed: `a whole number from ${least}`,
  fix: `write a whole number from ${least}, or leave it out`,
});

export const imageUnpinned = (image: string): Finding => ({
  severity: 'warning',
  code: 'INSECURE_IMAGE_TAG',
  given: `image ${image}, which has no fixed tag: what runs changes without a commit`,
  allowed: 'an image with the tag of a version, or with a digest',
  fix: `write ${image.replace(/:[^/:]*$/, '')}:<version>, or append @sha256:<digest>`,
});

export const acceptanceUnmatched = (code: string, path: string): Finding => ({
  severity: 'warning',
  code: 'UNKNOWN_ACCEPTED_WARNING',
  given: `an acceptance of ${code} at ${path}, which matches no warning`,
  allowed: 'code and path of a warning, as the summary prints them',
  fix: 'remove it from `accept` if the warning is gone; otherwise correct its code or path',
});

export const acceptanceOfError = (code: string, path: string): Finding => ({
  code: 'UNSUPPORTED_ACCEPTED_ERROR',
  given: `an acceptance of ${code} at ${path}, which is an error`,
  allowed: 'warnings: an error cannot be accepted',
  fix: 'correct the error, and remove the acceptance from `accept`',
});

export const addressOutside = (address: string, cidr: string): Finding => ({
  code: 'INVALID_ADDRESS_RANGE',
  given: address,
  allowed: `an address inside ${cidr}`,
  fix: 'move `firstAddress` into the network, or widen the network',
});

export const optionInvalid = (given: string, allowed: string): Finding => ({
  code: 'INVALID_OPTION',
  given: quote(given),
  allowed,
  fix: 'see facility --help',
});
