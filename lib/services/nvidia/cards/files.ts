import type { Site } from '../../../site';
import { labelScript } from './labels';
import { gpuRecord, recordText } from './record';
import { gpuSvg } from './svg';

/** Names of all files about cards; those that a site has no use for are not to stay from earlier. */
export const GPU_FILES = ['gpus.json', 'gpus.svg', 'label-nodes.sh'] as const;

/** A file about the cards of a site, beside the configuration of its cluster. */
export interface GpuFile {
  readonly path: (typeof GPU_FILES)[number];
  readonly text: string;
}

/** What is written about the cards of a site; nothing where it has none. The site must be free of problems. */
export function gpuFiles(site: Site): readonly GpuFile[] {
  const record = gpuRecord(site);
  if (!record) return [];
  return [
    { path: 'gpus.json', text: recordText(record) },
    { path: 'gpus.svg', text: gpuSvg(record) },
    ...(site.cluster.kind === 'existing' ? [{ path: 'label-nodes.sh', text: labelScript(record) } as const] : []),
  ];
}
