import { type Finding, quote } from '../../errors';

export const nvidiaNoCards = (pools: readonly string[]): Finding => ({
  code: 'MISSING_NVIDIA_GPUS',
  given: `pools without a card of NVIDIA: ${pools.join(', ')}`,
  allowed: 'a site of which one pool at least has such cards',
  fix: "describe the cards: gpus: mig('a100-80gb', …), wholeGpus(…), vgpu(…); or leave the service out",
});

export const nvidiaClaimsByTemplate = (resources: readonly string[]): Finding => ({
  severity: 'warning',
  code: 'UNSUPPORTED_NVIDIA_CLAIMS_RESOURCE',
  given: `\`claims\` before Kubernetes 1.36: pods that request ${resources.join(', ')} stay Pending`,
  allowed: 'Kubernetes 1.36 or newer, or pods that refer to a ResourceClaimTemplate',
  fix: 'remove `claims`, or upgrade Kubernetes first',
});

export const nvidiaTwice = (other: string): Finding => ({
  code: 'DUPLICATE_NVIDIA',
  given: `a second NvidiaGpus beside ${quote(other)}`,
  allowed: 'one for a facility: it takes care of all cards of the site, and two device plugins would hand out each card twice',
  fix: 'leave one of them out; what differs from pool to pool stands in `gpus` of the pool',
});

export const nvidiaNodes = (pool: string, labels: string, others: readonly string[]): Finding => ({
  code: 'CONFLICTING_NVIDIA_NODES',
  given:
    others.length > 0
      ? `nodes of pool ${quote(pool)} told by ${labels}, which those of ${others.join(', ')} have as well`
      : `nodes of pool ${quote(pool)} without host names and without labels`,
  allowed: 'nodes that can be told from all others: label-nodes.sh gives them the labels by which their cards are made what the pool says',
  fix: "add hostnames: ['…', …] as `kubectl get nodes` prints them, or a label that the nodes of this pool alone have",
});

export const nvidiaStrategies = (single: readonly string[], mixed: readonly string[]): Finding => ({
  code: 'CONFLICTING_NVIDIA_STRATEGIES',
  given: `strategy 'single' in ${single.join(', ')}, 'mixed' in ${mixed.join(', ')}`,
  allowed: 'one strategy for all pools: a ClusterPolicy has one, and the operator hands it to every node',
  fix: "write strategy: 'mixed' for all of them, or by: 'plain', where each node has its own",
});

export const nvidiaVgpuDriver = (pools: readonly string[]): Finding => ({
  code: 'UNSUPPORTED_NVIDIA_VGPU_DRIVER',
  given: `the public driver for the virtual cards of ${pools.join(', ')}`,
  allowed: 'the guest driver that belongs to the driver of the hypervisor, with a licence; NVIDIA publishes no image of it',
  fix: "install it into the machine's image and write driver: 'nodes', or give the site an image of your own: images: { 'nvidia-driver': … }",
});

export const nvidiaClaimsVersion = (version: string): Finding => ({
  code: 'UNSUPPORTED_NVIDIA_CLAIMS_RELEASE',
  given: `claims in Kubernetes ${quote(version)}`,
  allowed: 'Kubernetes 1.34 and later, which serve resource.k8s.io/v1; the driver of NVIDIA asks for 1.34.2',
  fix: 'update the cluster, or leave `claims` out: the device plugin hands the cards out',
});

export const nvidiaClaimsShared = (pool: string, sharing: string): Finding => ({
  code: 'UNSUPPORTED_NVIDIA_CLAIMS_SHARING',
  given: `claims on pool ${quote(pool)} with ${sharing}`,
  allowed: "MIG instances and whole cards: with claims, sharing is an alpha of NVIDIA's driver that is off",
  fix: 'cut the cards (mig) instead of sharing them, or leave `claims` out',
});

export const nvidiaClaimsSingle = (pool: string): Finding => ({
  code: 'UNSUPPORTED_NVIDIA_CLAIMS_STRATEGY',
  given: `claims on pool ${quote(pool)} with strategy 'single'`,
  allowed: "strategy 'mixed': a claim names its profile, and nvidia.com/gpu stands for whole cards alone",
  fix: "leave `strategy` out, and ask for pool.slice('…')",
});

export const nvidiaIdle = (below: unknown): Finding => ({
  code: 'INVALID_NVIDIA_IDLE',
  given: quote(below),
  allowed: 'a share of the time above 0 and below 1, e.g. 0.01',
  fix: 'correct idle.below',
});

export const gpuRecordMissing = (file: string): Finding => ({
  code: 'MISSING_GPU_RECORD',
  given: `no file ${quote(file)}`,
  allowed: 'a gpus.json, or the folder that it lies in: dist/cluster/<site>',
  fix: 'write it with `facility synth`; that of an earlier commit is `git show main:dist/cluster/<site>/gpus.json | facility gpu-plan - dist/cluster/<site>`',
});

export const gpuRecordInvalid = (file: string, why: string): Finding => ({
  code: 'INVALID_GPU_RECORD',
  given: `${file}: ${why}`,
  allowed: 'a gpus.json as `facility synth` writes it',
  fix: 'name another file, or write it anew',
});

export const gpuRecordSchema = (file: string, schema: string, known: string): Finding => ({
  code: 'UNSUPPORTED_GPU_RECORD',
  given: `${file} of schema ${quote(schema)}`,
  allowed: `schema ${quote(known)}, which this release reads`,
  fix: 'write both records with one release of the library',
});

export const gpuRecordSites = (before: string, after: string): Finding => ({
  code: 'CONFLICTING_GPU_RECORDS',
  given: `cards of site ${quote(before)} and of site ${quote(after)}`,
  allowed: 'two records of one site',
  fix: 'name the records of one site, the earlier first',
});

export const gpuSoftwareMissing = (pools: readonly string[]): Finding => ({
  severity: 'warning',
  code: 'MISSING_GPU_SOFTWARE',
  given: `GPUs in ${pools.join(', ')}, and nothing that offers them to Kubernetes: no pod gets one`,
  allowed: "NVIDIA's software, installed by this facility or by you",
  fix: "add new NvidiaGpus(facility, 'gpus'), or accept this warning if you install NVIDIA's software yourself",
});
