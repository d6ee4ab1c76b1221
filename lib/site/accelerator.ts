import { failure } from '../errors';
import { acceleratorInvalid } from './messages';
import type { NodePool, Taint } from './node-pool';

/** How a pod gets hold of a card, or of a part of one. */
export interface AcceleratorProps {
  /** How many of them one pod gets. @default 1 */
  readonly count?: number;
  /** The pool whose nodes have it, which is then where such pods go. @default - wherever else they are placed */
  readonly on?: NodePool;
  /** How users read it. @default - the resource */
  readonly title?: string;
  /** Labels of the nodes that have it. @default - none: pool and resource decide */
  readonly labels?: Readonly<Record<string, string>>;
  /** Taints that keep other pods off those nodes. @default - those of the pool alone */
  readonly taints?: readonly Taint[];
  /** Environment variables that its software reads. @default - none */
  readonly env?: Readonly<Record<string, string>>;
}

/** Something that computes faster than a processor, as a device plugin offers it to pods. */
export interface Accelerator extends AcceleratorProps {
  readonly kind: 'accelerator';
  /** Name of the extended resource, e.g. `example.com/gpu`. */
  readonly resource: string;
  readonly count: number;
}

/**
 * Describes an accelerator by the extended resource that its device plugin offers.
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
