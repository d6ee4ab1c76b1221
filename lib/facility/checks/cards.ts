import type { Built } from '../built';
import { cardsWithoutSoftware } from '../messages';

/** What the objects of the service `NvidiaGpus` are called, whichever way it takes. */
const SOFTWARE = 'nvidia-gpus';

/** Warns of cards that nobody makes resources of: where Kubernetes is installed by the library, only the facility can. */
export function checkCards({ site, objects }: Built, warnings: string[]): void {
  if (site.cluster.kind === 'existing') return;
  if (objects.some(({ object }) => object.metadata.labels?.['app.kubernetes.io/name'] === SOFTWARE)) return;
  const pools = site.pools.filter(({ gpus }) => gpus && gpus.sharing !== 'plugin');
  if (pools.length > 0) warnings.push(cardsWithoutSoftware(pools.map(({ name }) => name)));
}
