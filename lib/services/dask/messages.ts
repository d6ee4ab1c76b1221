import { type Finding, quote } from '../../errors';

/** @param own what the client's image states, and `cluster` what scheduler and workers have */
export const daskVersions = (image: string, own: string, cluster: string): Finding => ({
  code: 'CONFLICTING_DASK_VERSIONS',
  given: `Dask ${own} in the client's image ${image}, for workers with Dask ${cluster}`,
  allowed: 'the same version at both ends: what one pickles the other must read',
  fix: `use the image with tag ${cluster} here, or bring the cluster to ${own}`,
});

export const daskAddress = (given: unknown, schemes: readonly string[]): Finding => ({
  code: 'INVALID_DASK_ADDRESS',
  given: quote(given),
  allowed: `a URL with a host that begins with ${schemes.map((one) => `${one}//`).join(' or ')}`,
  fix: `write e.g. '${schemes[0]}//dask.example.org:${schemes[0] === 'http:' ? 8787 : 8786}'${schemes[0] === 'tcp:' ? '; with tls://, give the certificate as `tls`' : ''}`,
});

const MiB = 2 ** 20;
const inMiB = (bytes: number) => `${Math.floor(bytes / MiB)} MiB`;

export const daskMemoryLimit = (worker: number, pod: number): Finding => ({
  code: 'INVALID_DASK_MEMORY_LIMIT',
  given: `a worker of ${inMiB(worker)} in a pod of ${inMiB(pod)}`,
  allowed: 'at least 512 MiB for the worker, and at least 256 MiB of the pod beside it',
  fix:
    pod >= 768 * MiB
      ? `give the worker more memory, or set memoryLimit to ${inMiB(pod - 256 * MiB).replace(' ', '')}`
      : 'give the worker more memory',
});

export const daskMetricsMissing = (): Finding => ({
  severity: 'warning',
  code: 'MISSING_DASK_METRICS',
  given: '`metrics` with the default image, which lacks prometheus_client: there are no metrics to read',
  allowed: 'an `image` with Dask and prometheus_client',
  fix: "write image: 'registry.example.org/dask-with-metrics:1' with an image of yours",
});

export const daskThreads = (given: unknown): Finding => ({
  code: 'INVALID_DASK_THREADS',
  given: `${quote(given)} threads`,
  allowed: 'a whole number above 0',
  fix: 'leave threads out: one for each whole core is used',
});

export const daskMemoryShares = (given: string): Finding => ({
  code: 'INVALID_DASK_MEMORY_SHARES',
  given,
  allowed: 'shares above 0 and up to 1, in this order: target, spill, pause, terminate; all but terminate may be false',
  fix: 'leave them out: 0.6, 0.7, 0.8 and 0.95 are used',
});

export const daskResource = (name: string, amount: unknown): Finding => ({
  code: 'INVALID_DASK_RESOURCE',
  given: `${quote(amount)} of ${quote(name)}`,
  allowed: 'a name of letters, digits, _ and -, and a number above 0',
  fix: "write e.g. { GPU: 1 }; a task asks for it with `dask.annotate(resources={'GPU': 1})`",
});

export const daskLifetime = (after: number, stagger: number): Finding => ({
  code: 'INVALID_DASK_LIFETIME',
  given: `a lifetime of ${after} s, give or take ${stagger} s`,
  allowed: 'a stagger that is shorter than the lifetime, and a lifetime of at least a minute',
  fix: 'leave stagger out: a tenth of the lifetime is used',
});
