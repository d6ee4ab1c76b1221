import { failure } from '../../errors';
import { minioParity, minioPoolAlone, minioPoolParity, minioShape } from './messages';

/** Servers and drives of a pool. */
export interface PoolShape {
  readonly servers: number;
  readonly drivesPerServer: number;
}

/** How a pool keeps objects, and what may be lost. */
export interface ErasureCode {
  /** Drives over which one object is spread. */
  readonly setSize: number;
  readonly sets: number;
  readonly parity: number;
  /** Drives of a set that must answer, to read and to write. */
  readonly readQuorum: number;
  readonly writeQuorum: number;
  /** Servers that may be lost before reading or writing stops. */
  readonly serversLostReading: number;
  readonly serversLostWriting: number;
  /** Share of the raw space that objects may fill. */
  readonly usable: number;
}

/**
 * The erasure code that the server chooses for a pool: the largest set of 2 to 16 drives that divides all drives and lies
 * evenly over the servers.
 *
 * @throws INVALID_MINIO_DRIVES if there is none, INVALID_MINIO_PARITY if the parity does not fit the set
 * @see https://github.com/minio/minio/blob/master/docs/distributed/SIZING.md, cmd/endpoint-ellipses.go (getSetIndexes)
 */
export function erasureCode(servers: number, drivesPerServer: number, parity?: number): ErasureCode {
  const whole = (value: number) => Number.isInteger(value) && value >= 1;
  if (!whole(servers) || !whole(drivesPerServer)) throw failure(minioShape(servers, drivesPerServer));
  const drives = servers * drivesPerServer;
  const setSize = drives === 1 ? 1 : largestSet(drives, servers);
  if (setSize === undefined) throw failure(minioShape(servers, drivesPerServer));
  const kept = parity ?? defaultParity(setSize);
  if (!Number.isInteger(kept) || kept < 0 || kept > setSize / 2) throw failure(minioParity(kept, setSize));
  const data = setSize - kept;
  const writeQuorum = data === kept ? data + 1 : data;
  // Drives of one set that lie on one server.
  const together = Math.max(1, Math.ceil(setSize / servers));
  return {
    setSize,
    sets: drives / setSize,
    parity: kept,
    readQuorum: data,
    writeQuorum,
    serversLostReading: Math.floor((setSize - data) / together),
    serversLostWriting: Math.floor((setSize - writeQuorum) / together),
    usable: data / setSize,
  };
}

/**
 * The erasure code of a further pool. It takes the parity of the first one, whatever the size of its own sets, and a drive
 * alone is no pool.
 *
 * @throws INVALID_MINIO_DRIVES, UNSUPPORTED_MINIO_POOL, CONFLICTING_MINIO_PARITY if the parity is more than half of a set
 * @see cmd/erasure-server-pool.go (newErasureServerPools: commonParityDrives), cmd/endpoint-ellipses.go (mergeDisksLayoutFromArgs)
 */
export function furtherErasureCode({ servers, drivesPerServer }: PoolShape, first: ErasureCode): ErasureCode {
  if (first.setSize === 1 || (servers === 1 && drivesPerServer === 1)) throw failure(minioPoolAlone());
  const { setSize } = erasureCode(servers, drivesPerServer, 0);
  if (first.parity > setSize / 2) throw failure(minioPoolParity(first.parity, setSize));
  return erasureCode(servers, drivesPerServer, first.parity);
}

/**
 * What a store of these pools bears, wherever it strikes. An object may be in any pool and is looked for in all of them:
 * the store stops when one erasure set does.
 */
export function faultTolerance(codes: readonly ErasureCode[]): {
  readonly serversWriting: number;
  readonly serversReading: number;
  readonly drivesWriting: number;
  readonly drivesReading: number;
} {
  const least = (of: (code: ErasureCode) => number) => Math.min(...codes.map(of));
  return {
    serversWriting: least(({ serversLostWriting }) => serversLostWriting),
    serversReading: least(({ serversLostReading }) => serversLostReading),
    drivesWriting: least(({ setSize, writeQuorum }) => setSize - writeQuorum),
    drivesReading: least(({ setSize, readQuorum }) => setSize - readQuorum),
  };
}

function largestSet(drives: number, servers: number): number | undefined {
  const even = (size: number) => (size >= servers ? size % servers === 0 : servers % size === 0);
  return Array.from({ length: 15 }, (_, index) => 16 - index).find((size) => drives % size === 0 && even(size));
}

/** @see internal/config/storageclass/storage-class.go of MinIO, DefaultParityBlocks */
function defaultParity(setSize: number): number {
  if (setSize === 1) return 0;
  if (setSize <= 3) return 1;
  if (setSize <= 5) return 2;
  return setSize <= 7 ? 3 : 4;
}
