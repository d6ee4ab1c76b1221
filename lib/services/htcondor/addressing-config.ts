import type { Place } from './addressing';
import { configText, settings } from './condor-config';

/**
 * `15-addressing.conf`: what daemons advertise as their address.
 *
 * On the network of a node, the system reports the name of the node, which DNS of the cluster may not know: daemons then wait for minutes at
 * their start. The name of the pod is in DNS, with the address of the node.
 *
 * @param host name of the pod in DNS, for daemons on the network of a node
 */
export function addressingConfig({ addressing }: Place, host?: string): Readonly<Record<string, string>> {
  switch (addressing.kind) {
    case 'in-cluster':
      return {};
    case 'host-network':
      return {
        '15-addressing.conf': configText('Daemons on the network of a node have the name of their pod.', [
          ...settings({ NETWORK_HOSTNAME: host ?? '$ENV(POD_HOST)' }),
        ]),
      };
    case 'node-port':
      return {
        '15-addressing.conf': configText('Clients find the daemons at a port of every node, which has the number of their own port.', [
          ...settings({ TCP_FORWARDING_HOST: addressing.address }),
        ]),
      };
  }
}

/** `60-ccb.conf`: others ask the collector to have these daemons connect to them. */
export function ccbConfig(collector: string, network: string): string {
  return configText('Reached through CCB: no connection from outside is needed.', [
    ...settings({ CCB_ADDRESS: collector, PRIVATE_NETWORK_NAME: network }),
  ]);
}
