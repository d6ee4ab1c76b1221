import { type Finding, quote } from '../../errors';

export const nvidiaGpusMissing = (pools: readonly string[]): Finding => ({
  code: 'MISSING_NVIDIA_GPUS',
  given: `no NVIDIA GPUs in the pools ${pools.join(', ')}`,
  allowed: 'a site with NVIDIA GPUs in at least one pool',
  fix: "set gpus of a pool, e.g. gpus: mig('a100-80gb', …), wholeGpus(…) or vgpu(…), or remove NvidiaGpus",
});

export const nvidiaClaimsResource = (resources: readonly string[]): Finding => ({
  severity: 'warning',
  code: 'UNSUPPORTED_NVIDIA_CLAIMS_RESOURCE',
  given: `\`claims\` before Kubernetes 1.36: pods that request ${resources.join(', ')} stay Pending`,
  allowed: 'Kubernetes 1.36 or later, or only pods that refer to a ResourceClaimTemplate',
  fix: 'remove `claims`, or upgrade Kubernetes first',
});

export const nvidiaDuplicate = (other: string): Finding => ({
  code: 'DUPLICATE_NVIDIA',
  given: `a second NvidiaGpus, in addition to ${quote(other)}`,
  allowed: 'one NvidiaGpus per facility: it manages all GPUs of the site, and two device plugins would allocate each GPU twice',
  fix: 'remove one of them, and set differences between pools in `gpus` of the pools',
});

export const nvidiaNodes = (pool: string, labels: string, others: readonly string[]): Finding => ({
  code: 'CONFLICTING_NVIDIA_NODES',
  given:
    others.length > 0
      ? `pool ${quote(pool)} with labels ${labels}, which nodes of ${others.join(', ')} also have`
      : `pool ${quote(pool)} without host names and without labels`,
  allowed: 'host names, or labels that only nodes of this pool have, so that label-nodes.sh can label them',
  fix: "set hostnames: ['…', …] to the names that `kubectl get nodes` shows, or add a label that only the nodes of this pool have",
});

export const nvidiaStrategies = (single: readonly string[], mixed: readonly string[]): Finding => ({
  code: 'CONFLICTING_NVIDIA_STRATEGIES',
  given: `MIG strategy 'single' in ${single.join(', ')}, and 'mixed' in ${mixed.join(', ')}`,
  allowed: 'one MIG strategy for all pools, because a ClusterPolicy has only one',
  fix: "set strategy: 'mixed' for all pools, or by: 'plain', which supports one strategy per node",
});

export const nvidiaVgpuDriver = (pools: readonly string[]): Finding => ({
  code: 'UNSUPPORTED_NVIDIA_VGPU_DRIVER',
  given: `driver: 'operator' with the public driver image, and virtual GPUs in ${pools.join(', ')}`,
  allowed: 'the licensed vGPU guest driver that matches the driver of the hypervisor; NVIDIA publishes no image of it',
  fix: "install the guest driver in the machine image and set driver: 'nodes', or set images: { 'nvidia-driver': … } of the site to your own image",
});

export const nvidiaClaimsVersion = (version: string): Finding => ({
  code: 'UNSUPPORTED_NVIDIA_CLAIMS_RELEASE',
  given: `claims with Kubernetes ${quote(version)}`,
  allowed: "Kubernetes 1.34 or later, which serves resource.k8s.io/v1; NVIDIA's DRA driver requires 1.34.2",
  fix: 'upgrade the cluster, or remove `claims` to use the device plugin',
});

export const nvidiaClaimsShared = (pool: string, sharing: string): Finding => ({
  code: 'UNSUPPORTED_NVIDIA_CLAIMS_SHARING',
  given: `claims for pool ${quote(pool)} with ${sharing}`,
  allowed: "MIG instances and whole GPUs; sharing is a disabled alpha feature of NVIDIA's DRA driver",
  fix: 'use mig(…) instead of sharing, or remove `claims`',
});

export const nvidiaClaimsSingle = (pool: string): Finding => ({
  code: 'UNSUPPORTED_NVIDIA_CLAIMS_STRATEGY',
  given: `claims for pool ${quote(pool)} with MIG strategy 'single'`,
  allowed: "MIG strategy 'mixed': claims request a profile, and nvidia.com/gpu means a whole GPU",
  fix: "remove `strategy`, and request pool.slice('…')",
});

export const nvidiaIdle = (below: unknown): Finding => ({
  code: 'INVALID_NVIDIA_IDLE',
  given: quote(below),
  allowed: 'a fraction above 0 and below 1, e.g. 0.01',
  fix: 'write e.g. idle: { below: 0.01 }',
});

export const gpuRecordMissing = (file: string): Finding => ({
  code: 'MISSING_GPU_RECORD',
  given: `no file ${quote(file)}`,
  allowed: 'a gpus.json, or its directory: dist/cluster/<site>',
  fix: 'create it with `npx facility synth`, or read one from Git with `git show main:dist/cluster/<site>/gpus.json | npx facility gpu-plan - dist/cluster/<site>`',
});

export const gpuRecordInvalid = (file: string, reason: string): Finding => ({
  code: 'INVALID_GPU_RECORD',
  given: `${file}: ${reason}`,
  allowed: 'a gpus.json written by `npx facility synth`',
  fix: 'use another file, or create it again with `npx facility synth`',
});

export const gpuRecordSchema = (file: string, schema: string, known: string): Finding => ({
  code: 'UNSUPPORTED_GPU_RECORD',
  given: `${file} with schema ${quote(schema)}`,
  allowed: `schema ${quote(known)}, which this release supports`,
  fix: 'create both records with the same release of the library',
});

export const gpuRecordSites = (before: string, after: string): Finding => ({
  code: 'CONFLICTING_GPU_RECORDS',
  given: `GPU records of site ${quote(before)} and of site ${quote(after)}`,
  allowed: 'two records of the same site',
  fix: 'pass two records of the same site, the older one first',
});

export const gpuSoftwareMissing = (pools: readonly string[]): Finding => ({
  severity: 'warning',
  code: 'MISSING_GPU_SOFTWARE',
  given: `GPUs in ${pools.join(', ')}, but no device plugin: pods cannot request them`,
  allowed: "NVIDIA's software, installed by this facility or otherwise",
  fix: "add new NvidiaGpus(facility, 'gpus'), or accept this warning if NVIDIA's software is installed otherwise",
});
