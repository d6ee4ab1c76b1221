import { isDeepStrictEqual } from 'node:util';
import type { Problems } from '../errors';
import { type BuiltObject, IMMUTABLE_LAYOUT, type PlacedObject } from '../kubernetes';
import type { FacilityOutput } from './facility';
import { committedDataMissing, immutableLayout, statefulSetImmutable } from './messages';

/** One object of the manifests that were written before, and the file that it stands in. */
export interface CommittedObject {
  readonly file: string;
  readonly object: BuiltObject;
}

/** What the server refuses to change. @see https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/ */
const IMMUTABLE = ['podManagementPolicy', 'selector', 'serviceName', 'volumeClaimTemplates'] as const;

/**
 * What is about to be written must not destroy what was written before: StatefulSets keep what Kubernetes lets nobody change,
 * and what their data depend on. A system that is gone altogether was taken away on purpose.
 *
 * IMMUTABLE_LAYOUT, MISSING_COMMITTED_DATA and IMMUTABLE_STATEFUL_SET are recorded.
 */
export function checkLifetimes(output: FacilityOutput, committed: readonly CommittedObject[], problems: Problems): void {
  for (const { file, object } of committed.filter((one) => one.object.kind === 'StatefulSet')) {
    const now = output.objects.find((placed) => isSame(placed.object, object));
    const path = now?.path ?? `${output.site.name}/${file.replace(/\.k8s\.yaml$/, '')}/StatefulSet/${object.metadata.name}`;
    const name = `StatefulSet ${object.metadata.name}`;
    const words = object.metadata.annotations?.[IMMUTABLE_LAYOUT];
    if (now) checkOne(now, object, name, problems);
    else if (words !== undefined && output.charts.includes(file)) problems.add(path, committedDataMissing(name, words));
  }
}

function checkOne(now: PlacedObject, before: BuiltObject, name: string, problems: Problems): void {
  const words = before.metadata.annotations?.[IMMUTABLE_LAYOUT];
  const given = now.object.metadata.annotations?.[IMMUTABLE_LAYOUT];
  if (words !== undefined && given !== words) problems.add(now.path, immutableLayout(name, given ?? 'nothing said', words));
  const changed = IMMUTABLE.filter((field) => !isDeepStrictEqual(plain(now.object.spec?.[field]), plain(before.spec?.[field])));
  // A pool of another shape has other volumes: that is said in the words of its operator already.
  if (changed.length > 0 && (words === undefined || given === words)) problems.add(now.path, statefulSetImmutable(name, changed));
}

function isSame(one: BuiltObject, other: BuiltObject): boolean {
  const key = ({ kind, metadata }: BuiltObject) => [kind, metadata.namespace, metadata.name].join('/');
  return key(one) === key(other);
}

/** As it is after it was written and read. */
function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
