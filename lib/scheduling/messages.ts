import type { Finding } from '../errors';

export const negativeRequest = (container: string, resource: string): Finding => ({
  code: 'INVALID_RESOURCE_REQUEST',
  given: `a negative request of ${container} for ${resource}`,
  allowed: 'requests and limits of 0 or more: the API server rejects negative ones',
  fix: 'correct `resources` of the container',
});

export const selectorInvalid = (given: string, allowed: string): Finding => ({
  code: 'INVALID_SELECTOR',
  given,
  allowed: `${allowed}; the API server rejects others`,
  fix: 'correct the selector or affinity of the pod',
});
