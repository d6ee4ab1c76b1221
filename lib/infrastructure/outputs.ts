import { TerraformOutput, type TerraformStack } from 'cdktf';
import { sshUser } from '../site';
import { type CloudSite, entryNode } from './cloud-site';

/** Addresses under which the site was made reachable. */
export interface PublicAddresses {
  readonly publicAddress?: string;
  readonly bastion?: string;
}

/** What `terraform output` tells those who applied: addresses, and how to log in. No secret is among them. */
export function placeOutputs(stack: TerraformStack, site: CloudSite, { publicAddress, bastion }: PublicAddresses): void {
  const user = sshUser(site);
  const outputs = {
    nodes: Object.fromEntries(site.nodes.map((node) => [node.name, node.address])),
    public_address: publicAddress,
    bastion_address: bastion,
    ssh: bastion
      ? `ssh -J ${user}@${bastion} ${user}@${entryNode(site).address}`
      : publicAddress && site.cloud.entry !== 'load-balancer'
        ? `ssh ${user}@${publicAddress}`
        : undefined,
  };
  for (const [id, value] of Object.entries(outputs)) {
    if (value !== undefined) new TerraformOutput(stack, id, { value, staticId: true });
  }
}
