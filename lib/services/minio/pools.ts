import type { ServiceChart } from '../../kubernetes';
import { bytes, type Memory, type Placement, type StorageClass } from '../../site';
import { type ErasureCode, erasureCode, furtherErasureCode } from './erasure';
import { minioNoPool } from './messages';
import type { MinIOProps } from './props';

/** One pool as it is built: servers that are alike, with drives that are alike. */
export interface Pool {
  /** Part of the chart, and so the name of its objects: nearly always the store's own for the first pool. */
  readonly part: string;
  readonly servers: number;
  readonly drives: number;
  readonly driveSize: Memory;
  readonly storageClass?: StorageClass;
  readonly on: Placement;
  /** Undefined where the shape is no pool; that is among the problems then. */
  readonly code?: ErasureCode;
  readonly raw: number;
  /** How every server is told of it. */
  readonly argument: string;
}

/** Parts of every store beside its pools (minio.ts, setup.ts). */
const OTHER_PARTS = /^(s3|setup|setup-files|service|console|pool-\d+)$/;

/** The first pool has the name of the store, unless another part of it has: a store `s3` would have two Services of that name. */
function partOf(index: number, id: string): string {
  return index === 0 && !OTHER_PARTS.test(id) ? id : `pool-${index + 1}`;
}

/** The pools of a store. MISSING_MINIO_POOL, INVALID_MINIO_DRIVES, INVALID_MINIO_PARITY, UNSUPPORTED_MINIO_POOL and CONFLICTING_MINIO_PARITY are recorded. */
export function poolsOf(chart: ServiceChart, props: MinIOProps, scheme: 'http' | 'https'): readonly Pool[] {
  const given = props.pools ?? [{}];
  if (given.length === 0) chart.problems.add(`${chart.path()}/pools`, minioNoPool(given));
  const several = given.length > 1;
  let first: ErasureCode | undefined;
  return given.map((one, index) => {
    const own = { ...props, ...one };
    const [servers, drives, driveSize] = [own.servers ?? 4, own.drivesPerServer ?? 1, own.driveSize ?? '100GiB'];
    const path = `${chart.path()}/${props.pools ? `pools/${index}` : 'servers'}`;
    const part = partOf(index, chart.node.id);
    const code = chart.problems.attempt(path, () =>
      first ? furtherErasureCode({ servers, drivesPerServer: drives }, first) : erasureCode(servers, drives, props.parity),
    );
    first ??= code;
    const size = chart.problems.number(`${chart.path()}/driveSize`, () => bytes(driveSize));
    const argument = argumentOf(chart, scheme, { part, servers, drives, several });
    return { part, servers, drives, driveSize, storageClass: own.storageClass, on: own.on, code, raw: size * servers * drives, argument };
  });
}

/** A pool in the notation of the server: `http://minio-{0...3}.minio.…:9000/export-{0...1}`, or `/export-0` for a server alone. */
function argumentOf(
  chart: ServiceChart,
  scheme: 'http' | 'https',
  pool: { readonly part: string; readonly servers: number; readonly drives: number; readonly several: boolean },
): string {
  const path = pool.drives === 1 ? '/export-0' : `/export-{0...${pool.drives - 1}}`;
  if (pool.servers === 1 && !pool.several) return path;
  const name = chart.objectName(pool.part);
  return `${scheme}://${name}-{0...${pool.servers - 1}}.${name}.${chart.namespace}.svc.${chart.site.cluster.domain}:9000${path}`;
}
