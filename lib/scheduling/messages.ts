import type { Finding } from '../errors';

export const negativeRequest = (container: string, resource: string): Finding => ({
  code: 'INVALID_RESOURCE_REQUEST',
  given: `a negative request of ${container} for ${resource}`,
  allowed: 'requests and limits of 0 or more: the API server rejects negative ones',
  fix: `write 0 or more, e.g. requests: { ${resource}: ${resource === 'cpu' ? "'100m'" : resource === 'memory' ? "'256Mi'" : "'1'"} }`,
});

export const selectorInvalid = (given: string, allowed: string): Finding => ({
  code: 'INVALID_SELECTOR',
  given,
  allowed: `${allowed}; the API server rejects others`,
  fix: "write e.g. { key: 'kubernetes.io/arch', operator: 'In', values: ['amd64'] }",
});
