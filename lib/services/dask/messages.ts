import { type Finding, quote } from '../../errors';
import { SCHEDULER_PORTS } from './ports';

/** @param own version of Dask in the client's image; `cluster` is the version of scheduler and workers */
export const daskVersions = (image: string, own: string, cluster: string): Finding => ({
  code: 'CONFLICTING_DASK_VERSIONS',
  given: `client image ${image} with Dask ${own}, and workers with Dask ${cluster}`,
  allowed: 'the same version of Dask in client, scheduler and workers, because they exchange pickled objects',
  fix: `use an image with tag ${cluster} for the client, or set image of the Dask cluster to one with Dask ${own}`,
});

export const daskAddress = (given: unknown, schemes: readonly string[]): Finding => ({
  code: 'INVALID_DASK_ADDRESS',
  given: quote(given),
  allowed: `a URL with a host name and the scheme ${schemes.map((scheme) => `${scheme}//`).join(' or ')}`,
  fix: `write e.g. '${schemes[0]}//dask.example.org:${schemes[0] === 'http:' ? SCHEDULER_PORTS.dashboard : SCHEDULER_PORTS.comm}'${schemes[0] === 'tcp:' ? '; tls:// also needs the prop `tls`' : ''}`,
});

const MiB = 2 ** 20;
const inMiB = (bytes: number) => `${Math.floor(bytes / MiB)} MiB`;

export const daskMemoryLimit = (worker: number, pod: number): Finding => ({
  code: 'INVALID_DASK_MEMORY_LIMIT',
  given: `a worker with a memory limit of ${inMiB(worker)} in a pod with ${inMiB(pod)}`,
  allowed: 'a memory limit of at least 512 MiB, and at least 256 MiB less than the memory of the pod',
  fix:
    pod >= 768 * MiB
      ? `increase worker.memory, or set memoryLimit to ${inMiB(pod - 256 * MiB).replace(' ', '')}`
      : 'increase worker.memory',
});

export const daskMetricsMissing = (): Finding => ({
  severity: 'warning',
  code: 'MISSING_DASK_METRICS',
  given: '`metrics` with the default image, which does not contain prometheus_client and exposes no metrics',
  allowed: 'an `image` that contains Dask and prometheus_client',
  fix: "set image to one that contains both, e.g. image: 'registry.example.org/dask-with-metrics:1'",
});

export const daskThreads = (given: unknown): Finding => ({
  code: 'INVALID_DASK_THREADS',
  given: `${quote(given)} threads`,
  allowed: 'an integer of at least 1',
  fix: 'remove threads: the default is one thread per whole core',
});

export const daskMemoryShares = (given: string): Finding => ({
  code: 'INVALID_DASK_MEMORY_SHARES',
  given,
  allowed: 'fractions above 0 and up to 1 with target < spill < pause < terminate; all except terminate may be false',
  fix: 'remove memoryShares: the defaults are 0.6, 0.7, 0.8 and 0.95',
});

export const daskResource = (name: string, amount: unknown): Finding => ({
  code: 'INVALID_DASK_RESOURCE',
  given: `${quote(amount)} of ${quote(name)}`,
  allowed: 'a name of letters, digits, _ and -, and a number above 0',
  fix: "write e.g. { GPU: 1 }; tasks request it with `dask.annotate(resources={'GPU': 1})`",
});

export const daskLifetime = (after: number, stagger: number): Finding => ({
  code: 'INVALID_DASK_LIFETIME',
  given: `a lifetime of ${after} s with a stagger of ${stagger} s`,
  allowed: 'a lifetime of at least 60 s, and a stagger shorter than the lifetime',
  fix: 'remove stagger (the default is a tenth of the lifetime), or increase after',
});
