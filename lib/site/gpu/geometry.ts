/**
 * Size and placements of a MIG instance, independent of profile names.
 *
 * Each instance occupies a contiguous range of memory units, and the driver allows only certain start units per profile. Memory units are
 * not compute slices: RTX PRO 6000 has 12 units for 4 slices. Sizes are not always powers of two, and not every multiple of the size is a
 * valid start: a `2g` never starts at unit 6.
 */
export interface Shape {
  /** Compute slices: the G of `<G>g.<N>gb`. */
  readonly compute: number;
  /** Number of memory units. @default - not published */
  readonly units?: number;
  /** Valid start units. @default - not published */
  readonly starts?: readonly number[];
  /** Maximum number of instances per GPU; with `+me` or `+me.all` at most one. */
  readonly max: number;
}

/** MIG geometry that all GPUs of a family share. */
export interface Geometry {
  readonly compute: number;
  /** Memory units of the GPU. @default - not published */
  readonly units?: number;
  readonly shapes: Readonly<Record<string, Shape>>;
}

/**
 * MIG geometries.
 *
 * `nvidia-smi mig -lgipp` prints `7slice-8unit` on A100, H100 and H100 NVL (the MIG User Guide shows it for Blackwell), `4slice-4unit` on A30
 * and `4slice-12unit` on RTX PRO 6000. The mocks of go-nvml for H100, H200 and B200 contradict this output (a `3g` of size 3, a `7g` of
 * size 7) and are wrong. For `4slice`, the MIG User Guide has limits but no placements.
 *
 * @see https://docs.nvidia.com/datacenter/tesla/mig-user-guide/getting-started-with-mig.html
 * @see https://github.com/NVIDIA/go-nvml/blob/main/pkg/nvml/mock/gpus/a100.go
 * @see https://github.com/NVIDIA/k8s-test-infra/blob/main/docs/mig.md
 */
export const GEOMETRIES = {
  '7slice-8unit': {
    compute: 7,
    units: 8,
    shapes: {
      '1g': { compute: 1, units: 1, starts: [0, 1, 2, 3, 4, 5, 6], max: 7 },
      '1g.double': { compute: 1, units: 2, starts: [0, 2, 4, 6], max: 4 },
      '2g': { compute: 2, units: 2, starts: [0, 2, 4], max: 3 },
      '3g': { compute: 3, units: 4, starts: [0, 4], max: 2 },
      '4g': { compute: 4, units: 4, starts: [0], max: 1 },
      '7g': { compute: 7, units: 8, starts: [0], max: 1 },
    },
  },
  '4slice-4unit': {
    compute: 4,
    units: 4,
    shapes: {
      '1g': { compute: 1, units: 1, starts: [0, 1, 2, 3], max: 4 },
      '2g': { compute: 2, units: 2, starts: [0, 2], max: 2 },
      '4g': { compute: 4, units: 4, starts: [0], max: 1 },
    },
  },
  '4slice-12unit': {
    compute: 4,
    units: 12,
    shapes: {
      '1g': { compute: 1, units: 3, starts: [0, 3, 6, 9], max: 4 },
      '2g': { compute: 2, units: 6, starts: [0, 6], max: 2 },
      '4g': { compute: 4, units: 12, starts: [0], max: 1 },
    },
  },
  '4slice': {
    compute: 4,
    shapes: {
      '1g': { compute: 1, max: 1 },
      '1g-me': { compute: 1, max: 3 },
      '2g-me': { compute: 2, max: 1 },
      '4g': { compute: 4, max: 1 },
    },
  },
} as const satisfies Readonly<Record<string, Geometry>>;

export type GeometryName = keyof typeof GEOMETRIES;

/** Names of the shapes of a geometry. */
export type ShapeName<G extends GeometryName> = G extends GeometryName ? keyof (typeof GEOMETRIES)[G]['shapes'] & string : never;
