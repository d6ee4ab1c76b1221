import { type Duration, memoryText } from '../../site';
import type { PodConfig, PodResources } from './clusters';
import type { Limits } from './limits';

/** Contents of `gateway.json`, which `dask_gateway_config.py` reads. Memory is in bytes, durations are in seconds. */
export interface GatewaySettings {
  /** Instance label that controller, proxy and clusters share. */
  readonly instance: string;
  readonly namespace: string;
  /** URL to which clusters report their status. */
  readonly apiUrl: string;
  readonly hub: { readonly apiUrl: string; readonly service: string };
  readonly image: string;
  readonly images: readonly string[];
  readonly worker: PodResources;
  readonly largestWorker: PodResources;
  readonly scheduler: PodResources;
  readonly schedulerPods: PodConfig;
  readonly workerPods: PodConfig;
  /** Workers with an accelerator, by the name that users choose: pod configuration, and maximum number of workers of one cluster. */
  readonly accelerators: Readonly<Record<string, Pick<PodConfig, 'pod' | 'container'> & { readonly workers: number }>>;
  readonly environment: Readonly<Record<string, string>>;
  readonly schedulerCommand: readonly string[];
  readonly workerCommand: readonly string[];
  readonly idleTimeout: number;
  readonly limits: Limits;
  readonly groups: Readonly<Record<string, Limits>>;
}

/** Limits as a sentence of the summary. */
export function limitText({ clusters, workers, memory }: Limits, idle: Duration): string {
  return `${clusters} cluster${clusters === 1 ? '' : 's'} per user, each with at most ${workers} workers and ${memoryText(memory)}; stopped after ${idle} of inactivity`;
}
