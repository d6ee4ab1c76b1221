import { DATA_LABEL, KEEP_ANNOTATIONS, type ServiceChart, sharedClaim, storageOf } from '../../kubernetes';
import { bytes, kubernetesMemory } from '../../site';
import { hubMountPath, hubNoHomes } from './messages';
import type { HomeProps, SharedHomeProps } from './props';

/** Home directories in `hub.json`: a volume for each user, or a directory of one shared volume for each user. */
export type HomeSettings =
  | {
      readonly storageClass: string;
      readonly capacity: string;
      readonly accessModes: readonly string[];
      readonly deleteWithUser: boolean;
      /** Without the label of data if the hub deletes the claims: the admission policy would deny it. */
      readonly labels: Readonly<Record<string, string>>;
      readonly annotations: Readonly<Record<string, string>>;
    }
  | { readonly claim: string; readonly subPath: string };

/** Null without home directories. Reports MISSING_STORAGE_CLASS, UNSUPPORTED_STORAGE_CLASS and INVALID_HUB_MOUNT_PATH. */
export function homeSettings(chart: ServiceChart, home: HomeProps | SharedHomeProps | 'none'): HomeSettings | null {
  if (home === 'none') {
    chart.warn(hubNoHomes(), 'home');
    return null;
  }
  const path = `${chart.path()}/home`;
  if ('shared' in home) {
    const subPath = home.subPath ?? '{username}';
    // Without the user name, all users would share one directory.
    const valid = USER_NAME.test(subPath) && !/[{}]|^\/|\.\./.test(subPath.replaceAll(new RegExp(USER_NAME, 'g'), ''));
    if (!valid) chart.problems.add(`${path}/subPath`, hubMountPath(HOME, subPath));
    return { claim: sharedClaim(chart, `${path}/shared`, 'home', home.shared, 'user'), subPath };
  }
  return {
    storageClass: storageOf(chart, path, home.storageClass)?.name ?? '',
    capacity: kubernetesMemory(chart.problems.number(path, () => bytes(home.size ?? '10GiB'))),
    accessModes: ['ReadWriteOnce'],
    deleteWithUser: home.deleteWithUser ?? false,
    labels: home.deleteWithUser ? {} : DATA_LABEL,
    annotations: KEEP_ANNOTATIONS,
  };
}

/** RBAC rules for claims: KubeSpawner reads and creates them, and deletes them together with their users if `deleteWithUser` is set. */
export function homeRules(home: HomeSettings | null) {
  if (!home || 'claim' in home) return [];
  const verbs = ['get', 'create', ...(home.deleteWithUser ? ['delete'] : [])];
  return [{ apiGroups: [''], resources: ['persistentvolumeclaims'], verbs }];
}

/** Template fields of KubeSpawner for the user name. */
const USER_NAME = /\{(?:unescaped_)?username\}/;

/** Home directory in the images of the Jupyter project. */
export const HOME = '/home/jovyan';
