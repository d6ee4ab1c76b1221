import { failure } from '../errors';
import { hostInvalid, nameInvalid, nameTooLong } from './messages';

/**
 * Validates a name that is used in DNS, OpenStack and Kubernetes: an RFC 1123 label that starts with a letter
 * (names of Services and Terraform resources must not start with a digit).
 *
 * @throws INVALID_NAME, EXCEEDS_NAME_LENGTH
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
 */
export function checkName(name: string, longest = 63): string {
  if (typeof name !== 'string' || !/^[a-z]([a-z0-9-]*[a-z0-9])?$/.test(name)) throw failure(nameInvalid(name, suggestion(name)));
  if (name.length > longest) throw failure(nameTooLong(name, longest));
  return name;
}

/** @throws INVALID_HOST unless every label of the host name is an RFC 1123 label */
export function checkHost(host: string): string {
  const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
  const labels = String(host).split('.');
  if (String(host).length > 253 || labels.length < 2 || !labels.every((part) => label.test(part))) {
    throw failure(hostInvalid(host));
  }
  return host;
}

function suggestion(name: unknown): string {
  const cleaned = (typeof name === 'string' ? name : '')
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .replace(/-+$/, '');
  return cleaned || 'worker';
}
