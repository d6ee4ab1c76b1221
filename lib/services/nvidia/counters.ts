/** One thing that DCGM measures. */
interface Counter {
  readonly field: `DCGM_FI_${string}`;
  readonly type: 'gauge' | 'counter' | 'label';
  readonly help: string;
}

/**
 * What the exporter publishes. A card in MIG mode has no `DCGM_FI_DEV_GPU_UTIL`; the profiling fields (`PROF`) are there for whole
 * cards and for instances alike.
 *
 * @see https://docs.nvidia.com/datacenter/dcgm/latest/dcgm-api/dcgm-api-field-ids.html
 * @see https://github.com/NVIDIA/dcgm-exporter/issues/216
 */
const COUNTERS: readonly Counter[] = [
  { field: 'DCGM_FI_PROF_GR_ENGINE_ACTIVE', type: 'gauge', help: 'share of the time in which the compute engines worked' },
  { field: 'DCGM_FI_PROF_PIPE_TENSOR_ACTIVE', type: 'gauge', help: 'share of the cycles in which the tensor cores worked' },
  { field: 'DCGM_FI_PROF_DRAM_ACTIVE', type: 'gauge', help: 'share of the cycles in which memory was read or written' },
  { field: 'DCGM_FI_PROF_PCIE_TX_BYTES', type: 'gauge', help: 'bytes a second sent over PCIe' },
  { field: 'DCGM_FI_PROF_PCIE_RX_BYTES', type: 'gauge', help: 'bytes a second received over PCIe' },
  { field: 'DCGM_FI_DEV_FB_USED', type: 'gauge', help: 'memory in use in MiB' },
  { field: 'DCGM_FI_DEV_FB_FREE', type: 'gauge', help: 'free memory in MiB' },
  { field: 'DCGM_FI_DEV_GPU_TEMP', type: 'gauge', help: 'temperature of the card in degrees Celsius' },
  { field: 'DCGM_FI_DEV_POWER_USAGE', type: 'gauge', help: 'power of the card in W' },
  { field: 'DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION', type: 'counter', help: 'energy since the driver was loaded in mJ' },
  { field: 'DCGM_FI_DEV_SM_CLOCK', type: 'gauge', help: 'clock of the multiprocessors in MHz' },
  { field: 'DCGM_FI_DEV_XID_ERRORS', type: 'gauge', help: 'number of the last XID error' },
  { field: 'DCGM_FI_DEV_ROW_REMAP_FAILURE', type: 'gauge', help: 'whether a broken row of memory could not be replaced' },
  { field: 'DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS', type: 'counter', help: 'rows of memory that were replaced after an error' },
  { field: 'DCGM_FI_DEV_VGPU_LICENSE_STATUS', type: 'gauge', help: 'whether a virtual card has its licence' },
  { field: 'DCGM_FI_DRIVER_VERSION', type: 'label', help: 'version of the driver' },
];

/** The file of the exporter. */
export function countersFile(): string {
  return COUNTERS.map(({ field, type, help }) => `${field}, ${type}, ${help}\n`).join('');
}
