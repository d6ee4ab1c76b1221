import type { ServiceChart } from '../../kubernetes';
import { offersOf } from '../../site';
import { byResource } from './claims';
import { nvidia } from './description';
import { nvidiaClaimsByTemplate } from './messages';
import type { NvidiaPool } from './pools';
import type { NvidiaGpusProps } from './props';

/** The chart of the operator has the version of its image. */
const OPERATOR_VERSION = nvidia.images['gpu-operator'].split(':')[1];

/** The chart renders nothing until somebody has said that no device plugin is there; its domains of several nodes want a webhook. */
const CLAIMS_DRIVER = [
  'helm install dra-driver oci://registry.k8s.io/dra-driver-nvidia/charts/dra-driver-nvidia-gpu --version 0.5.0 --namespace dra-driver',
  '--set gpuResourcesEnabledOverride=true --set resources.computeDomains.enabled=false',
].join(' ');

/** Says in the summary what must be there before. */
export function promiseCards(chart: ServiceChart, pools: readonly NvidiaPool[], props: NvidiaGpusProps): void {
  if (props.by !== 'plain') {
    chart.note(
      `wants the operator: helm install gpu-operator nvidia/gpu-operator --version ${OPERATOR_VERSION} --namespace ${chart.namespace} --set clusterPolicy.deployCR=false`,
    );
  }
  if (props.claims) {
    const root = props.by !== 'plain' && props.driver === 'operator' ? '/run/nvidia/driver' : '/';
    chart.note(`wants NVIDIA's driver for claims: ${CLAIMS_DRIVER} --set nvidiaDriverRoot=${root}`);
  }
  if (props.claims && !byResource(chart.site, props.claims)) {
    const unknown = pools.flatMap(offersOf).map(({ resource }) => resource);
    chart.warn(nvidiaClaimsByTemplate([...new Set(unknown)]), 'claims');
  }
  if (chart.site.cluster.kind === 'existing') chart.note(`wants the labels of its nodes: dist/cluster/${chart.site.name}/label-nodes.sh`);
}
