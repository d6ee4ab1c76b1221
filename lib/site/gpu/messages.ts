import { type Finding, nearest, quote } from '../../errors';

export const gpuModelUnknown = (given: unknown, known: readonly string[]): Finding => {
  const near = nearest(String(given), known);
  return {
    code: 'UNKNOWN_GPU_MODEL',
    given: quote(given),
    allowed: known.join(', '),
    fix: near ? `write '${near}'` : 'use one of these models; `nvidia-smi -L` on the node prints the GPUs',
  };
};

export const gpuProfileUnknown = (model: string, given: unknown, known: readonly string[], hint: string): Finding => ({
  code: 'UNKNOWN_GPU_PROFILE',
  given: `${quote(given)} on ${model}`,
  allowed: known.join(', ') || 'none: the MIG profiles of this GPU are not published',
  fix: hint,
});

export const gpuProfileDuplicate = (model: string, name: string, other: string): Finding => ({
  code: 'DUPLICATE_GPU_PROFILE',
  given: `${quote(name)} and ${quote(other)} on ${model}, which are names of the same profile in different driver versions`,
  allowed: 'the name that the driver on these nodes uses',
  fix: 'use the name that `nvidia-smi mig -lgip` prints on a node',
});

export const gpuCountInvalid = (what: string, given: unknown): Finding => ({
  code: 'INVALID_GPU_COUNT',
  given: `${quote(given)} of ${what}`,
  allowed: 'a positive integer',
  fix: 'write a positive integer, or remove the entry',
});

export const gpuPlacementsUnknown = (model: string): Finding => ({
  code: 'UNKNOWN_GPU_PLACEMENTS',
  given: `a MIG layout on ${model}`,
  allowed: 'a GPU whose MIG placements are published or can be inferred from its family',
  fix: 'use wholeGpus(…), and report the output of `nvidia-smi mig -lgipp` on a node so that the model can be added',
});

export const gpuLayoutUnfit = (
  model: string,
  layout: string,
  shortages: readonly string[],
  near: readonly string[],
  hint: string,
): Finding => ({
  code: 'EXCEEDS_GPU_LAYOUT',
  given: `${layout} on one ${model}: ${shortages.join('; ')}`,
  allowed: `the nearest layouts that fit: ${near.join(', or ')}`,
  fix: hint,
});

export const gpusInsufficient = (model: string, layout: string, gpus: number, shortages: readonly string[], unplaced: string): Finding => ({
  code: 'EXCEEDS_GPUS',
  given: `${layout} on ${gpus} ${model}: ${shortages.join('; ')}`,
  allowed: 'instances that fit on the available GPUs',
  fix: `remove ${unplaced}, or add GPUs`,
});

export const gpuInstanceInvalid = (model: string, instance: string, why: string): Finding => ({
  code: 'INVALID_GPU_INSTANCE',
  given: `${instance} on ${model}: ${why}`,
  allowed: 'instances as `nvidia-smi mig -lgi` prints them: valid start positions without overlap',
  fix: 'run `nvidia-smi mig -lgi` again and use its output',
});

export const gpuSliceUnknown = (pool: string, slice: string, known: readonly string[]): Finding => ({
  code: 'UNKNOWN_GPU_SLICE',
  given: quote(slice),
  allowed: known.length > 0 ? `resources of pool ${quote(pool)}: ${known.join(', ')}` : `none: pool ${quote(pool)} has no GPUs`,
  fix: nearest(slice, known) ? `write '${nearest(slice, known)}'` : 'use another pool, or add the profile to the layout of this one',
});

export const gpuCountShared = (pool: string, resource: string, count: number): Finding => ({
  code: 'UNSUPPORTED_SHARED_GPU_COUNT',
  given: `${count} × ${resource} of pool ${quote(pool)} for one pod`,
  allowed: '1, because several replicas of a shared GPU may be on the same GPU',
  fix: 'request 1, or whole GPUs of another pool',
});

export const gpuLayoutCount = (layouts: number, perNode: unknown): Finding => ({
  code: 'INVALID_GPU_LAYOUT_COUNT',
  given: `${layouts} layouts for perNode ${quote(perNode)}`,
  allowed: 'one layout for all GPUs of a node, or a list with one for each',
  fix: 'complete the list, or correct perNode',
});

export const gpuLayoutEmpty = (): Finding => ({
  code: 'MISSING_GPU_LAYOUT',
  given: 'a MIG layout without instances',
  allowed: 'at least one instance per GPU',
  fix: 'add an instance to the layout, or use wholeGpus(…) in a separate pool',
});

export const gpuNodeUnknown = (key: string, keys: readonly string[]): Finding => ({
  code: 'UNKNOWN_GPU_NODE',
  given: `a layout for node ${quote(key)}`,
  allowed: `node keys of the pool: ${keys.join(', ')}`,
  fix: nearest(key, keys) ? `write '${nearest(key, keys)}'` : 'write one of these keys, or add the node to the pool',
});

export const gpuStrategySingle = (found: readonly string[]): Finding => ({
  code: 'CONFLICTING_GPU_STRATEGY',
  given: `strategy 'single' for ${found.join(' and ')} in one pool`,
  allowed: "a single profile on all GPUs of the pool: with strategy 'single', all instances have the resource name nvidia.com/gpu",
  fix: "write strategy: 'mixed', or define one pool per layout",
});

export const gpuStrategyUnknown = (given: unknown, known: readonly string[]): Finding => ({
  code: 'UNKNOWN_GPU_STRATEGY',
  given: quote(given),
  allowed: known.join(', '),
  fix: "remove it to use the default 'mixed', with one resource per profile",
});

export const gpuProduct = (product: unknown, suggested: string): Finding => ({
  code: 'INVALID_GPU_PRODUCT',
  given: `product: ${quote(product)}`,
  allowed: 'the value of the node label nvidia.com/gpu.product: at most 63 letters, digits, hyphens, dots and underscores',
  fix: `write ${quote(suggested)}: GPU feature discovery replaces spaces of the product name with hyphens`,
});

export const gpuReplicas = (replicas: unknown): Finding => ({
  code: 'INVALID_GPU_REPLICAS',
  given: quote(replicas),
  allowed: 'an integer of at least 2: the number of pods that share a GPU or instance',
  fix: 'write 2 or more replicas, or remove timeSlicing(…) or mps(…)',
});

export const gpuSharingConflict = (outer: string, inner: string): Finding => ({
  code: 'DUPLICATE_GPU_SHARING',
  given: `${outer} of ${inner}`,
  allowed: 'time-slicing of whole GPUs or MIG instances, or MPS of whole GPUs: the device plugin rejects other combinations',
  fix: inner === 'mig' ? 'use timeSlicing(mig(…)), or mps(wholeGpus(…))' : 'use only one of timeSlicing(…) and mps(…)',
});

export const gpuFlavorVgpu = (vgpu: string, wanted: string): Finding => ({
  code: 'CONFLICTING_GPU_FLAVOR_VGPU',
  given: `${wanted} on a flavor with vGPU ${quote(vgpu)}`,
  allowed: `vgpu('${vgpu}'): the GPU is already partitioned by the hypervisor`,
  fix: `write gpus: vgpu('${vgpu}'), or use a flavor with PCI passthrough`,
});

export const gpuFlavorPassthrough = (alias: string, type: string): Finding => ({
  code: 'CONFLICTING_GPU_FLAVOR_PASSTHROUGH',
  given: `vgpu(${quote(type)}) on a flavor with PCI passthrough (alias ${quote(alias)})`,
  allowed: 'mig(…), wholeGpus(…), timeSlicing(…) or mps(…), because the machine has physical GPUs',
  fix: "use one of these, or a flavor with that vGPU: gpus: { vgpu: '…', count: 1 }",
});

export const gpuFlavorType = (flavor: string, type: string): Finding => ({
  code: 'CONFLICTING_GPU_FLAVOR_TYPE',
  given: `vgpu(${quote(type)}) on a flavor with vGPU ${quote(flavor)}`,
  allowed: 'the same vGPU type in pool and flavor',
  fix: `write vgpu('${flavor}'), or use another flavor`,
});

export const gpuFlavorCount = (flavor: unknown, perNode: unknown): Finding => ({
  code: 'CONFLICTING_GPU_FLAVOR_COUNT',
  given: `perNode ${quote(perNode)}, and count ${quote(flavor)} in the flavor`,
  allowed: 'the same number of GPUs in pool and flavor',
  fix:
    typeof flavor === 'number'
      ? `write perNode: ${flavor}, or use a flavor with as many GPUs`
      : `write count: ${typeof perNode === 'number' ? perNode : 1} in \`gpus\` of the flavor, the number of GPUs of each virtual machine`,
});

export const gpuPlacementsInferred = (model: string): Finding => ({
  severity: 'warning',
  code: 'UNKNOWN_GPU_GEOMETRY',
  given: `a layout on ${model}, whose placements are not published but inferred from its family`,
  allowed: 'placements that were verified on a node',
  fix: 'compare the layout with the output of `nvidia-smi mig -lgipp` on a node, then accept this warning with a reason',
});

export const gpuProfileRenamed = (model: string, name: string, listed: string): Finding => ({
  severity: 'warning',
  code: 'CONFLICTING_GPU_PROFILE_NAME',
  given: `${name} of ${model}, which most driver versions name ${listed}`,
  allowed: 'the name that the driver on these nodes uses',
  fix: 'use the name that `nvidia-smi mig -lgip` prints on a node',
});

export const gpuMediaCombination = (media: string, plain: string): Finding => ({
  severity: 'warning',
  code: 'UNKNOWN_GPU_COMBINATION',
  given: `${media} together with ${plain}, which no default configuration of mig-parted combines`,
  allowed: 'a combination that was tested on a GPU',
  fix: `test \`nvidia-smi mig -cgi ${media},${plain}\` on a GPU before using it`,
});

export const gpuProfileDoubleMemory = (
  model: string,
  name: string,
  size: string,
  slice: string | undefined,
  elsewhere: readonly string[],
): Finding => ({
  severity: 'warning',
  code: 'CONFLICTING_GPU_SLICE_NAME',
  given: `${name}, which on ${model} is the 1g slice with double memory (${size}), but the basic 1g slice on ${elsewhere.join(', ')}`,
  allowed: `${name} for double memory, ${slice} for the basic 1g slice of ${model}`,
  fix: `write ${slice} for the basic slice, or accept this warning with a reason`,
});

export const gpuFlavorMissing = (): Finding => ({
  severity: 'warning',
  code: 'MISSING_GPU_FLAVOR',
  given: 'a flavor without `gpus`, which cannot be checked against the GPUs of the pool',
  allowed: '`gpus` in the flavor: the passthrough alias or vGPU type, and the count',
  fix: "write e.g. flavor: { …, gpus: { passthrough: 'a100', count: 1 } }",
});

export const gpuTimeSlicing = (): Finding => ({
  severity: 'warning',
  code: 'INSECURE_GPU_TIME_SLICING',
  given: 'time-slicing, which isolates neither memory nor faults: a pod that allocates all GPU memory makes the others on it fail',
  allowed: 'MIG slices or MPS, if pods must be isolated',
  fix: 'use mig(…) or mps(…), or accept this warning with a reason',
});
