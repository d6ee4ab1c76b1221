import type { ITerraformDependable, TerraformStack } from 'cdktf';
import { LbListenerV2 } from '../../imports/openstack/lb-listener-v2';
import { LbLoadbalancerV2 } from '../../imports/openstack/lb-loadbalancer-v2';
import { LbMembersV2 } from '../../imports/openstack/lb-members-v2';
import { LbMonitorV2 } from '../../imports/openstack/lb-monitor-v2';
import { LbPoolV2 } from '../../imports/openstack/lb-pool-v2';
import { compare } from '../errors';
import { type Exposure, loadBalancerAddress } from '../site';
import type { CloudSite } from './cloud-site';
import { type Listener, listeners } from './listeners';
import type { Network } from './network';
import { verbatim } from './verbatim';

/**
 * Idle timeout of connections. The default of Octavia is 50 seconds; `kubectl exec`, watches and the WebSockets of notebooks are idle for
 * longer.
 */
const IDLE_TIMEOUT_MILLISECONDS = 600_000;

const MONITORS = { TCP: 'TCP', UDP: 'UDP-CONNECT' } as const;

/**
 * Creates an Octavia load balancer with an address of the model. Octavia creates the port of that address, with a security group for its
 * listeners.
 *
 * @returns id of the port that a floating IP can be associated with
 */
export function placeLoadBalancer(stack: TerraformStack, site: CloudSite, network: Network, exposures: readonly Exposure[]): string {
  const balancer = new LbLoadbalancerV2(stack, 'load_balancer', {
    region: verbatim(site.cloud.region),
    name: site.name,
    vipSubnetId: network.subnetId,
    vipAddress: loadBalancerAddress(site.cloud),
    dependsOn: [...network.egress],
  });
  // Sequentially: while Octavia changes one part of a load balancer, it rejects all other changes (409 Conflict).
  let before: ITerraformDependable = balancer;
  for (const listener of listeners(site, exposures)) before = placeListener(stack, site, network, balancer.id, listener, before);
  return balancer.vipPortId;
}

function placeListener(
  stack: TerraformStack,
  site: CloudSite,
  network: Network,
  loadbalancerId: string,
  { name, protocol, port, members, from, purpose }: Listener,
  before: ITerraformDependable,
): ITerraformDependable {
  const region = verbatim(site.cloud.region);
  const title = `${site.name}-${name}`;
  const listener = new LbListenerV2(stack, `listener_${name}`, {
    region,
    name: title,
    description: verbatim(purpose).slice(0, 255),
    loadbalancerId,
    protocol,
    protocolPort: port,
    // Octavia returns them sorted as text; any other order would cause a difference in every plan.
    allowedCidrs: [...from].sort(compare),
    ...(protocol === 'TCP' ? { timeoutClientData: IDLE_TIMEOUT_MILLISECONDS, timeoutMemberData: IDLE_TIMEOUT_MILLISECONDS } : {}),
    dependsOn: [before],
  });
  const pool = new LbPoolV2(stack, `pool_${name}`, {
    region,
    name: title,
    listenerId: listener.id,
    protocol,
    lbMethod: 'ROUND_ROBIN',
  });
  const placed = new LbMembersV2(stack, `members_${name}`, {
    region,
    poolId: pool.id,
    // Addresses of the model rather than of the servers, which are unknown while a server is replaced.
    member: members.map((node) => ({
      name: node.name,
      address: node.address,
      protocolPort: port,
      subnetId: network.subnetId,
    })),
  });
  return new LbMonitorV2(stack, `monitor_${name}`, {
    region,
    name: title,
    poolId: pool.id,
    type: MONITORS[protocol],
    delay: 10,
    timeout: 5,
    maxRetries: 3,
    dependsOn: [placed],
  });
}
