import { isDeepStrictEqual } from 'node:util';
import { ApiObject, type Chart, JsonPatch } from 'cdk8s';
import { failure, quote } from '../errors';
import { ledgerOf } from './ledger';
import { patchFailed, patchWithoutObject } from './messages';

/** JSON Patch operation (RFC 6902) on a rendered object. */
export type PatchOperation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

/**
 * Changes to one object that no prop covers. The checks of the facility read the patched object.
 *
 * @example { object: 'Deployment/wiki', operations: [{ op: 'add', path: '/metadata/annotations/team', value: 'cms' }] }
 */
export interface Patch {
  /** `Kind/name` of an object of this service. */
  readonly object: string;
  readonly operations: readonly PatchOperation[];
}

/** Applies patches when the chart is complete. Reports UNKNOWN_PATCH_OBJECT and INVALID_PATCH. */
export function applyPatches(chart: Chart, path: string, patches: readonly Patch[]): void {
  if (patches.length === 0) return;
  const pending = new Set(patches);
  chart.node.addValidation({
    validate: () => {
      const objects = chart.node.findAll().filter((construct) => ApiObject.isApiObject(construct));
      const names = objects.map((object) => `${object.kind}/${object.name}`);
      for (const patch of pending) {
        const object = objects[names.indexOf(patch.object)];
        if (!object) ledgerOf(chart).problems.add(`${path}/patch`, patchWithoutObject(patch.object, names));
        else ledgerOf(chart).problems.attempt(`${path}/patch`, () => applyPatch(object, patch));
      }
      pending.clear();
      return [];
    },
  });
}

/** Applied to a copy first: cdk8s ignores a path that does not exist, and aborts the whole synthesis at a failed `test`. */
function applyPatch(object: ApiObject, { object: name, operations }: Patch): void {
  const manifest = object.toJson();
  for (const operation of operations) {
    if (!isApplicable(manifest, operation))
      throw failure(patchFailed(name, operation.op, operation.path, existingAt(manifest, operation.path)));
    JsonPatch.apply(manifest, jsonPatch(operation));
  }
  object.addJsonPatch(...operations.map(jsonPatch));
}

const pointerKeys = (path: string): string[] => path.split('/').map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));

/** The deepest existing parent of a path with its keys, or the value at the path. */
function existingAt(manifest: object, path: string): string {
  if (!path.startsWith('/')) return `paths start with '/', and the object has ${Object.keys(manifest).join(', ')}`;
  const raw = path.split('/').slice(1);
  let value: unknown = manifest;
  let depth = 0;
  for (const key of pointerKeys(path).slice(1)) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) break;
    value = (value as Record<string, unknown>)[key];
    depth++;
  }
  const where = depth === 0 ? 'the object' : `'/${raw.slice(0, depth).join('/')}'`;
  if (Array.isArray(value)) return `${where} is a list of ${value.length} entries, starting with 0`;
  if (typeof value !== 'object' || value === null) return `${where} is ${quote(value)}`;
  return `${where} exists and has: ${Object.keys(value).join(', ') || 'no keys'}`;
}

/** @see https://datatracker.ietf.org/doc/html/rfc6902#section-4 */
function isApplicable(manifest: object, operation: PatchOperation): boolean {
  const [first, ...keys] = pointerKeys(operation.path);
  const last = keys.pop();
  const parent = keys.reduce((value: unknown, key) => (value as Record<string, unknown> | undefined)?.[key], manifest);
  if (first !== '' || last === undefined || typeof parent !== 'object' || parent === null) return false;
  if (operation.op === 'add') return !Array.isArray(parent) || last === '-' || Number(last) <= parent.length;
  return (
    Object.hasOwn(parent, last) &&
    (operation.op !== 'test' || isDeepStrictEqual((parent as Record<string, unknown>)[last], operation.value))
  );
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
