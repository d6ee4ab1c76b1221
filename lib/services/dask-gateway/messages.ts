import { type Finding, quote } from '../../errors';

export const gatewayLimit = (given: string, allowed: string): Finding => ({
  code: 'INVALID_GATEWAY_LIMIT',
  given,
  allowed,
  fix: 'increase the limit, or decrease worker or scheduler',
});

export const gatewayWorker = (worker: string, largest: string): Finding => ({
  code: 'INVALID_GATEWAY_WORKER',
  given: `a worker with ${worker}, and largestWorker with ${largest}`,
  allowed: 'at least 1 GiB, and at most the cores and memory of largestWorker',
  fix: 'set worker.memory to at least 1GiB, and largestWorker to at least the size of worker',
});

export const gatewayAccelerator = (name: string, reason: string): Finding => ({
  code: 'INVALID_GATEWAY_ACCELERATOR',
  given: `accelerator ${quote(name)}: ${reason}`,
  allowed: 'a name of lower-case letters, digits and hyphens other than `none`, and an accelerator that nodes of its pools have',
  fix: "write e.g. accelerators: { slice: gpus.slice('3g.40gb') }",
});
