import { failure } from '../errors';
import { authorityInvalid } from './messages';

/** Exactly one certificate in PEM format, so that nothing else (a private key) is accepted. */
const CERTIFICATE = /^-----BEGIN CERTIFICATE-----\n(?:[A-Za-z0-9+/=]{1,76}\n)+-----END CERTIFICATE-----$/;

/**
 * The certificates of a PEM text, each ending with a newline. Windows line endings and comments between certificates are removed.
 *
 * @throws INVALID_AUTHORITY without repeating the text, which may be a private key
 */
export function certificatesOf(pem: string): readonly string[] {
  const text = typeof pem === 'string' ? pem.replace(/\r\n?/g, '\n') : '';
  if (/PRIVATE KEY/.test(text)) throw failure(authorityInvalid('a private key'));
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) throw failure(authorityInvalid('text without a certificate'));
  if (!blocks.every((block) => CERTIFICATE.test(block))) throw failure(authorityInvalid('a damaged certificate'));
  return blocks.map((block) => `${block}\n`);
}
