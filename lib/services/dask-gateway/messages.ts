import { type Finding, quote } from '../../errors';

export const gatewayLimit = (given: string, allowed: string): Finding => ({
  code: 'INVALID_GATEWAY_LIMIT',
  given,
  allowed,
  fix: 'raise the limit, or make the worker that users get smaller',
});

export const gatewayWorker = (worker: string, largest: string): Finding => ({
  code: 'INVALID_GATEWAY_WORKER',
  given: `workers of ${worker}, where users may choose up to ${largest}`,
  allowed: 'at least 1 GiB, and no more than users may choose',
  fix: 'raise largestWorker, or make worker smaller',
});

export const gatewayAccelerator = (name: string, why: string): Finding => ({
  code: 'INVALID_GATEWAY_ACCELERATOR',
  given: `the accelerator ${quote(name)}: ${why}`,
  allowed: 'names of lower-case letters, digits and hyphens, other than `none`, of accelerators that nodes of the pools have',
  fix: "write e.g. accelerators: { slice: gpus.slice('3g.40gb') }",
});
