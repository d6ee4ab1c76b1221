import { storageOf } from '../../kubernetes';
import { bytes, kubernetesMemory } from '../../site';
import type { JupyterHub } from './jupyterhub';
import type { HomeProps } from './props';

/** What the hub is told about homes. */
export interface HomeSettings {
  readonly storageClass: string;
  readonly capacity: string;
  readonly accessModes: readonly string[];
  readonly deleteWithUser: boolean;
}

/** One volume for each user; null if there are no homes. STORAGE_CLASS_MISSING is recorded. */
export function homeSettings(chart: JupyterHub, home: HomeProps | 'none'): HomeSettings | null {
  if (home === 'none') {
    chart.warn('no homes: what users write goes when their servers stop');
    return null;
  }
  const path = `${chart.path()}/home`;
  return {
    storageClass: storageOf(chart, path, home.storageClass)?.name ?? '',
    capacity: kubernetesMemory(chart.problems.number(path, () => bytes(home.size ?? '10GiB'))),
    accessModes: ['ReadWriteOnce'],
    deleteWithUser: home.deleteWithUser ?? false,
  };
}

/** What KubeSpawner does with claims: it makes them, looks whether they are there, and deletes them with their users if told so. */
export function homeRules(home: HomeSettings | null) {
  if (!home) return [];
  const verbs = ['get', 'create', ...(home.deleteWithUser ? ['delete'] : [])];
  return [{ apiGroups: [''], resources: ['persistentvolumeclaims'], verbs }];
}
