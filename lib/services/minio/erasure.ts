import { failure } from '../../errors';
import { minioDrivesInvalid, minioParity, minioPoolParity, minioSingleDrivePool } from './messages';

/** Drives of one server: each is a volume of its pod, and more are not attached to any node. */
const MOST_DRIVES = 256;

/** Servers and drives of a pool. */
export interface PoolShape {
  readonly servers: number;
  readonly drivesPerServer: number;
}

/** Erasure code of a pool and its fault tolerance. */
export interface ErasureCode {
  /** Number of drives in an erasure set. */
  readonly setSize: number;
  readonly sets: number;
  readonly parity: number;
  /** Drives of a set that must be online to read and to write. */
  readonly readQuorum: number;
  readonly writeQuorum: number;
  /** Servers that may fail without stopping reads or writes. */
  readonly serversLostReading: number;
  readonly serversLostWriting: number;
  /** Usable fraction of the raw capacity. */
  readonly usable: number;
}

/**
 * Erasure code that the server chooses for a pool: the largest set of 2 to 16 drives that divides the number of drives and is distributed
 * evenly over the servers.
 *
 * @throws INVALID_MINIO_DRIVES if there is no such set, INVALID_MINIO_PARITY if the parity is more than half of the set
 * @see https://github.com/minio/minio/blob/master/docs/distributed/SIZING.md, cmd/endpoint-ellipses.go (getSetIndexes)
 */
export function erasureCode(servers: number, drivesPerServer: number, parity?: number): ErasureCode {
  const isCount = (value: number, most: number) => Number.isInteger(value) && value >= 1 && value <= most;
  if (!isCount(servers, Number.MAX_SAFE_INTEGER) || !isCount(drivesPerServer, MOST_DRIVES))
    throw failure(minioDrivesInvalid(servers, drivesPerServer));
  const drives = servers * drivesPerServer;
  const setSize = drives === 1 ? 1 : largestSet(drives, servers);
  if (setSize === undefined) throw failure(minioDrivesInvalid(servers, drivesPerServer));
  const parityDrives = parity ?? defaultParity(setSize);
  if (!Number.isInteger(parityDrives) || parityDrives < 0 || parityDrives > setSize / 2) throw failure(minioParity(parityDrives, setSize));
  const dataDrives = setSize - parityDrives;
  const writeQuorum = dataDrives === parityDrives ? dataDrives + 1 : dataDrives;
  // Drives of one set on the same server.
  const drivesOnServer = Math.max(1, Math.ceil(setSize / servers));
  return {
    setSize,
    sets: drives / setSize,
    parity: parityDrives,
    readQuorum: dataDrives,
    writeQuorum,
    serversLostReading: Math.floor((setSize - dataDrives) / drivesOnServer),
    serversLostWriting: Math.floor((setSize - writeQuorum) / drivesOnServer),
    usable: dataDrives / setSize,
  };
}

/**
 * Erasure code of an additional pool. It has the parity of the first pool, regardless of the size of its own sets. A single drive cannot be
 * an additional pool.
 *
 * @throws INVALID_MINIO_DRIVES, UNSUPPORTED_MINIO_POOL, CONFLICTING_MINIO_PARITY if the parity is more than half of a set
 * @see cmd/erasure-server-pool.go (newErasureServerPools: commonParityDrives), cmd/endpoint-ellipses.go (mergeDisksLayoutFromArgs)
 */
export function furtherErasureCode({ servers, drivesPerServer }: PoolShape, first: ErasureCode): ErasureCode {
  if (first.setSize === 1 || (servers === 1 && drivesPerServer === 1)) throw failure(minioSingleDrivePool());
  const { setSize } = erasureCode(servers, drivesPerServer, 0);
  if (first.parity > setSize / 2) throw failure(minioPoolParity(first.parity, setSize));
  return erasureCode(servers, drivesPerServer, first.parity);
}

/**
 * Fault tolerance of a store with these pools: the failures that it tolerates in any combination. An object may be in any pool, and all pools
 * are searched for it, so the store is unavailable as soon as one erasure set is.
 */
export function faultTolerance(codes: readonly ErasureCode[]): {
  readonly serversWriting: number;
  readonly serversReading: number;
  readonly drivesWriting: number;
  readonly drivesReading: number;
} {
  const minimum = (of: (code: ErasureCode) => number) => Math.min(...codes.map(of));
  return {
    serversWriting: minimum(({ serversLostWriting }) => serversLostWriting),
    serversReading: minimum(({ serversLostReading }) => serversLostReading),
    drivesWriting: minimum(({ setSize, writeQuorum }) => setSize - writeQuorum),
    drivesReading: minimum(({ setSize, readQuorum }) => setSize - readQuorum),
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
