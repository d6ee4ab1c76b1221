import { scratch, StatefulSet, type VolumeSource } from '../../kubernetes';
import type { SecretKey } from '../../site';
import type { MinIO } from './minio';
import type { MinIOProps } from './props';

export interface ServerProps {
  readonly servers: number;
  readonly drives: number;
  readonly root: { readonly user: SecretKey; readonly password: SecretKey };
  readonly image: string;
}

/**
 * The servers. They find each other by name before any of them is ready, so the headless Service publishes all of them and
 * they start together.
 */
export class Server extends StatefulSet {
  constructor(chart: MinIO, props: MinIOProps, own: ServerProps) {
    const drives = Array.from({ length: own.drives }, (_, index) => `export-${index}`);
    const request = { size: props.driveSize ?? '100GiB', storageClass: props.storageClass } as const;
    super(chart, chart.node.id, {
      on: props.on,
      replicas: own.servers,
      parallel: true,
      apart: own.servers > 1 ? (props.apart ?? 'required') : 'preferred',
      grace: 60,
      claims: Object.fromEntries(drives.map((name) => [name, request])),
      containers: {
        minio: {
          image: own.image,
          // The image's entry point puts the name of its binary before.
          args: ['server', '--address', ':9000', '--console-address', ':9001', pool(chart, own)],
          ports: { s3: 9000, console: 9001 },
          env: {
            HOME: '/tmp',
            MINIO_ROOT_USER: own.root.user,
            MINIO_ROOT_PASSWORD: own.root.password,
            MINIO_REGION: props.region ?? 'us-east-1',
            MINIO_UPDATE: 'off',
            ...(props.parity === undefined ? {} : { MINIO_STORAGE_CLASS_STANDARD: `EC:${props.parity}` }),
            ...(props.consoleHost ? { MINIO_BROWSER_REDIRECT_URL: `https://${props.consoleHost}` } : {}),
          },
          resources: props.resources ?? { cpu: 1, cpuLimit: 4, memory: '4GiB' },
          mounts: {
            '/tmp': scratch('tmp', '1GiB'),
            ...Object.fromEntries(drives.map((name): [string, VolumeSource] => [`/${name}`, { name }])),
          },
          probes: {
            // Members wait for each other; none may be restarted for that.
            startup: { http: '/minio/health/live', port: 's3', every: 5, failures: 120, timeout: 5 },
            // Ready as long as objects can be read: when only writing has stopped, readers must not lose the store as well.
            readiness: { http: '/minio/health/cluster/read', port: 's3', every: 10, timeout: 5 },
            // A server with a full queue answers 503; only one that does so for minutes is better off restarted.
            liveness: { http: '/minio/health/live', port: 's3', every: 30, failures: 10, timeout: 10 },
          },
        },
      },
      ...(own.servers > 1 ? {} : { exceptions: { singleton: 'one server was asked for; it has no redundancy' } }),
    });
  }
}

/** The pool in the notation of the server: `http://minio-{0...3}.minio.…:9000/export-{0...1}`. */
function pool(chart: MinIO, { servers, drives }: ServerProps): string {
  const id = chart.node.id;
  const path = drives === 1 ? '/export-0' : `/export-{0...${drives - 1}}`;
  if (servers === 1) return path;
  return `http://${id}-{0...${servers - 1}}.${id}.${chart.space}.svc.${chart.site.cluster.domain}:9000${path}`;
}
