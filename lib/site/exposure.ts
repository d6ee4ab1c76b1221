/** Something of the facility that answers on the nodes themselves, and who may reach it from outside the nodes' network. */
export interface Exposure {
  readonly protocol: 'tcp' | 'udp';
  readonly first: number;
  readonly last: number;
  /** CIDRs. */
  readonly from: readonly string[];
  /** What answers there; becomes the description of the security-group rule. */
  readonly purpose: string;
}

export const EVERYWHERE = '0.0.0.0/0';
