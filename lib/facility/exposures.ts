import { EXPOSED_TO, type PlacedObject } from '../kubernetes';
import { hostPorts, type ScheduledSpec } from '../scheduling';
import { EVERYWHERE, type Exposure } from '../site';
import { templateOf } from './pods';

/**
 * Ports of the nodes that objects of the facility open: NodePorts and host ports. Host names use the ports of the ingress controller, which
 * belong to the cluster.
 */
export function exposures(objects: readonly PlacedObject[]): readonly Exposure[] {
  return objects.flatMap((placed) => [...nodePorts(placed), ...podPorts(placed)]);
}

function nodePorts({ object }: PlacedObject): readonly Exposure[] {
  if (object.kind !== 'Service') return [];
  const from: readonly string[] = exposedTo(object.metadata.annotations) ?? object.spec?.loadBalancerSourceRanges ?? [EVERYWHERE];
  return (object.spec?.ports ?? [])
    .filter((port: { nodePort?: number }) => port.nodePort !== undefined)
    .map((port: { nodePort: number; protocol?: string; name?: string }) => ({
      protocol: port.protocol === 'UDP' ? 'udp' : 'tcp',
      first: port.nodePort,
      last: port.nodePort,
      from,
      purpose: `${object.metadata.namespace}/${object.metadata.name} ${port.name ?? ''}`.trim(),
    }));
}

function podPorts(placed: PlacedObject): readonly Exposure[] {
  const template = templateOf(placed);
  if (!template) return [];
  const from = exposedTo(placed.object.metadata.annotations);
  // Pods on the node's network serve the node, unless their workload states who else may connect.
  if (template.spec.hostNetwork && !from) return [];
  return hostPorts(template.spec as ScheduledSpec).map(({ port, protocol }) => ({
    protocol: protocol === 'UDP' ? 'udp' : 'tcp',
    first: port,
    last: port,
    from: from ?? [EVERYWHERE],
    purpose: `${placed.object.metadata.namespace}/${placed.object.metadata.name}`,
  }));
}

/** CIDRs of the annotation, if the object has it. */
function exposedTo(annotations: Readonly<Record<string, string>> = {}): readonly string[] | undefined {
  return annotations[EXPOSED_TO]?.split(',');
}
