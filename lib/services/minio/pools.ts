import type { ServiceChart } from '../../kubernetes';
import { bytes, type Memory, type Placement, type StorageClass } from '../../site';
import { type ErasureCode, erasureCode, furtherErasureCode } from './erasure';
import { minioPoolsEmpty } from './messages';
import { PORTS } from './ports';
import type { MinIOProps } from './props';

/** A pool with defaults applied: identical servers with identical drives. */
export interface Pool {
  /** Part of the object names; for the first pool the id of the store, unless it is reserved. */
  readonly part: string;
  readonly servers: number;
  readonly drives: number;
  readonly driveSize: Memory;
  readonly storageClass?: StorageClass;
  readonly on: Placement;
  /** Undefined if the drives are invalid; then a finding is recorded. */
  readonly code?: ErasureCode;
  readonly raw: number;
  /** Argument of the command `minio server`. */
  readonly argument: string;
}

/** Names of the other parts of a store (minio.ts, setup.ts). */
const RESERVED_PARTS = /^(s3|setup|setup-files|service|console|pool-\d+)$/;

/** The first pool is named after the store, unless another part has that name: a store `s3` would have two Services with the same name. */
function partOf(index: number, id: string): string {
  return index === 0 && !RESERVED_PARTS.test(id) ? id : `pool-${index + 1}`;
}

/** Pools of a store. The findings MISSING_MINIO_POOL, INVALID_MINIO_DRIVES, INVALID_MINIO_PARITY, UNSUPPORTED_MINIO_POOL and CONFLICTING_MINIO_PARITY are recorded. */
export function poolsOf(chart: ServiceChart, props: MinIOProps, scheme: 'http' | 'https'): readonly Pool[] {
  const given = props.pools ?? [{}];
  if (given.length === 0) chart.problems.add(`${chart.path()}/pools`, minioPoolsEmpty(given));
  const several = given.length > 1;
  let first: ErasureCode | undefined;
  return given.map((pool, index) => {
    const own = { ...props, ...pool };
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

/** A pool in the notation of the server: `http://minio-{0...3}.minio.…:9000/export-{0...1}`, or `/export-0` for a single server. */
function argumentOf(
  chart: ServiceChart,
  scheme: 'http' | 'https',
  pool: { readonly part: string; readonly servers: number; readonly drives: number; readonly several: boolean },
): string {
  const path = pool.drives === 1 ? '/export-0' : `/export-{0...${pool.drives - 1}}`;
  if (pool.servers === 1 && !pool.several) return path;
  const name = chart.objectName(pool.part);
  return `${scheme}://${name}-{0...${pool.servers - 1}}.${name}.${chart.namespace}.svc.${chart.site.cluster.domain}:${PORTS.s3}${path}`;
}
