import { TerraformOutput, type TerraformStack } from 'cdktf';
import { sshUser } from '../site';
import { type CloudSite, entryNode } from './cloud-site';

/** Public addresses of the site and of its bastion. */
export interface PublicAddresses {
  readonly publicAddress?: string;
  readonly bastion?: string;
}

/** Terraform outputs: addresses, and the SSH command. They contain no secrets. */
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
