import type { ServiceChart } from '../../kubernetes';
import { IMAGES, nodeLabels, offersOf, poolKeys, poolLabels } from '../../site';
import { byResource } from './claims';
import type { NvidiaPool } from './pools';
import type { NvidiaGpusProps } from './props';

/** The chart of the operator has the version of its image. */
const OPERATOR_VERSION = IMAGES['gpu-operator'].slice(IMAGES['gpu-operator'].lastIndexOf(':') + 1);

/** The chart renders nothing until somebody has said that no device plugin is there; its domains of several nodes want a webhook. */
const CLAIMS_DRIVER = [
  'helm install dra-driver oci://registry.k8s.io/dra-driver-nvidia/charts/dra-driver-nvidia-gpu --version 0.5.0 --namespace dra-driver',
  '--set gpuResourcesEnabledOverride=true --set resources.computeDomains.enabled=false',
].join(' ');

/** Says in the summary what pods can ask for, and what must be there before. */
export function promiseCards(chart: ServiceChart, pools: readonly NvidiaPool[], props: NvidiaGpusProps): void {
  for (const pool of pools) {
    for (const { resource, perNode, title } of offersOf(pool)) {
      const count = Object.values(perNode).reduce((sum, one) => sum + one, 0);
      chart.promise(`pool ${pool.name} has ${count} × ${resource} (${title})`);
    }
  }
  if (props.by !== 'plain') {
    chart.promise(
      `wants the operator: helm install gpu-operator nvidia/gpu-operator --version ${OPERATOR_VERSION} --namespace ${chart.space} --set clusterPolicy.deployCR=false`,
    );
  }
  if (props.claims) {
    const root = props.by !== 'plain' && props.driver === 'operator' ? '/run/nvidia/driver' : '/';
    chart.promise(`wants NVIDIA's driver for claims: ${CLAIMS_DRIVER} --set nvidiaDriverRoot=${root}`);
  }
  if (props.claims && !byResource(chart.site, props.claims)) {
    const unknown = pools.flatMap(offersOf).map(({ resource }) => resource);
    chart.warn(
      `pods that ask for ${[...new Set(unknown)].join(', ')} wait for ever: before Kubernetes 1.36 cards can be claimed by templates alone`,
    );
  }
  if (chart.site.cluster.kind === 'existing') for (const text of pools.flatMap((pool) => labelling(chart, pool))) chart.promise(text);
}

/** Nodes that exist already are labelled by those who made them. */
function labelling({ site }: ServiceChart, pool: NvidiaPool): readonly string[] {
  const own = Object.entries(poolLabels(site, pool)).map(([key, value]) => `${key}=${value}`);
  const nodes = own.length > 0 ? `-l ${own.join(',')}` : '--all';
  const labels = poolKeys(pool).map((key) => {
    const wanted = Object.entries(nodeLabels({ ...pool, labels: {} }, key)).map(([name, value]) => `${name}=${value}`);
    return [key, wanted.join(' ')] as const;
  });
  const distinct = new Set(labels.map(([, text]) => text));
  if (distinct.size === 1) return [`wants labels: kubectl label --overwrite nodes ${nodes} ${[...distinct][0]}`];
  return labels.map(([key, text]) => `wants labels: kubectl label --overwrite node ${key} ${text}`);
}
