import { failure, quote } from '../errors';
import { secretInvalid } from './messages';

/**
 * Where a secret value is kept in the cluster. The library never creates, reads or prints the value; `facility bootstrap`
 * makes the Secrets that a site refers to.
 *
 * @madeBy secret
 */
export interface SecretKey {
  /** Name of the Kubernetes Secret, in the namespace of whoever uses it. */
  readonly name: string;
  /** Key in its data. */
  readonly key: string;
}

/**
 * Refers to one key of a Secret.
 *
 * @param key default: `value`
 * @throws INVALID_SECRET
 * @see https://kubernetes.io/docs/concepts/configuration/secret/#restriction-names-data
 */
export function secret(name: string, key = 'value'): SecretKey {
  checkReference({ name, key });
  if (name.length > 253 || !/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(name))
    throw failure(secretInvalid(`a name of ${name.length} characters${strange(name.replace(/[-a-z0-9.]/g, ''))}`), 'secret');
  if (key.length > 253 || !/^[-._a-zA-Z0-9]+$/.test(key) || key === '.' || key === '..')
    throw failure(secretInvalid(`a key of ${key.length} characters${strange(key.replace(/[-._a-zA-Z0-9]/g, ''))}`), 'secret');
  return { name, key };
}

/** @throws INVALID_SECRET if it is no reference at all, but perhaps the value itself */
export function checkReference(given: SecretKey): SecretKey {
  const { name, key } = Object(given) as Partial<Record<keyof SecretKey, unknown>>;
  if (typeof name !== 'string' || typeof key !== 'string') throw failure(secretInvalid('something that refers to no Secret'));
  return given;
}

function strange(characters: string): string {
  return characters === '' ? '' : `, with ${[...new Set(characters)].map(quote).join(' ')} in it`;
}

/** How `facility bootstrap` comes to the value of a secret. */
export type SecretOrigin =
  /** Random bytes in hexadecimal, made once and kept. */
  | { readonly kind: 'random'; readonly bytes: number }
  /** Random as well, but a party outside must be told the value, or has one of its own to be put here. */
  | { readonly kind: 'shared'; readonly bytes: number; readonly with: string }
  /** A fixed word that belongs to a random one: a user name beside its password. */
  | { readonly kind: 'fixed'; readonly value: string }
  /** A certificate and its key for these host names (`tls.crt`, `tls.key`), self-signed until a real one takes its place. */
  | { readonly kind: 'certificate'; readonly hosts: readonly string[] }
  /** The same value as another secret of the facility: a self-signed certificate, as the authority that clients trust. */
  | { readonly kind: 'same'; readonly as: SecretKey }
  /** Only the operator has it, unless another service of the facility keeps a value under the same name and key, e.g. the cloud's credentials. */
  | { readonly kind: 'operator'; readonly what: string };
