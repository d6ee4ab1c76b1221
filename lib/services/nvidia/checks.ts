import type { Problems } from '../../errors';
import type { Built } from '../../kubernetes';
import { gpuSoftwareMissing } from './messages';

/** What the objects of the service `NvidiaGpus` are called, whichever way it takes. */
const SOFTWARE = 'nvidia-gpus';

/** Warns of cards that nobody makes resources of: where Kubernetes is installed by the library, only the facility can. */
export function checkGpuSoftware({ site, objects }: Built, problems: Problems): void {
  if (site.cluster.kind === 'existing') return;
  if (objects.some(({ object }) => object.metadata.labels?.['app.kubernetes.io/name'] === SOFTWARE)) return;
  const pools = site.pools.filter(({ gpus }) => gpus && gpus.sharing !== 'plugin');
  if (pools.length > 0) problems.add(`${site.name}/pools`, gpuSoftwareMissing(pools.map(({ name }) => name)));
}
