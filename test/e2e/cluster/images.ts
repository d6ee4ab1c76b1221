/**
 * Images built without a registry or daemon, stored in the cache, and served by registry.mjs under their original names.
 *
 *   node --import tsx test/e2e/cluster/images.ts [NAME...]     makes these images; all of the library's table if none is named
 */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import '../../../lib/services';
import { registeredImages } from '../../../lib/site/images';
import { imageOf } from './images/recipes';
import { cache, keep } from './images/store';

/** The images of the table that run without OpenStack, and the one that the example site adds. */
export const tableImages: readonly string[] = [
  ...(['jupyterhub', 'configurable-http-proxy', 'dask', 'notebook', 'minio'] as const).map((it) => registeredImages()[it] ?? ''),
  'quay.io/jupyter/scipy-notebook:2025-11-24',
];

/** Makes what is missing and returns the digests, in the order of the names. Two suites may want the same: the second waits. */
export function images(names: readonly string[]): string[] {
  mkdirSync(join(cache, 'locks'), { recursive: true });
  const lock = openSync(join(cache, 'locks/images'), 'a');
  try {
    const { status } = spawnSync('flock', ['3'], { stdio: ['ignore', 'ignore', 'inherit', lock] });
    if (status !== 0) throw new Error('cannot lock the images');
    return names.map((name) => keep(name, imageOf(name)));
  } finally {
    closeSync(lock);
  }
}

if (require.main === module) {
  const names = process.argv.slice(2);
  const wanted = names.length > 0 ? names : tableImages;
  images(wanted).forEach((digest, i) => {
    console.log(`${wanted[i]} ${digest}`);
  });
}
