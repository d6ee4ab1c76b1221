import { failure, minioParity, minioShape } from '../../errors';

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
 * @throws MINIO_SHAPE if there is none, MINIO_PARITY if the parity does not fit the set
 * @see https://github.com/minio/minio/blob/master/docs/distributed/SIZING.md, cmd/endpoint-ellipses.go
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
