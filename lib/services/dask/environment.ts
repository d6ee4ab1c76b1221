import type { Endpoint } from '../../endpoints';
import { type EnvValue, secretFiles, type VolumeSource } from '../../kubernetes';
import type { SecretKey } from '../../site';
import { DASK_TLS, type DaskTls, daskTlsVariables } from './endpoint';

/** What scheduler and workers have in common. */
export interface Common {
  readonly image: string;
  readonly env: Readonly<Record<string, string | SecretKey>>;
  readonly tls: DaskTls | undefined;
  /** What tasks, hence workers alone, connect to. */
  readonly uses: readonly Endpoint[];
}

/** Homes and caches belong into the scratch volume: the root file system is read-only. */
export function environment({ env, tls }: Common, ...roles: readonly ('scheduler' | 'worker' | 'client')[]): Record<string, EnvValue> {
  return {
    HOME: '/tmp',
    PYTHONDONTWRITEBYTECODE: '1',
    DASK_TEMPORARY_DIRECTORY: '/tmp',
    ...(tls ? daskTlsVariables(tls, ...roles) : {}),
    ...env,
  };
}

/** Certificate, key and authority, each key of the Secret once. */
export function tlsMounts({ tls }: Common): Readonly<Record<string, VolumeSource>> {
  if (!tls) return {};
  const keys = new Map([tls.authority, tls.certificate, tls.key].map((one) => [one.key, one]));
  return { [DASK_TLS]: secretFiles('tls', ...keys.values()) };
}
