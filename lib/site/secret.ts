/**
 * Where a secret value is kept in the cluster. The library never creates, reads or prints the value; `facility bootstrap`
 * makes the Secrets that a site refers to.
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
 */
export function secret(name: string, key = 'value'): SecretKey {
  return { name, key };
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
