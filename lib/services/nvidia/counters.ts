/** A field that DCGM collects. */
interface Counter {
  readonly field: `DCGM_FI_${string}`;
  readonly type: 'gauge' | 'counter' | 'label';
  readonly help: string;
}

/**
 * Metrics of the exporter. A GPU in MIG mode has no `DCGM_FI_DEV_GPU_UTIL`; the profiling fields (`PROF`) exist for whole GPUs and for MIG
 * instances.
 *
 * @see https://docs.nvidia.com/datacenter/dcgm/latest/dcgm-api/dcgm-api-field-ids.html
 * @see https://github.com/NVIDIA/dcgm-exporter/issues/216
 */
const COUNTERS: readonly Counter[] = [
  { field: 'DCGM_FI_PROF_GR_ENGINE_ACTIVE', type: 'gauge', help: 'fraction of time in which the compute engines were active' },
  { field: 'DCGM_FI_PROF_PIPE_TENSOR_ACTIVE', type: 'gauge', help: 'fraction of cycles in which the tensor cores were active' },
  { field: 'DCGM_FI_PROF_DRAM_ACTIVE', type: 'gauge', help: 'fraction of cycles in which memory was read or written' },
  { field: 'DCGM_FI_PROF_PCIE_TX_BYTES', type: 'gauge', help: 'bytes per second sent over PCIe' },
  { field: 'DCGM_FI_PROF_PCIE_RX_BYTES', type: 'gauge', help: 'bytes per second received over PCIe' },
  { field: 'DCGM_FI_DEV_FB_USED', type: 'gauge', help: 'used memory in MiB' },
  { field: 'DCGM_FI_DEV_FB_FREE', type: 'gauge', help: 'free memory in MiB' },
  { field: 'DCGM_FI_DEV_GPU_TEMP', type: 'gauge', help: 'temperature of the GPU in degrees Celsius' },
  { field: 'DCGM_FI_DEV_POWER_USAGE', type: 'gauge', help: 'power consumption of the GPU in W' },
  { field: 'DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION', type: 'counter', help: 'energy since the driver was loaded in mJ' },
  { field: 'DCGM_FI_DEV_SM_CLOCK', type: 'gauge', help: 'clock of the multiprocessors in MHz' },
  { field: 'DCGM_FI_DEV_XID_ERRORS', type: 'gauge', help: 'number of the last XID error' },
  { field: 'DCGM_FI_DEV_ROW_REMAP_FAILURE', type: 'gauge', help: 'whether remapping of a memory row failed' },
  { field: 'DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS', type: 'counter', help: 'memory rows remapped after uncorrectable errors' },
  { field: 'DCGM_FI_DEV_VGPU_LICENSE_STATUS', type: 'gauge', help: 'whether a virtual GPU is licensed' },
  { field: 'DCGM_FI_DRIVER_VERSION', type: 'label', help: 'version of the driver' },
];

/** Content of the metrics file of the exporter. */
export function countersFile(): string {
  return COUNTERS.map(({ field, type, help }) => `${field}, ${type}, ${help}\n`).join('');
}
