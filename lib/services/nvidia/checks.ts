import type { Problems } from '../../errors';
import type { Built } from '../../kubernetes';
import { gpuSoftwareMissing } from './messages';

/** Label `app.kubernetes.io/name` of the objects of `NvidiaGpus`. */
const SERVICE_NAME = 'nvidia-gpus';

/** Warns if a site whose Kubernetes the library installs has GPUs, but no `NvidiaGpus`. */
export function checkGpuSoftware({ site, objects }: Built, problems: Problems): void {
  if (site.cluster.kind === 'existing') return;
  if (objects.some(({ object }) => object.metadata.labels?.['app.kubernetes.io/name'] === SERVICE_NAME)) return;
  const pools = site.pools.filter(({ gpus }) => gpus && gpus.sharing !== 'plugin');
  if (pools.length > 0) problems.add(`${site.name}/pools`, gpuSoftwareMissing(pools.map(({ name }) => name)));
}
