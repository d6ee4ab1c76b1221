import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { failure } from '../../../errors';
import { GPU_SCHEMA, type GpuRecord } from '../cards/record';
import { gpuRecordInvalid, gpuRecordMissing, gpuRecordSchema } from '../messages';

/**
 * Reads a record of cards.
 *
 * @param path a `gpus.json`, the folder that it lies in, or `-` for what is piped in
 * @throws MISSING_GPU_RECORD, INVALID_GPU_RECORD, UNSUPPORTED_GPU_RECORD
 */
export function readRecord(path: string): GpuRecord {
  if (path === '-') return parseRecord(readFileSync(0, 'utf8'), 'what is piped in');
  const file = existsSync(path) && statSync(path).isDirectory() ? join(path, 'gpus.json') : path;
  if (!existsSync(file)) throw failure(gpuRecordMissing(file));
  return parseRecord(readFileSync(file, 'utf8'), file);
}

function parseRecord(text: string, file: string): GpuRecord {
  const read = jsonOf(text, file);
  if (!isObject(read) || typeof read.schema !== 'string') throw failure(gpuRecordInvalid(file, 'it has no schema'));
  if (read.schema !== GPU_SCHEMA) throw failure(gpuRecordSchema(file, read.schema, GPU_SCHEMA));
  const wrong = firstWrong(read);
  if (wrong) throw failure(gpuRecordInvalid(file, wrong));
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

/** Everything that a comparison reads, so that nothing of it is missing later. */
const POOL = { name: 'string', sharing: 'string', card: 'string', title: 'string', cardsPerNode: 'number' } as const;

function firstWrong(record: Fields): string | undefined {
  if (typeof record.site !== 'string') return 'it names no site';
  if (!isList(record.pools)) return 'it has no pools';
  return record.pools.map(wrongPool).find((wrong) => wrong !== undefined);
}

function wrongPool(pool: Fields, index: number): string | undefined {
  const field = Object.entries(POOL).find(([key, type]) => typeof pool[key] !== type)?.[0];
  const list = ['layouts', 'nodes'].find((key) => !isList(pool[key]));
  const { taints } = pool;
  if (field ?? list) return `pool ${index + 1} has no ${field ?? list}`;
  if (!isTexts(taints)) return `pool ${index + 1} has no taints`;
  const layouts = pool.layouts as readonly Fields[];
  const node = (pool.nodes as readonly Fields[]).find((one) => !isNode(one, layouts));
  if (node) return `node ${String(node.name)} of pool ${String(pool.name)} lacks something, or has a layout that the pool lacks`;
  const layout = layouts.find((one) => typeof one.name !== 'string' || !isList(one.instances));
  return layout && `a layout of pool ${String(pool.name)} has no instances`;
}

function isNode({ name, cards, resources, labels }: Fields, layouts: readonly Fields[]): boolean {
  const known = isTexts(cards) && cards.every((card) => layouts.some((layout) => layout.name === card));
  return typeof name === 'string' && known && isObject(resources) && isObject(labels);
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isList(value: unknown): value is readonly Fields[] {
  return Array.isArray(value) && value.every(isObject);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}
