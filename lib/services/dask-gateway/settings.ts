import { type Duration, memoryText } from '../../site';
import type { PodConfig, PodNumbers } from './clusters';
import type { Limits } from './limits';

/** What `dask_gateway_config.py` reads from `gateway.json`. Memory is in bytes, spans of time in seconds. */
export interface GatewaySettings {
  /** Name by which controller, proxy and clusters know that they belong together. */
  readonly instance: string;
  readonly namespace: string;
  /** Where clusters tell how they are. */
  readonly apiUrl: string;
  readonly hub: { readonly apiUrl: string; readonly service: string };
  readonly image: string;
  readonly images: readonly string[];
  readonly worker: PodNumbers;
  readonly largestWorker: PodNumbers;
  readonly scheduler: PodNumbers;
  readonly schedulerPods: PodConfig;
  readonly workerPods: PodConfig;
  /** Workers with an accelerator, by the name that users choose: their pods, and the most that one cluster may have. */
  readonly accelerators: Readonly<Record<string, Pick<PodConfig, 'pod' | 'container'> & { readonly workers: number }>>;
  readonly environment: Readonly<Record<string, string>>;
  readonly schedulerCommand: readonly string[];
  readonly workerCommand: readonly string[];
  readonly idleTimeout: number;
  readonly limits: Limits;
  readonly groups: Readonly<Record<string, Limits>>;
}

/** One hour as a user reads it, and so on: for the summary. */
export function limitText({ clusters, workers, memory }: Limits, idle: Duration): string {
  return `${clusters} cluster${clusters === 1 ? '' : 's'} a user, each at most ${workers} workers and ${memoryText(memory)}; stopped after ${idle} without work`;
}
