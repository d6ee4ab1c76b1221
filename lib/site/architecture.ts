import type { GpuModel } from './gpu/models';
import type { Gpus } from './gpu/sharing';

/** Processor architecture of a node, as in the label `kubernetes.io/arch` and in container images. */
export type Architecture = 'amd64' | 'arm64';

/** GPUs that exist only with an ARM processor: Grace Hopper, Grace Blackwell, Thor. Sources are in `gpu/models.ts`. */
const ARM_ONLY: readonly unknown[] = ['gh200-144gb', 'gb200-186gb', 'gb300-278gb', 'thor-igpu'] satisfies readonly GpuModel[];

/** Whether these GPUs exist only on ARM nodes. */
export function isArmOnly(gpus: Gpus | undefined): boolean {
  if (gpus === undefined) return false;
  if (gpus.sharing === 'time-slicing' || gpus.sharing === 'mps') return isArmOnly(gpus.of);
  return 'model' in gpus && ARM_ONLY.includes(gpus.model);
}

/** Architecture of the nodes of a pool. */
export function architectureOf({ architecture, gpus }: { readonly architecture?: Architecture; readonly gpus?: Gpus }): Architecture {
  return architecture ?? (isArmOnly(gpus) ? 'arm64' : 'amd64');
}
