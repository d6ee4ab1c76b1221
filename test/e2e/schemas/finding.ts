/** An error in a synthesized file, with its path. */
export interface Finding {
  readonly code: FindingCode;
  /** Position in the file, e.g. `resource.openstack_compute_instance_v2.worker-1.network[0].port`. */
  readonly path: string;
  readonly message: string;
}

export type FindingCode =
  | 'absolute-path'
  | 'backend'
  | 'block-count'
  | 'block-shape'
  | 'cluster-node-count'
  | 'cluster-schema'
  | 'cluster-yaml'
  | 'missing-attribute'
  | 'provider-reference'
  | 'provider-source'
  | 'read-only-attribute'
  | 'template'
  | 'unknown-attribute'
  | 'unknown-reference'
  | 'unknown-section'
  | 'unknown-type'
  | 'user-data-interpolation'
  | 'user-data-size'
  | 'wrong-type';

export type Report = (code: FindingCode, path: string, message: string) => void;

/** A list of names in a message. */
export const listed = (names: Iterable<string>): string => [...names].sort().join(', ') || 'nothing';

/** A value in a message, shortened to one line. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
