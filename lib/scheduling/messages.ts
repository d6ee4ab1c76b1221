import type { Finding } from '../errors';

export const negativeRequest = (container: string, resource: string): Finding => ({
  code: 'INVALID_RESOURCE_REQUEST',
  given: `${container} asks for less than nothing of ${resource}`,
  allowed: 'requests and limits of 0 or more: the API server refuses others',
  fix: 'correct the resources of the container',
});

export const selectorInvalid = (given: string, allowed: string): Finding => ({
  code: 'INVALID_SELECTOR',
  given,
  allowed: `${allowed}; the API server refuses others`,
  fix: 'correct the selector or affinity of the pod',
});
