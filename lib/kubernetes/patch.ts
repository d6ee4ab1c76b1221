import { ApiObject, type Chart, JsonPatch } from 'cdk8s';
import { patchWithoutObject } from '../errors';
import { ledgerOf } from './ledger';

/** One operation of RFC 6902 on a finished object. */
export type PatchOperation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

/**
 * Changes to one object, for what no prop can say. The checks of the facility see the object as patched.
 *
 * @example { object: 'Deployment/dask-scheduler', operations: [{ op: 'add', path: '/metadata/annotations/team', value: 'cms' }] }
 */
export interface Patch {
  /** `Kind/name` of an object of this service. */
  readonly object: string;
  readonly operations: readonly PatchOperation[];
}

/** Applies patches when the chart is complete; PATCH_WITHOUT_OBJECT for those that find none. */
export function applyPatches(chart: Chart, patches: readonly Patch[]): void {
  if (patches.length === 0) return;
  const pending = new Set(patches);
  chart.node.addValidation({
    validate: () => {
      const objects = chart.node.findAll().filter((construct) => ApiObject.isApiObject(construct));
      const names = objects.map((object) => `${object.kind}/${object.name}`);
      for (const patch of pending) {
        const object = objects[names.indexOf(patch.object)];
        if (object) object.addJsonPatch(...patch.operations.map(jsonPatch));
        else ledgerOf(chart).problems.add(`${chart.node.path}/patch`, patchWithoutObject(patch.object, names));
      }
      pending.clear();
      return [];
    },
  });
}

function jsonPatch(operation: PatchOperation): JsonPatch {
  switch (operation.op) {
    case 'add':
      return JsonPatch.add(operation.path, operation.value);
    case 'replace':
      return JsonPatch.replace(operation.path, operation.value);
    case 'test':
      return JsonPatch.test(operation.path, operation.value);
    case 'remove':
      return JsonPatch.remove(operation.path);
  }
}
