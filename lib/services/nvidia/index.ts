export { type MigParted, migParted } from './mig-parted';
export { NvidiaGpus } from './nvidia-gpus';
export { type PluginConfig, pluginConfigs } from './plugin-config';
export type { GpuClaims, GpuMetrics, NvidiaGpusProps, OperatedGpusProps, PlainGpusProps } from './props';
export { nvidiaService } from './service';
