import { failure, type Problems } from '../../errors';
import type { ServiceChart } from '../../kubernetes';
import { type SecretKey, type SecretOrigin, seconds } from '../../site';
import type { CertificateFile } from './daemon';
import { condorKey, condorTokenLifetime } from './messages';
import type { TokenClaims } from './roles';
import type { CondorSecurityProps } from './security-props';
import { hmacKey, isStale, mintToken } from './tokens';

/** Key that signs the tokens of notebooks. Access points accept it, managers do not: who has it cannot change the pool. */
export const USER_KEY = 'USERS';

/** Signing keys of a pool. */
export interface PoolKeys {
  /** Id of the key that signs. */
  readonly sign: string;
  readonly signing: SecretKey;
  /** All keys whose tokens managers accept. */
  readonly all: readonly SecretKey[];
  /** Key of the tokens of notebooks. */
  readonly users: SecretKey;
}

/** States that the signing keys of a pool must exist. INVALID_CONDOR_KEY is recorded. */
export function poolKeys(chart: ServiceChart, { keys = {} }: CondorSecurityProps): PoolKeys {
  const { sign = 'POOL', accept = [] } = keys;
  const ids = [sign, ...accept];
  chart.problems.attempt(`${chart.path()}/security/keys`, () => checkKeys(ids));
  // Hexadecimal digits: a key must not contain a zero byte after it is unscrambled.
  const random = (name: string, key: string) => chart.needs({ name, key }, { kind: 'random', bytes: 32 });
  const all = [...new Set(ids)].map((id) => random(chart.objectName('signing-keys'), id));
  return {
    sign,
    signing: { name: chart.objectName('signing-keys'), key: sign },
    all,
    users: random(chart.objectName('user-key'), USER_KEY),
  };
}

function checkKeys(ids: readonly string[]): void {
  for (const [index, id] of ids.entries()) {
    if (!/^[A-Za-z0-9_-]{1,60}$/.test(id)) throw failure(condorKey(id, 'the name is invalid'));
    if (id === USER_KEY) throw failure(condorKey(id, 'it signs the tokens of notebooks'));
    if (ids.indexOf(id) !== index) throw failure(condorKey(id, 'it is there twice'));
  }
}

/** Lifetime of the tokens of daemons in seconds. INVALID_CONDOR_TOKEN_LIFETIME is recorded. */
export function tokenLifetime(
  problems: Problems,
  path: string,
  given: CondorSecurityProps,
  name: 'tokenLifetime' | 'userTokenLifetime',
): number {
  const lifetime = problems.number(`${path}/${name}`, () => seconds(given[name] ?? (name === 'tokenLifetime' ? '365d' : '7d')));
  if (lifetime < 3600) problems.add(`${path}/${name}`, condorTokenLifetime(lifetime));
  return lifetime;
}

/**
 * How `npx facility bootstrap` makes a token: it signs with the key of the pool, offline. A token that expires soon, or was signed with a key that
 * no longer signs, is made again.
 */
export function tokenOrigin(keys: PoolKeys, claims: TokenClaims, lifetime: number): SecretOrigin {
  const now = () => Math.floor(Date.now() / 1000);
  return {
    kind: 'derived',
    from: keys.signing,
    what: `IDTOKEN of ${claims.identity}: npx facility condor-token, where the key of ${claims.issuer} is`,
    derive: (key) => mintToken(key, keys.sign, claims, { issuedAt: now(), lifetime }),
    isStale: (token) => isStale(token, keys.sign, claims, lifetime, now()),
  };
}

/** Key of HMAC-SHA256 that belongs to the key of notebooks, for the hub, which knows nothing of HTCondor. */
export function notebookKeyOrigin(users: SecretKey): SecretOrigin {
  const derive = (key: string) => hmacKey(Buffer.from(key), USER_KEY).toString('hex');
  return { kind: 'derived', from: users, what: 'key of the tokens of notebooks, from the user key of the pool', derive };
}

/** Host certificate of a role, with the authority that its clients trust. */
export function hostCertificate(
  chart: ServiceChart,
  { ssl, scitokens }: CondorSecurityProps,
  hosts: readonly string[],
): readonly CertificateFile[] | undefined {
  if (!ssl && !scitokens) return undefined;
  const name = ssl?.secret ?? chart.objectName('host');
  const authority = ssl?.authority ?? 'tls.crt';
  chart.needs({ name, key: 'tls.crt' }, { kind: 'certificate', hosts });
  if (authority !== 'tls.crt')
    chart.needs({ name, key: authority }, { kind: 'operator', what: 'authority that signed the host certificate (PEM)' });
  return [
    { secret: { name, key: 'tls.crt' }, file: 'tls.crt' },
    { secret: { name, key: 'tls.key' }, file: 'tls.key' },
    { secret: { name, key: authority }, file: 'ca.crt' },
  ];
}
