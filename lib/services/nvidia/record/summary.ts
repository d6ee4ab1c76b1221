import type { Site } from '../../../site';
import { gpuLines } from './layout-text';
import { gpuRecord } from './record';

/** GPUs of each pool and their layouts, for the summary of a site. */
export function gpuSummary(site: Site): { readonly label: string; readonly lines: readonly string[] } | undefined {
  const record = gpuRecord(site);
  return record && { label: 'GPUs', lines: gpuLines(record) };
}
