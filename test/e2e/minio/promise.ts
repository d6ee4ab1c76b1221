/** The very words that `facility check` prints, as numbers. */
export interface Promised {
  readonly serversWriting: number;
  readonly serversReading: number;
  readonly drivesWriting: number;
  readonly drivesReading: number;
}

/** @throws Error if the sentence is another one: then nothing is promised that could be tried */
export function promised(summary: string): Promised {
  const pattern = /survives the loss of (\d+) .*?server.*?\(reading: (\d+)\), or of (\d+) .*?drive.*?\(reading: (\d+)\)/;
  const found = pattern.exec(summary)?.slice(1).map(Number);
  if (!found) throw new Error(`the summary promises nothing that can be tried: ${summary}`);
  const [serversWriting = 0, serversReading = 0, drivesWriting = 0, drivesReading = 0] = found;
  return { serversWriting, serversReading, drivesWriting, drivesReading };
}
