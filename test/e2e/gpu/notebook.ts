/** Replacement for the images of notebooks: starts by the same command and prints the visible GPUs. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { imageOf } from '../cluster/images/recipes';
import type { Image } from '../cluster/images/store';

const program = `#!/bin/sh
echo "sees $NVIDIA_VISIBLE_DEVICES"
trap 'exit 0' TERM
sleep 2147483647 &
wait
`;

/** Like CUDA images it requests all GPUs: the pod must override this. */
export function notebook(): Image {
  const { layer } = imageOf('docker.io/library/busybox:1');
  return {
    layer: {
      title: 'a notebook that prints its visible GPUs',
      on: layer,
      content: program,
      make: (folder) => {
        const into = join(folder, 'upper/usr/local/bin');
        mkdirSync(into, { recursive: true });
        writeFileSync(join(into, 'jupyterhub-singleuser'), program, { mode: 0o755 });
      },
    },
    settings: { env: { NVIDIA_VISIBLE_DEVICES: 'all' } },
  };
}
