import type { Memory } from '../quantity';
import type { GeometryName, ShapeName } from './geometry';

/** A MIG profile of a GPU model. */
export interface ProfileRow<Shape extends string = string> {
  /** Its shape in the geometry of the model. */
  readonly shape: Shape;
  /** Memory of an instance as `nvidia-smi` prints it; a few percent less than in the name. @default - not published */
  readonly memory?: Memory;
  /** Streaming multiprocessors. They are not proportional to the compute slices. @default - not published */
  readonly sm?: number;
}

/** A GPU model. */
export interface GpuModelSpec<G extends GeometryName = GeometryName> {
  /** Products with the same MIG profiles. */
  readonly name: string;
  readonly architecture: 'Ampere' | 'Hopper' | 'Blackwell';
  /** Memory of the whole GPU, as in the name of its largest profile. @default - shared with the processor */
  readonly memoryGB?: number;
  readonly maxInstances: number;
  /** @default - profiles are not published */
  readonly geometry?: G;
  /**
   * Source of the placements: NVIDIA's documentation, the output of a real GPU, NVIDIA's test data, or `inferred` from the family, in which
   * all published placements are the same.
   */
  readonly placements: 'documented' | 'captured' | 'transcribed' | 'inferred' | 'unknown';
  /** PCI device and vendor id, in the format of `device-filter` of mig-parted. */
  readonly pciIds: readonly string[];
  /** Names of its profiles in other driver versions: the driver computes and rounds the gigabytes of a name. @default - none known */
  readonly driverNames?: Readonly<Record<string, string>>;
  readonly profiles: Readonly<Record<string, ProfileRow<ShapeName<G>>>>;
}

/** A shape that is not in the geometry is a compile error. */
type AnyGpuModelSpec = { [G in GeometryName]: GpuModelSpec<G> }[GeometryName];

/**
 * NVIDIA GPUs with Multi-Instance GPU (MIG), and their profiles.
 *
 * @see https://docs.nvidia.com/datacenter/tesla/mig-user-guide/supported-mig-profiles.html
 * @see https://docs.nvidia.com/datacenter/tesla/mig-user-guide/supported-gpus.html
 * @see https://github.com/NVIDIA/mig-parted/blob/main/deployments/systemd/config-default.yaml
 */
export const GPU_MODELS = {
  /** `1g.6gb+me` needs driver R470, `2g.12gb+me` R525. MIG User Guide, "A30 MIG Profiles"; go-nvml `mock/gpus/a30.go`. */
  'a30-24gb': {
    name: 'NVIDIA A30 24GB',
    architecture: 'Ampere',
    memoryGB: 24,
    maxInstances: 4,
    geometry: '4slice-4unit',
    placements: 'documented',
    pciIds: ['0x20B710DE'],
    profiles: {
      '1g.6gb': { shape: '1g', memory: '5836MiB', sm: 14 },
      '1g.6gb+me': { shape: '1g', memory: '5836MiB', sm: 14 },
      '2g.12gb': { shape: '2g', memory: '11672MiB', sm: 28 },
      '2g.12gb+me': { shape: '2g', memory: '11672MiB', sm: 28 },
      '4g.24gb': { shape: '4g', memory: '23344MiB', sm: 56 },
    },
  },
  /** MIG User Guide, "A100 MIG Profiles" and "Getting Started". Its table states 1/8 of the memory for `1g.10gb`; the placements and the maximum of four instances show 2/8. */
  'a100-40gb': {
    name: 'NVIDIA A100 40GB (SXM4, PCIe), A800 40GB',
    architecture: 'Ampere',
    memoryGB: 40,
    maxInstances: 7,
    geometry: '7slice-8unit',
    placements: 'documented',
    pciIds: ['0x20B010DE', '0x20B110DE', '0x20F110DE', '0x20F610DE'],
    profiles: {
      '1g.5gb': { shape: '1g', memory: '4864MiB', sm: 14 },
      '1g.5gb+me': { shape: '1g', memory: '4864MiB', sm: 14 },
      '1g.10gb': { shape: '1g.double', memory: '9856MiB', sm: 14 },
      '2g.10gb': { shape: '2g', memory: '9856MiB', sm: 28 },
      '3g.20gb': { shape: '3g', memory: '19968MiB', sm: 42 },
      '4g.20gb': { shape: '4g', memory: '19968MiB', sm: 56 },
      '7g.40gb': { shape: '7g', memory: '40192MiB', sm: 98 },
    },
  },
  /** MIG User Guide, "A100 MIG Profiles"; go-nvml `mock/gpus/a100.go`. Drivers 535 and 545 name it `3g.39gb`: NVIDIA/mig-parted#31. */
  'a100-80gb': {
    name: 'NVIDIA A100 80GB (SXM4, PCIe), A800 80GB',
    architecture: 'Ampere',
    memoryGB: 80,
    maxInstances: 7,
    geometry: '7slice-8unit',
    placements: 'documented',
    pciIds: ['0x20B210DE', '0x20B510DE', '0x20F310DE', '0x20F510DE'],
    driverNames: { '3g.39gb': '3g.40gb' },
    profiles: {
      '1g.10gb': { shape: '1g', memory: '9856MiB', sm: 14 },
      '1g.10gb+me': { shape: '1g', memory: '9856MiB', sm: 14 },
      '1g.20gb': { shape: '1g.double', memory: '19968MiB', sm: 14 },
      '2g.20gb': { shape: '2g', memory: '19968MiB', sm: 28 },
      '3g.40gb': { shape: '3g', memory: '40192MiB', sm: 42 },
      '4g.40gb': { shape: '4g', memory: '40192MiB', sm: 56 },
      '7g.80gb': { shape: '7g', memory: '80384MiB', sm: 98 },
    },
  },
  /** MIG User Guide, "H100 MIG Profiles"; output of `nvidia-smi mig`. `1g.20gb` has 26 multiprocessors, not 16. */
  'h100-80gb': {
    name: 'NVIDIA H100 80GB (SXM5, PCIe), H800 80GB',
    architecture: 'Hopper',
    memoryGB: 80,
    maxInstances: 7,
    geometry: '7slice-8unit',
    placements: 'captured',
    pciIds: ['0x233010DE', '0x233110DE', '0x232210DE', '0x232410DE'],
    profiles: {
      '1g.10gb': { shape: '1g', memory: '9.75GiB', sm: 16 },
      '1g.10gb+me': { shape: '1g', memory: '9.75GiB', sm: 16 },
      '1g.20gb': { shape: '1g.double', memory: '19.62GiB', sm: 26 },
      '2g.20gb': { shape: '2g', memory: '19.62GiB', sm: 32 },
      '3g.40gb': { shape: '3g', memory: '39.5GiB', sm: 60 },
      '4g.40gb': { shape: '4g', memory: '39.5GiB', sm: 64 },
      '7g.80gb': { shape: '7g', memory: '79.25GiB', sm: 132 },
    },
  },
  /** Output of `nvidia-smi mig` on H100 NVL; mig-parted `config-default.yaml`, whose ids are those of the NVL boards. */
  'h100-94gb': {
    name: 'NVIDIA H100 NVL 94GB, H800 NVL, H100 SXM5 94GB',
    architecture: 'Hopper',
    memoryGB: 94,
    maxInstances: 7,
    geometry: '7slice-8unit',
    placements: 'captured',
    pciIds: ['0x232110DE', '0x233A10DE'],
    profiles: {
      '1g.12gb': { shape: '1g', memory: '10.75GiB', sm: 16 },
      '1g.12gb+me': { shape: '1g', memory: '10.75GiB', sm: 16 },
      '1g.24gb': { shape: '1g.double', memory: '21.62GiB', sm: 26 },
      '2g.24gb': { shape: '2g', memory: '21.62GiB', sm: 32 },
      '3g.47gb': { shape: '3g', memory: '46.38GiB', sm: 60 },
      '4g.47gb': { shape: '4g', memory: '46.38GiB', sm: 64 },
      '7g.94gb': { shape: '7g', memory: '93.12GiB', sm: 132 },
    },
  },
  /** Names: NVIDIA vGPU documentation, "Hopper Architecture vGPU Types". */
  'h100-64gb': {
    name: 'NVIDIA H100 SXM5 64GB',
    architecture: 'Hopper',
    memoryGB: 64,
    maxInstances: 7,
    geometry: '7slice-8unit',
    placements: 'inferred',
    pciIds: [],
    profiles: {
      '1g.8gb': { shape: '1g' },
      '1g.8gb+me': { shape: '1g' },
      '1g.16gb': { shape: '1g.double' },
      '2g.16gb': { shape: '2g' },
      '3g.32gb': { shape: '3g' },
      '4g.32gb': { shape: '4g' },
      '7g.64gb': { shape: '7g' },
    },
  },
  /** mig-parted `config-default.yaml`, which lists the four ids as one group. 3 × `2g.24gb` with 1 × `1g.24gb` runs on GH200 at the University of Tokyo (Miyabi). */
  'h100-96gb': {
    name: 'NVIDIA H100 96GB, GH200 96GB HBM3, H20 96GB, PG506-96GB',
    architecture: 'Hopper',
    memoryGB: 96,
    maxInstances: 7,
    geometry: '7slice-8unit',
    placements: 'inferred',
    pciIds: ['0x234210DE', '0x233D10DE', '0x20B610DE', '0x232910DE'],
    profiles: {
      '1g.12gb': { shape: '1g' },
      '1g.12gb+me': { shape: '1g' },
      '1g.24gb': { shape: '1g.double', sm: 26 },
      '2g.24gb': { shape: '2g', sm: 32 },
      '3g.48gb': { shape: '3g' },
      '4g.48gb': { shape: '4g' },
      '7g.96gb': { shape: '7g' },
    },
  },
  /** NVIDIA/mig-parted#139. */
  'gh200-144gb': {
    name: 'NVIDIA GH200 144GB HBM3e',
    architecture: 'Hopper',
    memoryGB: 144,
    maxInstances: 7,
    geometry: '7slice-8unit',
    placements: 'inferred',
    pciIds: ['0x234810DE'],
    profiles: {
      '1g.18gb': { shape: '1g', memory: '17.5GiB' },
      '1g.18gb+me': { shape: '1g', memory: '17.5GiB' },
      '1g.36gb': { shape: '1g.double', memory: '35.25GiB' },
      '2g.36gb': { shape: '2g', memory: '35.25GiB' },
      '3g.72gb': { shape: '3g' },
      '4g.72gb': { shape: '4g' },
      '7g.144gb': { shape: '7g' },
    },
  },
  /** MIG User Guide, "H200 MIG Profiles"; NVIDIA/mig-parted#120; placements: `nvidia-smi mig -lgipp` on an H200 SXM, driver 580.159.04. */
  'h200-141gb': {
    name: 'NVIDIA H200 141GB (SXM5, NVL), H20 141GB',
    architecture: 'Hopper',
    memoryGB: 141,
    maxInstances: 7,
    geometry: '7slice-8unit',
    placements: 'captured',
    pciIds: ['0x233510DE', '0x233B10DE'],
    profiles: {
      '1g.18gb': { shape: '1g', memory: '16GiB', sm: 16 },
      '1g.18gb+me': { shape: '1g', memory: '16GiB', sm: 16 },
      '1g.35gb': { shape: '1g.double', memory: '32.25GiB', sm: 26 },
      '2g.35gb': { shape: '2g', memory: '32.25GiB', sm: 32 },
      '3g.71gb': { shape: '3g', memory: '69.5GiB', sm: 60 },
      '4g.71gb': { shape: '4g', memory: '69.5GiB', sm: 64 },
      '7g.141gb': { shape: '7g', memory: '139.75GiB', sm: 132 },
    },
  },
  /** MIG User Guide, "B200 MIG Profiles"; NVIDIA/mig-parted#166; k8s-test-infra `mock-nvml-config-b200.mig.yaml`. */
  'b200-180gb': {
    name: 'NVIDIA B200 180GB',
    architecture: 'Blackwell',
    memoryGB: 180,
    maxInstances: 7,
    geometry: '7slice-8unit',
    placements: 'transcribed',
    pciIds: ['0x290110DE'],
    profiles: {
      '1g.23gb': { shape: '1g', memory: '22GiB', sm: 18 },
      '1g.23gb+me': { shape: '1g', memory: '22GiB', sm: 18 },
      '1g.45gb': { shape: '1g.double', memory: '44.25GiB', sm: 30 },
      '2g.45gb': { shape: '2g', memory: '44.25GiB', sm: 36 },
      '3g.90gb': { shape: '3g' },
      '4g.90gb': { shape: '4g' },
      '7g.180gb': { shape: '7g' },
    },
  },
  /** NVIDIA/mig-parted#227 and NVIDIA/gpu-operator#1303, whose drivers use different names; k8s-test-infra `mock-nvml-config-gb200.mig.yaml`. */
  'gb200-186gb': {
    name: 'NVIDIA GB200 186GB',
    architecture: 'Blackwell',
    memoryGB: 186,
    maxInstances: 7,
    geometry: '7slice-8unit',
    placements: 'transcribed',
    pciIds: ['0x294110DE'],
    driverNames: { '1g.24gb': '1g.23gb', '1g.24gb+me': '1g.23gb+me', '3g.95gb': '3g.93gb', '4g.95gb': '4g.93gb', '7g.189gb': '7g.186gb' },
    profiles: {
      '1g.23gb': { shape: '1g', memory: '22GiB', sm: 18 },
      '1g.23gb+me': { shape: '1g', memory: '22GiB', sm: 18 },
      '1g.47gb': { shape: '1g.double', memory: '45.5GiB', sm: 32 },
      '2g.47gb': { shape: '2g', memory: '45.5GiB', sm: 38 },
      '3g.93gb': { shape: '3g' },
      '4g.93gb': { shape: '4g' },
      '7g.186gb': { shape: '7g' },
    },
  },
  /** mig-parted `config-default.yaml`. The memory is that of the largest profile, not that of the data sheet. */
  'b300-269gb': {
    name: 'NVIDIA B300',
    architecture: 'Blackwell',
    memoryGB: 269,
    maxInstances: 7,
    geometry: '7slice-8unit',
    placements: 'inferred',
    pciIds: ['0x318210DE'],
    profiles: {
      '1g.34gb': { shape: '1g' },
      '1g.34gb+me': { shape: '1g' },
      '1g.67gb': { shape: '1g.double' },
      '2g.67gb': { shape: '2g' },
      '3g.135gb': { shape: '3g' },
      '4g.135gb': { shape: '4g' },
      '7g.269gb': { shape: '7g' },
    },
  },
  /** mig-parted `config-default.yaml`; k8s-test-infra `mock-nvml-config-gb300.mig.yaml`. The memory is that of the largest profile. */
  'gb300-278gb': {
    name: 'NVIDIA GB300',
    architecture: 'Blackwell',
    memoryGB: 278,
    maxInstances: 7,
    geometry: '7slice-8unit',
    placements: 'transcribed',
    pciIds: ['0x31C210DE'],
    profiles: {
      '1g.35gb': { shape: '1g' },
      '1g.35gb+me': { shape: '1g' },
      '1g.70gb': { shape: '1g.double' },
      '2g.70gb': { shape: '2g' },
      '3g.139gb': { shape: '3g' },
      '4g.139gb': { shape: '4g' },
      '7g.278gb': { shape: '7g' },
    },
  },
  /** MIG User Guide, "RTX PRO 6000 Blackwell MIG Profiles"; output of `nvidia-smi mig`: GoogleCloudPlatform/container-engine-accelerators#564. */
  'rtx-pro-6000-blackwell-96gb': {
    name: 'NVIDIA RTX PRO 6000 Blackwell 96GB',
    architecture: 'Blackwell',
    memoryGB: 96,
    maxInstances: 4,
    geometry: '4slice-12unit',
    placements: 'captured',
    pciIds: ['0x2BB510DE'],
    profiles: {
      '1g.24gb': { shape: '1g', sm: 46 },
      '1g.24gb+me': { shape: '1g', sm: 46 },
      '1g.24gb+gfx': { shape: '1g', sm: 46 },
      '1g.24gb+me.all': { shape: '1g', sm: 46 },
      '1g.24gb-me': { shape: '1g', sm: 46 },
      '2g.48gb': { shape: '2g', memory: '46.5GiB', sm: 94 },
      '2g.48gb+gfx': { shape: '2g', sm: 94 },
      '2g.48gb+me.all': { shape: '2g', sm: 94 },
      '2g.48gb-me': { shape: '2g', sm: 94 },
      '4g.96gb': { shape: '4g', memory: '95.12GiB', sm: 188 },
      '4g.96gb+gfx': { shape: '4g', sm: 188 },
    },
  },
  /** MIG User Guide, "RTX PRO 5000 Blackwell MIG Profiles"; its table of GPUs states at most two instances, its table of profiles three `1g.12gb-me`. */
  'rtx-pro-5000-blackwell-48gb': {
    name: 'NVIDIA RTX PRO 5000 Blackwell 48GB',
    architecture: 'Blackwell',
    memoryGB: 48,
    maxInstances: 2,
    geometry: '4slice',
    placements: 'unknown',
    pciIds: [],
    profiles: {
      '1g.12gb': { shape: '1g' },
      '1g.12gb+me': { shape: '1g' },
      '1g.12gb+gfx': { shape: '1g' },
      '1g.12gb-me': { shape: '1g-me' },
      '2g.24gb-me': { shape: '2g-me' },
      '4g.48gb': { shape: '4g' },
      '4g.48gb+gfx': { shape: '4g' },
    },
  },
  /** MIG User Guide, "Supported GPUs", which lists the model without profiles. */
  'rtx-pro-4500-blackwell-32gb': {
    name: 'NVIDIA RTX PRO 4500 Blackwell 32GB',
    architecture: 'Blackwell',
    memoryGB: 32,
    maxInstances: 2,
    placements: 'unknown',
    pciIds: [],
    profiles: {},
  },
  /** MIG User Guide, "Supported GPUs", which lists the model without profiles. */
  'thor-igpu': {
    name: 'NVIDIA Thor iGPU',
    architecture: 'Blackwell',
    maxInstances: 2,
    placements: 'unknown',
    pciIds: [],
    profiles: {},
  },
} as const satisfies Readonly<Record<string, AnyGpuModelSpec>>;

type Table = typeof GPU_MODELS;

/** Name of a GPU model with MIG support. */
export type GpuModel = keyof Table;

type DriverName<C extends GpuModel> = Table[C] extends { readonly driverNames: infer Names } ? keyof Names & string : never;

/** MIG profiles of a GPU model, including the names in other driver versions. */
export type Profile<C extends GpuModel> = C extends GpuModel ? (keyof Table[C]['profiles'] & string) | DriverName<C> : never;

/** MIG profile of any GPU model. The same name may stand for different profiles on different models. */
export type AnyProfile = Profile<GpuModel>;

/** Number of instances per profile. */
export type Layout<C extends GpuModel = GpuModel> = { readonly [P in Profile<C>]?: number };
