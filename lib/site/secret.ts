import { failure, quote } from '../errors';
import { secretInvalid } from './messages';

/**
 * Reference to a key of a Kubernetes Secret. The library never creates, reads or prints the value; `npx facility bootstrap` creates the Secrets
 * that a site refers to.
 *
 * @madeBy secret
 */
export interface SecretKey {
  /** Name of the Kubernetes Secret, in the namespace of the pods that use it. */
  readonly name: string;
  /** Key in the data of the Secret. */
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
    throw failure(secretInvalid(`a name of ${name.length} characters${invalidCharacters(name.replace(/[-a-z0-9.]/g, ''))}`), 'secret');
  if (key.length > 253 || !/^[-._a-zA-Z0-9]+$/.test(key) || key === '.' || key === '..')
    throw failure(secretInvalid(`a key of ${key.length} characters${invalidCharacters(key.replace(/[-._a-zA-Z0-9]/g, ''))}`), 'secret');
  return { name, key };
}

/** @throws INVALID_SECRET if the value is not a reference; it may be the secret itself */
export function checkReference(given: SecretKey): SecretKey {
  const { name, key } = Object(given) as Partial<Record<keyof SecretKey, unknown>>;
  if (typeof name !== 'string' || typeof key !== 'string') throw failure(secretInvalid('a value that is not a reference to a Secret'));
  return given;
}

function invalidCharacters(characters: string): string {
  return characters === '' ? '' : `, with the invalid characters ${[...new Set(characters)].map(quote).join(' ')}`;
}

/** Where `npx facility bootstrap` gets the value of a Secret from. */
export type SecretOrigin =
  /** Random bytes in hexadecimal, generated once. */
  | { readonly kind: 'random'; readonly bytes: number }
  /** Random bytes that must also be configured in an external system, or a value that an external system issues. */
  | { readonly kind: 'shared'; readonly bytes: number; readonly with: string }
  /** A fixed value that belongs to a random one, e.g. the user name for a password. */
  | { readonly kind: 'fixed'; readonly value: string }
  /** A TLS certificate and key for these host names (`tls.crt`, `tls.key`), self-signed until it is replaced. */
  | { readonly kind: 'certificate'; readonly hosts: readonly string[] }
  /** The same value as another Secret of the facility, e.g. a self-signed certificate that clients trust as CA. */
  | { readonly kind: 'same'; readonly as: SecretKey }
  /**
   * Computed from another secret of the facility, e.g. a token that a key signs. `isStale`: whether a value of an earlier run must be computed
   * again. Where the other secret is missing, the operator is told `what` is needed.
   */
  | {
      readonly kind: 'derived';
      readonly from: SecretKey;
      readonly what: string;
      readonly derive: (value: string) => string;
      readonly isStale?: (value: string) => boolean;
    }
  /** Given by the operator, or copied from another service of the facility with the same name and key, e.g. cloud credentials. */
  | { readonly kind: 'operator'; readonly what: string };
