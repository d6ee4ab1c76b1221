import { propsSchema } from '../../errors';
import { describeService } from '../../kubernetes';
import { checkGpuSoftware } from './checks';
import { gpuPlan } from './plan/command';
import { GPU_FILES, gpuFiles } from './record/files';
import { gpuSummary } from './record/summary';
import document from './schema.json';

const IMAGES = {
  /** Validator of the operator. Its tag is the version of the Helm chart. @see https://github.com/NVIDIA/gpu-operator */
  'gpu-operator': 'nvcr.io/nvidia/gpu-operator:v26.7.0',
  /** The operator appends the operating system of the node to the tag: `595.91.07-ubuntu24.04`. */
  'nvidia-driver': 'nvcr.io/nvidia/driver:595.91.07',
  'k8s-driver-manager': 'nvcr.io/nvidia/cloud-native/k8s-driver-manager:v0.12.0',
  'nvidia-container-toolkit': 'nvcr.io/nvidia/k8s/container-toolkit:v1.20.0',
  /** Device plugin, GPU Feature Discovery and MPS control daemon. @see https://github.com/NVIDIA/k8s-device-plugin */
  'nvidia-device-plugin': 'nvcr.io/nvidia/k8s-device-plugin:v0.20.0',
  /** @see https://github.com/NVIDIA/mig-parted */
  'k8s-mig-manager': 'nvcr.io/nvidia/cloud-native/k8s-mig-manager:v0.15.0',
  'dcgm-exporter': 'nvcr.io/nvidia/k8s/dcgm-exporter:4.6.0-4.8.3-distroless',
} as const;

declare module '../../site/images' {
  interface ImageTable extends Record<keyof typeof IMAGES, string> {}
}

/** The software that offers the GPUs of the nodes to pods. */
export const nvidia = describeService({
  name: 'nvidia-gpus',
  schema: propsSchema(document, 'NvidiaGpusProps'),
  images: IMAGES,
  // Partitioning and allocating GPUs requires root on the node.
  podSecurity: 'privileged',
  clusterScoped: ['nvidia.com/v1/ClusterPolicy'],
  checks: [checkGpuSoftware],
  files: gpuFiles,
  fileNames: GPU_FILES,
  summary: gpuSummary,
  commands: [gpuPlan],
});
