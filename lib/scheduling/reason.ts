/** Why a pod cannot run on a node, in the scheduler's own words. */
export interface Reason {
  readonly kind: 'name' | 'taint' | 'selector' | 'port' | 'resource' | 'volume' | 'spread' | 'affinity';
  readonly text: string;
  /** The resource that is too little, and what is left of it. */
  readonly short?: { readonly resource: string; readonly asked: bigint; readonly free: bigint };
}
