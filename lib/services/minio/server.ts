import { type EnvValue, type ServiceChart, StatefulSet, scratch, type VolumeSource } from '../../kubernetes';
import type { SecretKey } from '../../site';
import type { StoreLogin } from './access-props';
import type { Pool } from './pools';
import { PORTS } from './ports';
import type { MinIOProps } from './props';

export interface ServerProps {
  readonly pool: Pool;
  /** All pools of the store: each server gets the addresses of all drives. */
  readonly pools: readonly Pool[];
  readonly root: { readonly user: SecretKey; readonly password: SecretKey };
  readonly image: string;
  /** Volume with server certificate and CA certificate, if the store uses TLS. */
  readonly certificates?: VolumeSource;
}

/** Name part of the Service of all pools, and group label of their pods. */
export const STORE = 's3';

const CERTIFICATES = '/etc/minio/certs';

/**
 * Servers of one pool. They resolve each other by name before any of them is ready, so the headless Service publishes addresses that are not
 * ready, and all pods start in parallel.
 */
export class Server extends StatefulSet {
  constructor(chart: ServiceChart, props: MinIOProps, own: ServerProps) {
    const { pool, pools, certificates } = own;
    const drives = Array.from({ length: pool.drives }, (_, index) => `export-${index}`);
    const request = { size: pool.driveSize, storageClass: pool.storageClass } as const;
    const https = certificates !== undefined;
    const size = `${pool.servers} server${pool.servers === 1 ? '' : 's'} with ${pool.drives} drive${pool.drives === 1 ? '' : 's'} each`;
    super(chart, pool.part, {
      on: pool.on,
      replicas: pool.servers,
      parallel: true,
      // A single server identifies its drives by path, so it cannot be expanded later.
      immutableLayout: pool.argument.startsWith('/') ? `${size}, alone` : size,
      ...(pools.length > 1 ? { group: STORE } : {}),
      apart: pool.servers > 1 ? (props.apart ?? 'required') : 'preferred',
      grace: 60,
      uses: props.login ? [props.login.issuer] : [],
      claims: Object.fromEntries(drives.map((name) => [name, request])),
      writer: 'MinIO',
      containers: {
        minio: {
          image: own.image,
          // The entry point of the image adds the name of the binary.
          args: [
            ...['server', '--address', `:${PORTS.s3}`, '--console-address', `:${PORTS.console}`],
            ...(https ? ['--certs-dir', CERTIFICATES] : []),
            ...pools.map(({ argument }) => argument),
          ],
          ports: PORTS,
          env: environment(props, own),
          resources: props.resources ?? { cpu: 1, cpuLimit: 4, memory: '4GiB' },
          mounts: {
            '/tmp': scratch('tmp', '1GiB'),
            ...(certificates ? { [CERTIFICATES]: certificates } : {}),
            ...Object.fromEntries(drives.map((name): [string, VolumeSource] => [`/${name}`, { name }])),
          },
          probes: {
            // Servers wait for each other during startup and must not be restarted meanwhile.
            startup: { http: '/minio/health/live', port: 's3', https, every: 5, failures: 120, timeout: 5 },
            // Not /minio/health/cluster: a server with a new configuration waits until half of the others have it too, and these would only be
            // updated after it is ready (cmd/bootstrap-peer-server.go).
            readiness: { http: '/minio/health/ready', port: 's3', https, every: 5, timeout: 5 },
            // An overloaded server responds with 503; it is restarted only if it does so for minutes.
            liveness: { http: '/minio/health/live', port: 's3', https, every: 30, failures: 10, timeout: 10 },
          },
        },
      },
      ...(pool.servers > 1 ? {} : { exceptions: { singleton: 'servers is 1: the store has no redundancy' } }),
    });
  }
}

function environment(props: MinIOProps, { root }: ServerProps): Record<string, EnvValue> {
  return {
    HOME: '/tmp',
    MINIO_ROOT_USER: root.user,
    MINIO_ROOT_PASSWORD: root.password,
    MINIO_REGION: props.region ?? 'us-east-1',
    MINIO_UPDATE: 'off',
    ...(props.parity === undefined ? {} : { MINIO_STORAGE_CLASS_STANDARD: `EC:${props.parity}` }),
    ...(props.consoleHost ? { MINIO_BROWSER_REDIRECT_URL: `https://${props.consoleHost}` } : {}),
    ...(props.console === false ? { MINIO_BROWSER: 'off' } : {}),
    ...(props.metrics ? { MINIO_PROMETHEUS_AUTH_TYPE: props.metrics.auth ?? 'jwt' } : {}),
    ...(props.login ? oidcVariables(props.login) : {}),
  };
}

/** @see https://github.com/minio/minio/blob/master/docs/sts/web-identity.md */
function oidcVariables({ issuer, client, clientSecret, policies, scopes, title }: StoreLogin): Record<string, EnvValue> {
  const variables: Record<string, EnvValue | undefined> = {
    CONFIG_URL: `${issuer.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
    CLIENT_ID: client,
    CLIENT_SECRET: clientSecret,
    SCOPES: scopes?.join(','),
    DISPLAY_NAME: title,
    ...('claim' in policies ? { CLAIM_NAME: policies.claim } : { ROLE_POLICY: policies.join(',') }),
  };
  return Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) => (value === undefined ? [] : [[`MINIO_IDENTITY_OPENID_${name}`, value]])),
  );
}
