/** Why a pod cannot run on a node, with the message of the scheduler. */
export interface Reason {
  readonly kind: 'name' | 'taint' | 'selector' | 'port' | 'resource' | 'volume' | 'spread' | 'affinity';
  readonly text: string;
  /** The insufficient resource. */
  readonly shortage?: { readonly resource: string; readonly requested: bigint; readonly free: bigint };
}
