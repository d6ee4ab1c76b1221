import { countInvalid, type Problem, Problems } from '../../errors';
import { accelerator } from '../accelerator';
import type { NodePool } from '../node-pool';
import { bytes } from '../quantity';
import { poolKeys } from '../site';
import { checkLayout, layoutWarnings } from './fit';
import {
  gpuFlavorCount,
  gpuFlavorMissing,
  gpuFlavorPassthrough,
  gpuFlavorType,
  gpuFlavorVgpu,
  gpuLayoutCount,
  gpuLayoutEmpty,
  gpuNodeUnknown,
  gpuProduct,
  gpuReplicas,
  gpuSharingConflict,
  gpuStrategySingle,
  gpuStrategyUnknown,
  gpuTimeSlicing,
} from './messages';
import { migOf, slicesOf } from './offers';
import { gpuModelSpec } from './profile';
import { type FlavorGpus, type Gpus, layoutsOfNode, type MigGpus } from './sharing';

const STRATEGIES = ['mixed', 'single'];

/** Validates the GPUs of a pool. */
export function validateGpus(path: string, pool: NodePool, problems: Problems): void {
  if (!pool.gpus) return;
  validateSharing(`${path}/gpus`, pool.gpus, poolKeys(pool), problems);
  if (pool.flavor.gpus) validateFlavor(`${path}/flavor/gpus`, pool.flavor.gpus, pool.gpus, problems);
}

function validateSharing(path: string, gpus: Gpus, keys: readonly string[], problems: Problems): void {
  if (!Number.isInteger(gpus.perNode) || gpus.perNode < 1) problems.add(`${path}/perNode`, countInvalid(gpus.perNode, 1, true));
  switch (gpus.sharing) {
    case 'mig':
      validateMig(path, gpus, keys, problems);
      break;
    case 'plugin':
      problems.attempt(`${path}/resource`, () => accelerator(gpus.resource));
      break;
    case 'time-slicing':
    case 'mps': {
      const allowed: readonly string[] = gpus.sharing === 'mps' ? ['whole'] : ['whole', 'mig'];
      if (!Number.isInteger(gpus.replicas) || gpus.replicas < 2) problems.add(`${path}/replicas`, gpuReplicas(gpus.replicas));
      if (!allowed.includes(gpus.of.sharing)) problems.add(path, gpuSharingConflict(gpus.sharing, gpus.of.sharing));
      else validateSharing(path, gpus.of, keys, problems);
      break;
    }
    case 'whole': {
      const { model } = gpus;
      if (typeof model === 'string') problems.attempt(`${path}/model`, () => gpuModelSpec(model));
      else {
        problems.attempt(`${path}/model/memory`, () => bytes(model.memory));
        validateProduct(`${path}/model/product`, model.product, problems);
      }
      break;
    }
    case 'vgpu':
  }
}

/** Reports a product that is not a valid label value. */
function validateProduct(path: string, product: unknown, problems: Problems): void {
  if (/^[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?$/.test(String(product))) return;
  const suggested = String(product)
    .replace(/[^\w.-]+/g, '-')
    .slice(0, 63)
    .replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '');
  problems.add(path, gpuProduct(product, suggested || 'NVIDIA-A100-80GB-PCIe'));
}

function validateMig(path: string, gpus: MigGpus, keys: readonly string[], problems: Problems): void {
  const { strategy = 'mixed', product } = gpus;
  if (product !== undefined) validateProduct(`${path}/product`, product, problems);
  if (!STRATEGIES.includes(strategy)) problems.add(`${path}/strategy`, gpuStrategyUnknown(strategy, STRATEGIES));
  for (const key of Object.keys(gpus.layouts ?? {})) if (!keys.includes(key)) problems.add(`${path}/layouts`, gpuNodeUnknown(key, keys));
  const nodes = new Map(keys.map((key) => [gpus.layouts?.[key] ? `${path}/layouts/${key}` : `${path}/layout`, layoutsOfNode(gpus, key)]));
  for (const [at, perGpu] of nodes) {
    if (perGpu.length !== gpus.perNode) problems.add(at, gpuLayoutCount(perGpu.length, gpus.perNode));
    for (const layout of perGpu) {
      if (Object.keys(layout).length === 0) problems.add(at, gpuLayoutEmpty());
      problems.attempt(at, () => checkLayout(gpus.model, layout));
    }
  }
  // All instances would have the same resource name.
  const slices = slicesOf(gpus, keys);
  if (strategy === 'single' && slices.length > 1) problems.add(`${path}/strategy`, gpuStrategySingle(slices));
}

/** Checks the GPUs of the pool against those of the flavor. */
function validateFlavor(path: string, { vgpu, passthrough, count }: FlavorGpus, gpus: Gpus, problems: Problems): void {
  if (vgpu !== undefined && gpus.sharing !== 'vgpu') problems.add(path, gpuFlavorVgpu(vgpu, textOf(gpus)));
  if (vgpu !== undefined && gpus.sharing === 'vgpu' && gpus.type !== vgpu) problems.add(path, gpuFlavorType(vgpu, gpus.type));
  if (passthrough !== undefined && gpus.sharing === 'vgpu') problems.add(path, gpuFlavorPassthrough(passthrough, gpus.type));
  if (count !== gpus.perNode) problems.add(path, gpuFlavorCount(count, gpus.perNode));
}

function textOf(gpus: Gpus): string {
  return gpus.sharing === 'mig' ? 'a MIG layout' : gpus.sharing;
}

/** Warnings about the GPUs of a pool. */
export function gpuWarnings(path: string, pool: NodePool, createsMachines: boolean): readonly Problem[] {
  const { gpus, flavor } = pool;
  if (!gpus) return [];
  const unspecified = createsMachines && !flavor.gpus && gpus.sharing !== 'plugin';
  const partitioned = migOf(gpus);
  const layouts = partitioned ? poolKeys(pool).flatMap((key) => layoutsOfNode(partitioned, key)) : [];
  // Invalid layouts are reported as errors.
  const notes = layouts.flatMap(
    (layout) => (partitioned && new Problems().attempt('', () => layoutWarnings(partitioned.model, layout))) ?? [],
  );
  const warnings = new Problems();
  for (const note of notes) warnings.add(`${path}/gpus`, note);
  if (unspecified) warnings.add(`${path}/flavor`, gpuFlavorMissing());
  if (gpus.sharing === 'time-slicing') warnings.add(`${path}/gpus`, gpuTimeSlicing());
  return warnings.warnings;
}
