import { failure } from '../errors';
import { acceleratorInvalid } from './messages';
import type { NodePool, Taint } from './node-pool';

/** GPUs or other devices that a pod requests. */
export interface AcceleratorProps {
  /** Number of devices per pod. @default 1 */
  readonly count?: number;
  /** Pool whose nodes have the device; pods that request it are placed there. @default - the placement of the service */
  readonly on?: NodePool;
  /** Display name for users. @default - the resource name */
  readonly title?: string;
  /** Labels of the nodes that have the device. @default - none: pods are placed by pool and resource */
  readonly labels?: Readonly<Record<string, string>>;
  /** Further taints of those nodes, which the pods tolerate. @default - only those of the pool */
  readonly taints?: readonly Taint[];
  /** Environment variables for the software that uses the device. @default - none */
  readonly env?: Readonly<Record<string, string>>;
}

/** A hardware accelerator that pods request as an extended resource. */
export interface Accelerator extends AcceleratorProps {
  readonly kind: 'accelerator';
  /** Name of the extended resource, e.g. `example.com/gpu`. */
  readonly resource: string;
  readonly count: number;
}

/**
 * Describes an accelerator by the extended resource that its device plugin advertises.
 *
 * @throws INVALID_ACCELERATOR
 * @see https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#extended-resources
 */
export function accelerator(resource: string, props: AcceleratorProps = {}): Accelerator {
  const count = props.count ?? 1;
  const named = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?\/[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/.test(resource);
  const own = /^([^/]*\.)?kubernetes\.io\//.test(resource);
  if (!named || own || !Number.isInteger(count) || count < 1) throw failure(acceleratorInvalid(resource, count), 'accelerator');
  return { ...props, kind: 'accelerator', resource, count };
}
