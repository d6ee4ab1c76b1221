import type { Endpoint } from '../../endpoints';
import { type EnvValue, secretFiles, type VolumeSource } from '../../kubernetes';
import type { SecretKey } from '../../site';
import { DASK_TLS, type DaskTls, daskTlsVariables } from './endpoint';

/** Settings that scheduler and workers share. */
export interface CommonSettings {
  readonly image: string;
  readonly env: Readonly<Record<string, string | SecretKey>>;
  readonly tls: DaskTls | undefined;
  /** Endpoints that tasks connect to; only workers get them. */
  readonly uses: readonly Endpoint[];
  /** Shared volumes by mount path; only workers mount them. */
  readonly volumes: Readonly<Record<string, VolumeSource>>;
}

/** Environment variables of a daemon. Home directory and caches are in the scratch volume, because the root file system is read-only. */
export function environment(
  { env, tls }: CommonSettings,
  ...roles: readonly ('scheduler' | 'worker' | 'client')[]
): Record<string, EnvValue> {
  return {
    HOME: '/tmp',
    PYTHONDONTWRITEBYTECODE: '1',
    DASK_TEMPORARY_DIRECTORY: '/tmp',
    ...(tls ? daskTlsVariables(tls, ...roles) : {}),
    ...env,
  };
}

/** Mount of certificate, private key and CA certificate; each key of the Secret is mounted once. */
export function tlsMounts({ tls }: CommonSettings): Readonly<Record<string, VolumeSource>> {
  if (!tls) return {};
  const keys = new Map([tls.authority, tls.certificate, tls.key].map((file) => [file.key, file]));
  return { [DASK_TLS]: secretFiles('tls', ...keys.values()) };
}
