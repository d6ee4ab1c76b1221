import { failure, quote } from '../../errors';
import { podsWithDevice } from '../../scheduling';
import { type Accelerator, bytes, checkName, cores, type NodePool, type Site } from '../../site';
import { gatewayAccelerator, gatewayLimit, gatewayWorker } from './messages';
import type { PodSize, UserLimits } from './props';

/** Limits as the gateway's program reads them: memory in bytes. */
export interface Limits {
  readonly clusters: number;
  readonly workers: number;
  readonly cpu: number;
  readonly memory: number;
}

/**
 * What a user of these limits may have; a cluster holds at least its scheduler and one worker as users get it.
 *
 * @throws INVALID_GATEWAY_LIMIT, INVALID_QUANTITY
 */
export function limitsOf(given: UserLimits, scheduler: PodSize, worker: PodSize, largest: PodSize): Limits {
  const { clusters = 1, workers = 10 } = given;
  for (const [what, count] of Object.entries({ clusters, workers })) {
    if (!Number.isInteger(count) || count < 1) throw failure(gatewayLimit(`${what}: ${quote(count)}`, 'a whole number above 0'));
  }
  const least = { cpu: cores(scheduler.cpu) + cores(worker.cpu), memory: bytes(scheduler.memory) + bytes(worker.memory) };
  const cpu = given.cpu === undefined ? cores(scheduler.cpu) + workers * cores(largest.cpu) : cores(given.cpu);
  const memory = given.memory === undefined ? bytes(scheduler.memory) + workers * bytes(largest.memory) : bytes(given.memory);
  if (cpu < least.cpu) throw failure(gatewayLimit(`cpu: ${given.cpu}`, `at least ${least.cpu} cores: the scheduler and one worker`));
  if (memory < least.memory) throw failure(gatewayLimit(`memory: ${given.memory}`, 'at least the scheduler and one worker'));
  return { clusters, workers, cpu, memory };
}

/** @throws INVALID_GATEWAY_WORKER if users get a larger worker than they may choose, or one that Dask cannot live in */
export function checkWorker(worker: PodSize, largest: PodSize): void {
  const fits = cores(worker.cpu) <= cores(largest.cpu) && bytes(worker.memory) <= bytes(largest.memory);
  if (!fits || bytes(worker.memory) < 2 ** 30)
    throw failure(gatewayWorker(`${worker.cpu} cores, ${worker.memory}`, `${largest.cpu} cores, ${largest.memory}`));
}

/**
 * How many workers with an accelerator the nodes of their pools hold.
 *
 * @throws INVALID_GATEWAY_ACCELERATOR, INVALID_NAME
 */
export function mostWorkers(site: Site, name: string, { resource, count }: Accelerator, pools: readonly NodePool[]): number {
  checkName(name);
  if (name === 'none') throw failure(gatewayAccelerator(name, 'the name of having none'));
  const most = podsWithDevice(site, pools, resource, count);
  if (most === 0) throw failure(gatewayAccelerator(name, `no node of its pools has ${count} ${resource}`));
  return most;
}
