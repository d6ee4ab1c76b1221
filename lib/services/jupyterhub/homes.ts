import { type ServiceChart, storageOf } from '../../kubernetes';
import { bytes, kubernetesMemory } from '../../site';
import { hubMountPath, hubNoHomes } from './messages';
import type { HomeProps, SharedHomeProps } from './props';
import { sharedClaim } from './volumes';

/** What the hub is told about homes: a volume for each user, or a folder of one volume for each. */
export type HomeSettings =
  | {
      readonly storageClass: string;
      readonly capacity: string;
      readonly accessModes: readonly string[];
      readonly deleteWithUser: boolean;
    }
  | { readonly claim: string; readonly subPath: string };

/** Null if there are no homes. MISSING_STORAGE_CLASS, UNSUPPORTED_HUB_STORAGE and INVALID_HUB_MOUNT_PATH are recorded. */
export function homeSettings(chart: ServiceChart, home: HomeProps | SharedHomeProps | 'none'): HomeSettings | null {
  if (home === 'none') {
    chart.warn(hubNoHomes(), 'home');
    return null;
  }
  const path = `${chart.path()}/home`;
  if ('shared' in home) {
    const subPath = home.subPath ?? '{username}';
    // Without the user's name, all users would share one folder.
    const fine = USER_NAME.test(subPath) && !/[{}]|^\/|\.\./.test(subPath.replaceAll(new RegExp(USER_NAME, 'g'), ''));
    if (!fine) chart.problems.add(`${path}/subPath`, hubMountPath(HOME, subPath));
    return { claim: sharedClaim(chart, 'home', home.shared), subPath };
  }
  return {
    storageClass: storageOf(chart, path, home.storageClass)?.name ?? '',
    capacity: kubernetesMemory(chart.problems.number(path, () => bytes(home.size ?? '10GiB'))),
    accessModes: ['ReadWriteOnce'],
    deleteWithUser: home.deleteWithUser ?? false,
  };
}

/** What KubeSpawner does with claims: it makes them, looks whether they are there, and deletes them with their users if told so. */
export function homeRules(home: HomeSettings | null) {
  if (!home || 'claim' in home) return [];
  const verbs = ['get', 'create', ...(home.deleteWithUser ? ['delete'] : [])];
  return [{ apiGroups: [''], resources: ['persistentvolumeclaims'], verbs }];
}

/** Fields of KubeSpawner's templates that stand for the user. */
const USER_NAME = /\{(?:unescaped_)?username\}/;

/** Folder of the users' homes, as in the images of the Jupyter project. */
export const HOME = '/home/jovyan';
