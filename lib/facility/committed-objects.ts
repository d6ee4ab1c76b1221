import { type Problem, Problems } from '../errors';
import { type BuiltObject, IMMUTABLE_LAYOUT, identity, type PlacedObject } from '../kubernetes';
import type { Site } from '../site';
import { dataKey, holdsData, isProtected } from './data';
import type { FacilityOutput } from './facility';
import { checkImmutable } from './immutable';
import { committedDataMissing, immutableLayout, retiredDataRemains } from './messages';

/** An object of the committed manifests, and the file that contains it. */
export interface CommittedObject {
  readonly file: string;
  readonly object: BuiltObject;
}

/**
 * Compares the output with the committed manifests: objects with data must not be removed, and immutable fields must not change.
 *
 * Errors: MISSING_COMMITTED_DATA, IMMUTABLE_LAYOUT, IMMUTABLE_FIELD. Warning: REMAINING_RETIRED_DATA.
 *
 * @param committed objects of the previous output; unchanged objects may be omitted
 */
export function checkCommittedObjects(output: FacilityOutput, committed: readonly CommittedObject[], problems: Problems): void {
  const current = new Map(output.objects.map((placed) => [identity(placed), placed]));
  const lost = committed.filter(({ object }) => isLost(object, current.get(identity({ object }))?.object, committed));
  const namespaces = lost.filter(({ object }) => object.kind === 'Namespace').map(({ object }) => object.metadata.name);
  for (const { file, object } of committed) {
    const now = current.get(identity({ object }));
    if (now) checkChanges(output.site, now, object, `dist/manifests/${output.site.name}/${file}`, problems);
    if (!lost.some((entry) => entry.object === object)) continue;
    const { namespace = 'default' } = object.metadata;
    // The message about the namespace lists its contents.
    if (object.kind !== 'Namespace' && namespaces.includes(namespace)) continue;
    const path = now?.path ?? `${output.site.name}/${file.replace(/\.k8s\.yaml$/, '')}/${object.kind}/${object.metadata.name}`;
    const key = dataKey(object);
    const reason = output.retired[key];
    const contents = object.kind === 'Namespace' ? contentsOf(object.metadata.name, lost) : object.metadata.annotations?.[IMMUTABLE_LAYOUT];
    problems.add(
      path,
      reason === undefined ? committedDataMissing(key, contents) : retiredDataRemains(object, key, reason, now !== undefined),
    );
  }
}

/** Whether data would be removed, or would lose their protection. */
function isLost(before: BuiltObject, now: BuiltObject | undefined, committed: readonly CommittedObject[]): boolean {
  if (before.kind !== 'Namespace') return holdsData(before) && !now;
  // Output of earlier releases has no labels, so the contents of the namespace decide.
  const held =
    isProtected(before) || committed.some(({ object }) => object.metadata.namespace === before.metadata.name && holdsData(object));
  return held && (now === undefined || (isProtected(before) && !isProtected(now)));
}

function contentsOf(namespace: string, lost: readonly CommittedObject[]): string {
  const names = lost
    .filter(({ object }) => object.kind !== 'Namespace' && object.metadata.namespace === namespace)
    .map(({ object }) => `${object.kind} ${object.metadata.name}`);
  return [...names.sort(), 'all volumes that were created there at run time'].join(', ');
}

function checkChanges(site: Site, now: PlacedObject, before: BuiltObject, file: string, problems: Problems): void {
  const layout = before.metadata.annotations?.[IMMUTABLE_LAYOUT];
  const given = now.object.metadata.annotations?.[IMMUTABLE_LAYOUT];
  // A changed layout also changes immutable fields; one message is enough.
  if (layout !== undefined && given !== layout) problems.add(now.path, immutableLayout(before, given ?? 'no layout', layout, file));
  else {
    const changes = new Problems();
    checkImmutable(now, before, site.cluster.minor, changes);
    for (const change of changes.all)
      problems.add(change.path, isRecreated(site, before, change) ? { ...change, severity: 'warning' } : change);
  }
}

/**
 * Whether the site states, for exactly this object, that it is deleted and created again. A claim is never recreated: its data would be lost.
 */
function isRecreated({ accept = [] }: Site, { kind }: BuiltObject, { code, path }: Problem): boolean {
  return kind !== 'PersistentVolumeClaim' && code === 'IMMUTABLE_FIELD' && accept.some((one) => one.code === code && one.path === path);
}
