import { type Finding, nearest, quote } from '../../errors';

export const gpuCardUnknown = (given: unknown, known: readonly string[]): Finding => {
  const near = nearest(String(given), known);
  return {
    code: 'UNKNOWN_GPU_CARD',
    given: quote(given),
    allowed: known.join(', '),
    fix: near ? `did you mean '${near}'?` : 'use a card of the table; `nvidia-smi -L` on the node names what is built in',
  };
};

export const gpuProfileUnknown = (card: string, given: unknown, known: readonly string[], hint: string): Finding => ({
  code: 'UNKNOWN_GPU_PROFILE',
  given: `${quote(given)} on ${card}`,
  allowed: known.join(', ') || 'nothing: the profiles of this card are not published',
  fix: hint,
});

export const gpuProfileTwice = (card: string, name: string, other: string): Finding => ({
  code: 'DUPLICATE_GPU_PROFILE',
  given: `${quote(name)} and ${quote(other)} on ${card}: two drivers' names of one profile`,
  allowed: 'the name that the driver of these nodes gives it',
  fix: 'run `nvidia-smi mig -lgip` on a node, and use the name that it prints for all of them',
});

export const gpuCountInvalid = (what: string, given: unknown): Finding => ({
  code: 'INVALID_GPU_COUNT',
  given: `${quote(given)} of ${what}`,
  allowed: 'a whole number above 0',
  fix: 'write the number, or leave it out for none',
});

export const gpuPlacementsUnknown = (card: string): Finding => ({
  code: 'UNKNOWN_GPU_PLACEMENTS',
  given: `a layout of instances on ${card}`,
  allowed: 'a card whose placements NVIDIA has published, or whose family has one geometry throughout',
  fix: 'use the card as a whole; `nvidia-smi mig -lgipp` on a node prints what the table lacks: please report it',
});

export const gpuLayoutUnfit = (card: string, layout: string, why: readonly string[], near: readonly string[], hint: string): Finding => ({
  code: 'EXCEEDS_GPU_LAYOUT',
  given: `${layout} on one ${card}: ${why.join('; ')}`,
  allowed: `${near.join(', or ')} (the nearest that fit)`,
  fix: hint,
});

export const gpuCardsTooFew = (card: string, wish: string, cards: number, why: readonly string[], left: string): Finding => ({
  code: 'EXCEEDS_GPUS',
  given: `${wish} on ${cards} ${card}: ${why.join('; ')}`,
  allowed: 'instances that fit on the cards that there are',
  fix: `leave out ${left}, or add cards`,
});

export const gpuInstanceInvalid = (card: string, instance: string, why: string): Finding => ({
  code: 'INVALID_GPU_INSTANCE',
  given: `${instance} on ${card}: ${why}`,
  allowed: 'instances as `nvidia-smi mig -lgi` lists them: each at a start of its profile, none over another',
  fix: 'read the placements of the card again',
});

export const gpuSliceUnknown = (pool: string, slice: string, known: readonly string[]): Finding => ({
  code: 'UNKNOWN_GPU_SLICE',
  given: quote(slice),
  allowed: known.length > 0 ? `what pool ${quote(pool)} has: ${known.join(', ')}` : `nothing: pool ${quote(pool)} has no cards`,
  fix: nearest(slice, known) ? `did you mean '${nearest(slice, known)}'?` : 'ask another pool, or add it to the layout of this one',
});

export const gpuCountShared = (pool: string, resource: string, count: number): Finding => ({
  code: 'UNSUPPORTED_SHARED_GPU_COUNT',
  given: `${count} × ${resource} of pool ${quote(pool)} for one pod`,
  allowed: '1: two places on a shared card may be places on the same card',
  fix: 'ask for one, or for whole cards of another pool',
});

export const gpuLayoutCount = (layouts: number, perNode: unknown): Finding => ({
  code: 'INVALID_GPU_LAYOUT_COUNT',
  given: `${layouts} layouts for perNode ${quote(perNode)}`,
  allowed: 'one layout for all GPUs of a node, or a list with one for each',
  fix: 'complete the list, or correct perNode',
});

export const gpuLayoutEmpty = (): Finding => ({
  code: 'MISSING_GPU_LAYOUT',
  given: 'a card in MIG mode without an instance',
  allowed: 'at least one instance: nothing can run on such a card',
  fix: 'add an instance to the layout, or put whole cards into a pool of their own: wholeGpus(…)',
});

export const gpuNodeUnknown = (key: string, keys: readonly string[]): Finding => ({
  code: 'UNKNOWN_GPU_NODE',
  given: `a layout for node ${quote(key)}`,
  allowed: `keys of the pool's nodes: ${keys.join(', ')}`,
  fix: nearest(key, keys) ? `did you mean '${nearest(key, keys)}'?` : 'correct the key, or add the node to the pool',
});

export const gpuStrategySingle = (found: readonly string[]): Finding => ({
  code: 'CONFLICTING_GPU_STRATEGY',
  given: `strategy 'single' for ${found.join(' and ')} in one pool`,
  allowed:
    "one and the same profile on all cards of the pool: under 'single' every instance is called nvidia.com/gpu, and pods could not tell them apart",
  fix: "write strategy: 'mixed', or cut all cards of the pool alike, and make a pool of each layout",
});

export const gpuStrategyUnknown = (given: unknown, known: readonly string[]): Finding => ({
  code: 'UNKNOWN_GPU_STRATEGY',
  given: quote(given),
  allowed: known.join(', '),
  fix: "leave it out: 'mixed' names each profile by itself",
});

export const gpuProduct = (product: unknown, suggested: string): Finding => ({
  code: 'INVALID_GPU_PRODUCT',
  given: `product: ${quote(product)}`,
  allowed:
    'what feature discovery writes into the label nvidia.com/gpu.product: letters, digits, hyphens, dots and underscores, 63 at most',
  fix: `write ${quote(suggested)}: spaces of the name that nvidia-smi prints are hyphens there`,
});

export const gpuReplicas = (replicas: unknown): Finding => ({
  code: 'INVALID_GPU_REPLICAS',
  given: quote(replicas),
  allowed: 'a whole number from 2: how many pods share a card or an instance',
  fix: 'correct replicas, or leave the sharing out',
});

export const gpuSharingTwice = (outer: string, inner: string): Finding => ({
  code: 'DUPLICATE_GPU_SHARING',
  given: `${outer} of ${inner}`,
  allowed: 'time-slicing of whole cards or of MIG instances, MPS of whole cards; the device plugin refuses all else',
  fix: inner === 'mig' ? 'use timeSlicing(mig(…)), or mps(wholeGpus(…))' : 'share the cards in one way alone',
});

export const gpuFlavorVgpu = (vgpu: string, wanted: string): Finding => ({
  code: 'CONFLICTING_GPU_FLAVOR_VGPU',
  given: `${wanted} on a flavor with vGPU ${quote(vgpu)}`,
  allowed: `vgpu('${vgpu}'): the hypervisor has cut the card, and the driver in the machine cannot cut it again`,
  fix: `write gpus: vgpu('${vgpu}'), or take a flavor that passes whole cards through`,
});

export const gpuFlavorPassthrough = (alias: string, type: string): Finding => ({
  code: 'CONFLICTING_GPU_FLAVOR_PASSTHROUGH',
  given: `vgpu(${quote(type)}) on a flavor that passes cards through (alias ${quote(alias)})`,
  allowed: 'mig(…), wholeGpus(…), timeSlicing(…) or mps(…): the machine has the cards themselves',
  fix: "describe the cards, or take a flavor with that vGPU: gpus: { vgpu: '…', count: 1 }",
});

export const gpuFlavorType = (flavor: string, type: string): Finding => ({
  code: 'CONFLICTING_GPU_FLAVOR_TYPE',
  given: `vgpu(${quote(type)}) on a flavor with vGPU ${quote(flavor)}`,
  allowed: 'one type in both places',
  fix: `write vgpu('${flavor}'), or take another flavor`,
});

export const gpuFlavorCount = (flavor: unknown, perNode: unknown): Finding => ({
  code: 'CONFLICTING_GPU_FLAVOR_COUNT',
  given: `perNode ${quote(perNode)}, and count ${quote(flavor)} in the flavor`,
  allowed: 'the same number of GPUs in both places',
  fix:
    typeof flavor === 'number'
      ? `write perNode: ${flavor}, or use a flavor with as many GPUs`
      : 'write the number of GPUs of one node in both places',
});

export const gpuPlacementsInferred = (card: string): Finding => ({
  severity: 'warning',
  code: 'UNKNOWN_GPU_GEOMETRY',
  given: `a layout on ${card}, whose placements are not published but inferred from its family`,
  allowed: 'placements that a node of yours confirms',
  fix: 'compare the output of `nvidia-smi mig -lgipp` on a node with the layout',
});

export const gpuProfileRenamed = (card: string, name: string, listed: string): Finding => ({
  severity: 'warning',
  code: 'CONFLICTING_GPU_PROFILE_NAME',
  given: `${name} of ${card}, which most drivers call ${listed}`,
  allowed: 'the name that the driver of these nodes uses',
  fix: 'use the name that `nvidia-smi mig -lgip` prints on a node',
});

export const gpuMediaBesidePlain = (media: string, plain: string): Finding => ({
  severity: 'warning',
  code: 'UNKNOWN_GPU_COMBINATION',
  given: `${media} beside ${plain}: the engines suffice, but the configurations of mig-parted never combine them`,
  allowed: 'a combination that was tried on a card',
  fix: `try \`nvidia-smi mig -cgi ${media},${plain}\` on one card before using it`,
});

export const gpuProfileDoubled = (
  card: string,
  name: string,
  size: string,
  slice: string | undefined,
  elsewhere: readonly string[],
): Finding => ({
  severity: 'warning',
  code: 'CONFLICTING_GPU_SLICE_NAME',
  given: `${name}, on ${card} the slice with twice the memory: ${size}; it is the plain slice on ${elsewhere.join(', ')}`,
  allowed: `${name} if twice the memory is meant; the plain slice of ${card} is ${slice}`,
  fix: `write ${slice} for the plain slice, or accept this warning with a reason`,
});

export const gpuFlavorSilent = (): Finding => ({
  severity: 'warning',
  code: 'MISSING_GPU_FLAVOR',
  given: 'a flavor that does not say how its machines get their GPUs: it cannot be checked against the pool',
  allowed: '`gpus` in the flavor: the passthrough alias or the vGPU type, and the count',
  fix: "write e.g. flavor: { …, gpus: { passthrough: 'a100', count: 1 } }",
});

export const gpuTimeSlicing = (): Finding => ({
  severity: 'warning',
  code: 'INSECURE_GPU_TIME_SLICING',
  given: 'time-slicing, which isolates neither memory nor faults: a pod that takes all memory of a GPU ends the others on it',
  allowed: 'MIG slices or MPS, where pods must not disturb each other',
  fix: 'use mig(…) or mps(…), or accept this warning with a reason',
});
