import { createHash } from 'node:crypto';
import { type ContainerProps, DaemonSet, Deployment, type Exceptions, type ServiceChart } from '../../kubernetes';
import type { NodePool, Placement } from '../../site';
import { DISK } from './override';
import type { PlaceholdersProps } from './props';
import { placementOf } from './servers';

const SMALL = { cpu: '5m', cpuLimit: '50m', memory: '16MiB', disk: '16MiB' } as const;

const IDLE: Exceptions = { 'no-probe': 'the container only sleeps', unreachable: 'no connections to or from the pod' };

/**
 * Pulls the images of notebook servers on every node of a pool in advance, so that the first start does not wait for the download of
 * several GiB. Only images of choices are pulled; a new image is pulled as soon as the manifests are applied.
 */
export class ImagePuller extends DaemonSet {
  constructor(chart: ServiceChart, pool: NodePool, images: readonly string[]) {
    super(chart, `pull-${pool.name}`, {
      on: pool,
      dns: false,
      priority: 'batch',
      // Each init container exits immediately: its only purpose is that the kubelet pulls the image.
      initContainers: Object.fromEntries(images.map((image) => [`pull-${digest(image)}`, pullContainer(image)])),
      containers: { pause: { image: chart.image('pause'), resources: SMALL } },
      exceptions: IDLE,
    });
  }
}

function pullContainer(image: string): ContainerProps {
  return { image, command: ['/bin/sh', '-c', 'true'], resources: SMALL };
}

function digest(image: string): string {
  return createHash('sha256').update(image).digest('hex').slice(0, 8);
}

/**
 * Placeholder pods of low priority. They reserve capacity for future notebook servers, and are preempted when a server needs it. This is
 * useful with a cluster autoscaler, which needs minutes to add a node.
 */
export class Placeholders extends Deployment {
  constructor(chart: ServiceChart, { count, size }: PlaceholdersProps, on: Placement) {
    const { cpu, cpuLimit = cpu, memory, disk = DISK, accelerator } = size;
    const resources = { cpu, cpuLimit, memory, disk };
    const device = accelerator === 'none' ? undefined : accelerator;
    super(chart, 'placeholder', {
      on: placementOf(size) ?? on,
      // No surge during a rollout: all accelerators may be in use.
      ...(device ? { strategy: 'InPlace' } : {}),
      replicas: count,
      dns: false,
      priority: 'batch',
      grace: 0,
      containers: { pause: { image: chart.image('pause'), resources, ...(device ? { accelerator: device } : {}) } },
      exceptions: IDLE,
    });
  }
}
