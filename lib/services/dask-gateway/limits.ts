import { failure, quote } from '../../errors';
import { podsWithDevice } from '../../scheduling';
import { type Accelerator, bytes, checkName, cores, type NodePool, type Site } from '../../site';
import { gatewayAccelerator, gatewayLimit, gatewayWorker } from './messages';
import type { PodSize, UserLimits } from './props';

/** Limits in `gateway.json`; memory in bytes. */
export interface Limits {
  readonly clusters: number;
  readonly workers: number;
  readonly cpu: number;
  readonly memory: number;
}

/**
 * Limits of a user with defaults applied. They must allow at least the scheduler and one worker of the default size.
 *
 * @throws INVALID_GATEWAY_LIMIT, INVALID_QUANTITY
 */
export function limitsOf(given: UserLimits, scheduler: PodSize, worker: PodSize, largest: PodSize): Limits {
  const { clusters = 1, workers = 10 } = given;
  for (const [what, count] of Object.entries({ clusters, workers })) {
    if (!Number.isInteger(count) || count < 1) throw failure(gatewayLimit(`${what}: ${quote(count)}`, 'an integer of at least 1'));
  }
  const smallest = { cpu: cores(scheduler.cpu) + cores(worker.cpu), memory: bytes(scheduler.memory) + bytes(worker.memory) };
  const cpu = given.cpu === undefined ? cores(scheduler.cpu) + workers * cores(largest.cpu) : cores(given.cpu);
  const memory = given.memory === undefined ? bytes(scheduler.memory) + workers * bytes(largest.memory) : bytes(given.memory);
  if (cpu < smallest.cpu)
    throw failure(gatewayLimit(`cpu: ${given.cpu}`, `at least ${smallest.cpu} cores, for the scheduler and one worker`));
  if (memory < smallest.memory)
    throw failure(gatewayLimit(`memory: ${given.memory}`, 'at least the memory of the scheduler and one worker'));
  return { clusters, workers, cpu, memory };
}

/** @throws INVALID_GATEWAY_WORKER if the default worker is larger than `largestWorker`, or too small for Dask */
export function checkWorker(worker: PodSize, largest: PodSize): void {
  const fits = cores(worker.cpu) <= cores(largest.cpu) && bytes(worker.memory) <= bytes(largest.memory);
  if (!fits || bytes(worker.memory) < 2 ** 30)
    throw failure(gatewayWorker(`${worker.cpu} cores, ${worker.memory}`, `${largest.cpu} cores, ${largest.memory}`));
}

/**
 * Maximum number of workers with an accelerator that fit on the nodes of their pools.
 *
 * @throws INVALID_GATEWAY_ACCELERATOR, INVALID_NAME
 */
export function maxWorkers(site: Site, name: string, { resource, count }: Accelerator, pools: readonly NodePool[]): number {
  checkName(name);
  if (name === 'none') throw failure(gatewayAccelerator(name, 'the name is reserved for workers without an accelerator'));
  const max = podsWithDevice(site, pools, resource, count);
  if (max === 0) throw failure(gatewayAccelerator(name, `no node of its pools has ${count} ${resource}`));
  return max;
}
