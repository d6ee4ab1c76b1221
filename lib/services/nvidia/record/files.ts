import type { Site } from '../../../site';
import { labelScript } from './label-script';
import { gpuRecord, recordText } from './record';
import { gpuSvg } from './svg';

/** Names of all GPU files; files that a site no longer has are deleted from the output. */
export const GPU_FILES = ['gpus.json', 'gpus.svg', 'label-nodes.sh'] as const;

/** A GPU file of a site, in the folder of its cluster configuration. */
export interface GpuFile {
  readonly path: (typeof GPU_FILES)[number];
  readonly text: string;
}

/** GPU files of a site; none if it has no GPUs. The site must have no findings. */
export function gpuFiles(site: Site): readonly GpuFile[] {
  const record = gpuRecord(site);
  if (!record) return [];
  return [
    { path: 'gpus.json', text: recordText(record) },
    { path: 'gpus.svg', text: gpuSvg(record) },
    ...(site.cluster.kind === 'existing' ? [{ path: 'label-nodes.sh', text: labelScript(record) } as const] : []),
  ];
}
