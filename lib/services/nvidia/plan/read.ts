import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { failure } from '../../../errors';
import { gpuRecordInvalid, gpuRecordMissing, gpuRecordSchema } from '../messages';
import { GPU_SCHEMA, type GpuRecord } from '../record/record';

/**
 * Reads a GPU record.
 *
 * @param path a `gpus.json`, its directory, or `-` for standard input
 * @throws MISSING_GPU_RECORD, INVALID_GPU_RECORD, UNSUPPORTED_GPU_RECORD
 */
export function readRecord(path: string): GpuRecord {
  if (path === '-') return parseRecord(readFileSync(0, 'utf8'), 'standard input');
  const file = existsSync(path) && statSync(path).isDirectory() ? join(path, 'gpus.json') : path;
  if (!existsSync(file)) throw failure(gpuRecordMissing(file));
  return parseRecord(readFileSync(file, 'utf8'), file);
}

function parseRecord(text: string, file: string): GpuRecord {
  const read = jsonOf(text, file);
  if (!isObject(read) || typeof read.schema !== 'string') throw failure(gpuRecordInvalid(file, 'missing schema'));
  if (read.schema !== GPU_SCHEMA) throw failure(gpuRecordSchema(file, read.schema, GPU_SCHEMA));
  const reason = invalidReason(read);
  if (reason) throw failure(gpuRecordInvalid(file, reason));
  return read as unknown as GpuRecord;
}

function jsonOf(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw failure(gpuRecordInvalid(file, (error as SyntaxError).message));
  }
}

type Fields = Readonly<Record<string, unknown>>;

/** Required fields of a pool. */
const POOL_FIELDS = { name: 'string', sharing: 'string', model: 'string', title: 'string', gpusPerNode: 'number' } as const;

function invalidReason(record: Fields): string | undefined {
  if (typeof record.site !== 'string') return 'missing site';
  if (!isList(record.pools)) return 'missing pools';
  return record.pools.map(invalidPoolReason).find((reason) => reason !== undefined);
}

function invalidPoolReason(pool: Fields, index: number): string | undefined {
  const field = Object.entries(POOL_FIELDS).find(([key, type]) => typeof pool[key] !== type)?.[0];
  const list = ['layouts', 'nodes'].find((key) => !isList(pool[key]));
  const { taints } = pool;
  if (field ?? list) return `missing ${field ?? list} of pool ${index + 1}`;
  if (!isTexts(taints)) return `missing taints of pool ${index + 1}`;
  const layouts = pool.layouts as readonly Fields[];
  const node = (pool.nodes as readonly Fields[]).find((fields) => !isNode(fields, layouts));
  if (node) return `node ${String(node.name)} of pool ${String(pool.name)} with missing fields or an unknown layout`;
  const layout = layouts.find((fields) => typeof fields.name !== 'string' || !isList(fields.instances));
  return layout && `missing instances of a layout of pool ${String(pool.name)}`;
}

function isNode({ name, gpus, resources, labels }: Fields, layouts: readonly Fields[]): boolean {
  const known = isTexts(gpus) && gpus.every((gpu) => layouts.some((layout) => layout.name === gpu));
  return typeof name === 'string' && known && isObject(resources) && isObject(labels);
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isList(value: unknown): value is readonly Fields[] {
  return Array.isArray(value) && value.every(isObject);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
