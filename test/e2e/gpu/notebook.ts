/** What stands in for the images of notebooks: it starts by the same command, and says which cards it was given. */
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

/** Like the images of CUDA it asks for all cards: what a pod may not see must be said by the pod. */
export function notebook(): Image {
  const { layer } = imageOf('docker.io/library/busybox:1');
  return {
    layer: {
      title: 'a notebook that says which cards it sees',
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
