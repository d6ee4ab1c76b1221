/** Ports that are open on the nodes, and the addresses outside the node network that may reach them. */
export interface Exposure {
  readonly protocol: 'tcp' | 'udp';
  readonly first: number;
  readonly last: number;
  /** CIDRs that may reach the ports. */
  readonly from: readonly string[];
  /** Description of the security group rule. */
  readonly purpose: string;
}

export const EVERYWHERE = '0.0.0.0/0';
