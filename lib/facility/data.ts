import type { Problems } from '../errors';
import { type Built, type BuiltObject, DATA_LABEL } from '../kubernetes';
import { retiredInUse, retiredKey } from './messages';

/**
 * Namespaces that hold data: claims of the output, claims of StatefulSets, and claims that runtime pods mount (home directories). Deleting
 * such a namespace deletes the data.
 */
export function namespacesWithData({ objects, ledger }: Pick<Built, 'objects' | 'ledger'>): ReadonlySet<string> {
  const declared = objects.filter(({ object }) => holdsData(object)).map(({ object }) => object.metadata.namespace ?? 'default');
  const mounted = ledger.runtimePods.filter(
    ({ claims, spec }) => Object.keys(claims ?? {}).length > 0 || (spec.volumes ?? []).some((volume) => volume.persistentVolumeClaim),
  );
  return new Set([...declared, ...mounted.map(({ namespace }) => namespace)]);
}

/** Whether the object is a claim, or a StatefulSet with claim templates. */
export function holdsData({ kind, spec }: BuiltObject): boolean {
  return kind === 'PersistentVolumeClaim' || (kind === 'StatefulSet' && (spec?.volumeClaimTemplates ?? []).length > 0);
}

/** Key of a committed object in `retired`: `Namespace/hub`, `PersistentVolumeClaim/hub/hub-database`. */
export function dataKey({ kind, metadata }: BuiltObject): string {
  return kind === 'Namespace' ? `${kind}/${metadata.name}` : `${kind}/${metadata.namespace ?? 'default'}/${metadata.name}`;
}

const KEY = /^(?:Namespace|(?:PersistentVolumeClaim|StatefulSet)\/[^/]+)\/[^/]+$/;

/** Reports INVALID_RETIRED_DATA, and CONFLICTING_RETIRED_DATA for retired objects that are still written. */
export function checkRetired({ site, objects }: Built, retired: Readonly<Record<string, string>>, problems: Problems): void {
  const written = new Set(objects.filter(({ object }) => isProtected(object) || holdsData(object)).map(({ object }) => dataKey(object)));
  for (const key of Object.keys(retired)) {
    const path = `${site.name}/retired/${key}`;
    if (!KEY.test(key)) problems.add(path, retiredKey(key));
    else if (written.has(key)) problems.add(path, retiredInUse(key));
  }
}

/** Whether the object has the label that protects data. */
export function isProtected({ metadata }: BuiltObject): boolean {
  return Object.entries(DATA_LABEL).every(([key, value]) => metadata.labels?.[key] === value);
}
