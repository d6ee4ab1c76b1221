import type { ServiceChart } from '../../kubernetes';
import { offersOf } from '../../site';
import { byResource } from './claims';
import { nvidia } from './description';
import { nvidiaClaimsResource } from './messages';
import type { NvidiaPool } from './pools';
import type { NvidiaGpusProps } from './props';

/** The Helm chart of the operator has the same version as its image. */
const OPERATOR_VERSION = nvidia.images['gpu-operator'].split(':')[1];

/** The chart requires a confirmation that no device plugin is installed; its ComputeDomains require a webhook. */
const DRA_DRIVER_COMMAND = [
  'helm install dra-driver oci://registry.k8s.io/dra-driver-nvidia/charts/dra-driver-nvidia-gpu --version 0.5.0 --namespace dra-driver',
  '--set gpuResourcesEnabledOverride=true --set resources.computeDomains.enabled=false',
].join(' ');

/** Adds the software that must be installed beforehand to the summary. */
export function noteRequirements(chart: ServiceChart, pools: readonly NvidiaPool[], props: NvidiaGpusProps): void {
  if (props.by !== 'plain') {
    chart.note(
      `requires the GPU Operator: helm install gpu-operator nvidia/gpu-operator --version ${OPERATOR_VERSION} --namespace ${chart.namespace} --set clusterPolicy.deployCR=false`,
    );
  }
  if (props.claims) {
    const root = props.by !== 'plain' && props.driver === 'operator' ? '/run/nvidia/driver' : '/';
    chart.note(`requires NVIDIA's DRA driver: ${DRA_DRIVER_COMMAND} --set nvidiaDriverRoot=${root}`);
  }
  if (props.claims && !byResource(chart.site, props.claims)) {
    const resources = pools.flatMap(offersOf).map(({ resource }) => resource);
    chart.warn(nvidiaClaimsResource([...new Set(resources)]), 'claims');
  }
  if (chart.site.cluster.kind === 'existing')
    chart.note(`requires labels of the nodes: run dist/cluster/${chart.site.name}/label-nodes.sh`);
}
