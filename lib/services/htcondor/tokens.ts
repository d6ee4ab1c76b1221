import { createHmac, randomUUID } from 'node:crypto';
import type { TokenClaims } from './roles';

/** What a token says beside its claims. */
export interface TokenTimes {
  /** Time of issue in seconds since 1970. */
  readonly issuedAt: number;
  /** Lifetime in seconds. */
  readonly lifetime: number;
}

const SCRAMBLE = [0xde, 0xad, 0xbe, 0xef] as const;

/**
 * HTCondor stores keys scrambled: what a file contains is XORed with DEADBEEF. A key that ends up with a zero byte would be cut there, which
 * keys in hexadecimal cannot: none of the four bytes is a hexadecimal digit.
 *
 * @see https://github.com/htcondor/htcondor/blob/main/src/condor_utils/secure_file.cpp
 */
export function unscrambled(file: Buffer): Buffer {
  return Buffer.from(file.map((byte, index) => byte ^ (SCRAMBLE[index % 4] ?? 0)));
}

/**
 * The key of HS256 for a signing key: HKDF-SHA256 of one block. The key POOL counts twice.
 *
 * @see https://github.com/htcondor/htcondor/blob/main/src/condor_utils/store_cred.cpp (getTokenSigningKey)
 * @see https://github.com/htcondor/htcondor/blob/main/src/condor_io/condor_auth_passwd.cpp (generate_token)
 */
export function hmacKey(file: Buffer, keyId: string): Buffer {
  const key = unscrambled(file);
  const extracted = createHmac('sha256', SALT)
    .update(keyId === 'POOL' ? Buffer.concat([key, key]) : key)
    .digest();
  return createHmac('sha256', extracted)
    .update(Buffer.from(`${INFO}\x01`))
    .digest();
}

/** Parameters of HKDF. */
export const SALT = 'htcondor';
export const INFO = 'master jwt';

/** An IDTOKEN as condor_token_create would write it, without HTCondor. */
export function mintToken(key: string, keyId: string, claims: TokenClaims, times: TokenTimes): string {
  const header = { alg: 'HS256', kid: keyId };
  const payload = {
    exp: times.issuedAt + times.lifetime,
    iat: times.issuedAt,
    iss: claims.issuer,
    jti: randomUUID().replaceAll('-', ''),
    ...(claims.scopes.length > 0 ? { scope: claims.scopes.map((one) => `condor:/${one}`).join(' ') } : {}),
    sub: claims.identity,
  };
  const signed = [header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  const signature = createHmac('sha256', hmacKey(Buffer.from(key), keyId))
    .update(signed)
    .digest('base64url');
  return `${signed}.${signature}`;
}

/** What a token says, without a look at its signature; undefined if it is none. */
export function claimsOf(token: string): (Readonly<Record<string, unknown>> & { readonly kid?: unknown }) | undefined {
  const [header, payload, signature] = token.trim().split('.');
  if (!header || !payload || !signature) return undefined;
  try {
    const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as Record<string, unknown>;
    return { ...read(payload), kid: read(header).kid };
  } catch {
    return undefined;
  }
}

/**
 * Whether a token must be made anew: its claims or its key are no longer those that are wanted, or less than a third of its lifetime is left.
 *
 * @param now in seconds since 1970
 */
export function isStale(token: string, keyId: string, claims: TokenClaims, lifetime: number, now: number): boolean {
  const found = claimsOf(token);
  if (!found || found.kid !== keyId || found.iss !== claims.issuer || found.sub !== claims.identity) return true;
  const scope = claims.scopes.map((one) => `condor:/${one}`).join(' ');
  if ((found.scope ?? '') !== scope) return true;
  return typeof found.exp !== 'number' || found.exp - now < lifetime / 3;
}
