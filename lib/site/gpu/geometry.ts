/**
 * One way to cut a card, whatever its profiles are called.
 *
 * The driver gives each instance one contiguous range of memory units, and lists the starts that a profile may take. A unit is
 * not a compute slice: RTX PRO 6000 has twelve for four slices. Sizes are not powers of two, and starts not multiples of sizes
 * that fit anywhere: a `2g` never starts at unit 6.
 */
export interface Shape {
  /** Compute slices: the G of `<G>g.<N>gb`. */
  readonly compute: number;
  /** Memory units of its range. @default - nobody has published them */
  readonly units?: number;
  /** Units that the range may start at. @default - nobody has published them */
  readonly starts?: readonly number[];
  /** Instances on one card; of those with `+me` or `+me.all` there is never more than one. */
  readonly max: number;
}

/** What all cards of one family have in common. */
export interface Geometry {
  readonly compute: number;
  /** @default - nobody has published them */
  readonly units?: number;
  readonly shapes: Readonly<Record<string, Shape>>;
}

/**
 * The geometries of the cards.
 *
 * `7slice-8unit` is printed by `nvidia-smi mig -lgipp` on A100, H100 and H100 NVL, and drawn in the MIG User Guide for Blackwell;
 * `4slice-4unit` on A30; `4slice-12unit` on RTX PRO 6000. The mocks of go-nvml for H100, H200 and B200 contradict the captures
 * (a `3g` of size 3, a `7g` of size 7) and are wrong. `4slice` has limits in the User Guide and no published placements.
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

/** Names of a geometry's shapes. */
export type ShapeName<G extends GeometryName> = G extends GeometryName ? keyof (typeof GEOMETRIES)[G]['shapes'] & string : never;
