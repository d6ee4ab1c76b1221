import type { Problems } from '../errors';
import { type BuiltObject, IMMUTABLE_LAYOUT, identity, type PlacedObject } from '../kubernetes';
import { dataKey, holdsData, isKept } from './data';
import type { FacilityOutput } from './facility';
import { checkImmutable } from './immutable';
import { committedDataMissing, immutableLayout, retiredDataRemains } from './messages';

/** One object of the manifests that were written before, and the file that contains it. */
export interface CommittedObject {
  readonly file: string;
  readonly object: BuiltObject;
}

/**
 * Compares the output with what was written before: it must not drop data, and must not change what Kubernetes refuses to change.
 *
 * Errors: MISSING_COMMITTED_DATA, IMMUTABLE_LAYOUT, IMMUTABLE_FIELD. Warning: MISSING_RETIRED_DATA.
 *
 * @param committed objects of the previous output; those that are unchanged may be left out
 */
export function checkLifetimes(output: FacilityOutput, committed: readonly CommittedObject[], problems: Problems): void {
  const current = new Map(output.objects.map((placed) => [identity(placed), placed]));
  const lost = committed.filter(({ object }) => isLost(object, current.get(identity({ object }))?.object, committed));
  const namespaces = lost.filter(({ object }) => object.kind === 'Namespace').map(({ object }) => object.metadata.name);
  for (const { file, object } of committed) {
    const now = current.get(identity({ object }));
    if (now) checkOne(now, object, output.site.cluster.minor, problems);
    if (!lost.some((one) => one.object === object)) continue;
    const { namespace = 'default' } = object.metadata;
    // The message about the namespace lists what is in it.
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

/** Whether data would be dropped, or would lose their protection. */
function isLost(before: BuiltObject, now: BuiltObject | undefined, committed: readonly CommittedObject[]): boolean {
  if (before.kind !== 'Namespace') return holdsData(before) && !now;
  // Output of earlier releases has no labels: what the namespace contains decides then.
  const held = isKept(before) || committed.some(({ object }) => object.metadata.namespace === before.metadata.name && holdsData(object));
  return held && (now === undefined || (isKept(before) && !isKept(now)));
}

function contentsOf(namespace: string, lost: readonly CommittedObject[]): string {
  const names = lost
    .filter(({ object }) => object.kind !== 'Namespace' && object.metadata.namespace === namespace)
    .map(({ object }) => `${object.kind} ${object.metadata.name}`);
  return [...names.sort(), 'all volumes that were created there at run time'].join(', ');
}

function checkOne(now: PlacedObject, before: BuiltObject, minor: number, problems: Problems): void {
  const words = before.metadata.annotations?.[IMMUTABLE_LAYOUT];
  const given = now.object.metadata.annotations?.[IMMUTABLE_LAYOUT];
  // Another layout has other volumes: one message in the operator's terms is enough.
  if (words !== undefined && given !== words)
    problems.add(now.path, immutableLayout(`StatefulSet ${before.metadata.name}`, given ?? 'no layout', words));
  else checkImmutable(now, before, minor, problems);
}
