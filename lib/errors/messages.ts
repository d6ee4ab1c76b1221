import { type Finding, quote } from './problem';

export const storageClassMissing = (known: readonly string[]): Finding => ({
  code: 'MISSING_STORAGE_CLASS',
  given: 'a volume without a storage class, on a site without a default storage class',
  allowed: known.length > 0 ? `one of ${known.join(', ')}` : 'a storage class of the site: cinder() or storageClass(name)',
  fix: "add `storage: { default: storageClass('…') }` to the site, or set `storageClass` of the volume",
});
/**
 * @param least smallest number that is allowed. @default 1
 * @param required whether the prop has no default
 */
export const countInvalid = (given: unknown, least = 1, required = false): Finding => ({
  code: 'INVALID_COUNT',
  given: quote(given),
  allowed: `a whole number from ${least}`,
  fix: `write a whole number from ${least}${required ? '' : ', or remove the prop'}`,
});

export const imageUnpinned = (image: string): Finding => ({
  severity: 'warning',
  code: 'INSECURE_IMAGE_TAG',
  given: `image ${image} without a fixed tag: the software can change without a commit`,
  allowed: 'an image with a version tag or a digest',
  fix: `write ${image.replace(/:[^/:]*$/, '')}:<version>, or append @sha256:<digest>`,
});

export const acceptanceUnmatched = (code: string, path: string): Finding => ({
  severity: 'warning',
  code: 'UNKNOWN_ACCEPTED_WARNING',
  given: `an acceptance of ${code} at ${path}, which matches no warning`,
  allowed: 'code and path of a warning, as the summary prints them',
  fix: 'remove the entry from `accept` if the warning no longer occurs; otherwise correct its code or path',
});

export const acceptanceOfError = (code: string, path: string): Finding => ({
  code: 'UNSUPPORTED_ACCEPTED_ERROR',
  given: `an acceptance of ${code} at ${path}, which is an error`,
  allowed: 'codes of warnings; errors cannot be accepted',
  fix: 'fix the error, and remove the entry from `accept`',
});

/** @param prop that sets the address */
export const addressOutside = (address: string, cidr: string, prop: string): Finding => ({
  code: 'INVALID_ADDRESS_RANGE',
  given: address,
  allowed: `an address inside ${cidr}`,
  fix: `set \`${prop}\` so that the address is inside ${cidr}; or, before the first apply, enlarge \`cidr\``,
});

export const optionInvalid = (given: string, allowed: string): Finding => ({
  code: 'INVALID_OPTION',
  given: quote(given),
  allowed,
  fix: 'run npx facility --help for the usage',
});
