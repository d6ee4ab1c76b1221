/** Fault tolerance as printed by `facility check`, parsed. */
export interface FaultTolerance {
  readonly serversWriting: number;
  readonly serversReading: number;
  readonly drivesWriting: number;
  readonly drivesReading: number;
}

/** @throws Error if the summary has another format: the suite would test nothing */
export function parseTolerance(summary: string): FaultTolerance {
  const pattern = /tolerates the failure of (\d+) .*?server.*?\(reads: (\d+)\), or of (\d+) .*?drive.*?\(reads: (\d+)\)/;
  const found = pattern.exec(summary)?.slice(1).map(Number);
  if (!found) throw new Error(`the summary does not state the fault tolerance: ${summary}`);
  const [serversWriting = 0, serversReading = 0, drivesWriting = 0, drivesReading = 0] = found;
  return { serversWriting, serversReading, drivesWriting, drivesReading };
}
