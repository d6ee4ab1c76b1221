import { createHash } from 'node:crypto';
import { type ContainerProps, DaemonSet, Deployment, type Exceptions, type ServiceChart } from '../../kubernetes';
import type { NodePool, Placement } from '../../site';
import { DISK } from './override';
import type { PlaceholdersProps } from './props';
import { placementOf } from './servers';

const SMALL = { cpu: '5m', cpuLimit: '50m', memory: '16MiB', disk: '16MiB' } as const;

const IDLE: Exceptions = { 'no-probe': 'it waits and does nothing', unreachable: 'nothing connects to it, and it connects to nothing' };

/**
 * On every node of a pool, the images that servers there may be started from: the first user of the day does not wait for some
 * GiB. The images are those of the choices, no others; a new one is fetched as soon as it is applied.
 */
export class ImagePuller extends DaemonSet {
  constructor(chart: ServiceChart, pool: NodePool, images: readonly string[]) {
    super(chart, `pull-${pool.name}`, {
      on: pool,
      dns: false,
      priority: 'batch',
      // It ends by itself, and each image in its turn: what counts is that the node has it.
      initContainers: Object.fromEntries(images.map((image) => [`pull-${digest(image)}`, pulled(image)])),
      containers: { pause: { image: chart.image('pause'), resources: SMALL } },
      exceptions: IDLE,
    });
  }
}

function pulled(image: string): ContainerProps {
  return { image, command: ['/bin/sh', '-c', 'true'], resources: SMALL };
}

function digest(image: string): string {
  return createHash('sha256').update(image).digest('hex').slice(0, 8);
}

/**
 * Room for servers that nobody has started yet: pods of lower priority that go as soon as a user needs theirs. Worth it where
 * an autoscaler adds nodes, which takes minutes.
 */
export class Placeholders extends Deployment {
  constructor(chart: ServiceChart, { count, size }: PlaceholdersProps, on: Placement) {
    const { cpu, cpuLimit = cpu, memory, disk = DISK, accelerator } = size;
    const resources = { cpu, cpuLimit, memory, disk };
    const card = accelerator === 'none' ? undefined : accelerator;
    super(chart, 'placeholder', {
      on: placementOf(size) ?? on,
      // None more while it is rolled: all cards may be in use.
      ...(card ? { strategy: 'InPlace' } : {}),
      replicas: count,
      dns: false,
      priority: 'batch',
      grace: 0,
      containers: { pause: { image: chart.image('pause'), resources, ...(card ? { accelerator: card } : {}) } },
      exceptions: IDLE,
    });
  }
}
