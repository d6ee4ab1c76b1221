import { isDeepStrictEqual } from 'node:util';

/** A field in which two manifests differ. */
export interface Difference {
  /** Path of the field, e.g. `spec.template.spec.containers.0.image`. */
  readonly field: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** The innermost fields that differ, in alphabetical order. Lists of different lengths are one difference. */
export function differences(field: string, before: unknown, after: unknown): readonly Difference[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (isList(before) && isList(after) && before.length === after.length)
    return before.flatMap((item, index) => differences(`${field}.${index}`, item, after[index]));
  if (isMap(before) && isMap(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    return keys.flatMap((key) => differences(`${field}.${key}`, before[key], after[key]));
  }
  return [{ field, before, after }];
}

/** A value of a manifest as short text on one line, for messages. */
export function valueText(value: unknown): string {
  if (value === undefined || value === null) return 'unset';
  if (typeof value === 'string') return `'${shortened(value)}'`;
  if (isList(value) && value.length > 0 && value.every((item) => nameOf(item) !== undefined)) return `[${value.map(nameOf).join(', ')}]`;
  return shortened(JSON.stringify(value));
}

function nameOf(item: unknown): string | undefined {
  if (!isMap(item)) return undefined;
  const name = item.name ?? (isMap(item.metadata) ? item.metadata.name : undefined);
  return typeof name === 'string' ? name : undefined;
}

function shortened(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > 60 ? `${line.slice(0, 57)}...` : line;
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
