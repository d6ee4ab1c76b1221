import { Deployment, type Resources, type ServiceChart, scratch, type VolumeSource } from '../../kubernetes';
import type { Placement } from '../../site';

export interface DaemonProps {
  readonly on: Placement;
  readonly resources: Resources;
  /** `dask_gateway_config.py` and `gateway.json`. */
  readonly config: VolumeSource;
}

const ENVIRONMENT = { HOME: '/tmp', PYTHONDONTWRITEBYTECODE: '1' } as const;
const CONFIG = ['--config', '/etc/dask-gateway/dask_gateway_config.py'] as const;

/** Answers users, and writes down what they want as objects of kind DaskCluster: it starts nothing itself. */
export class ApiServer extends Deployment {
  constructor(chart: ServiceChart, props: DaemonProps) {
    super(chart, 'api', {
      on: props.on,
      strategy: 'Recreate',
      containers: {
        api: {
          image: chart.image('dask-gateway-server'),
          command: ['dask-gateway-server', ...CONFIG],
          ports: { http: 8000 },
          env: ENVIRONMENT,
          resources: props.resources,
          mounts: { '/etc/dask-gateway': props.config, '/tmp': scratch('tmp', '64MiB') },
          probes: {
            startup: { http: '/api/health', port: 'http', every: 2, failures: 60, timeout: 5 },
            readiness: { http: '/api/health', port: 'http', timeout: 5 },
            liveness: { tcp: 'http', every: 30, failures: 6, timeout: 5 },
          },
        },
      },
      access: {
        rules: [
          { apiGroups: ['gateway.dask.org'], resources: ['daskclusters'], verbs: ['create', 'get', 'patch'] },
          // The keys of a cluster, for its owner.
          { apiGroups: [''], resources: ['secrets'], verbs: ['get'] },
        ],
        // It asks for those of all namespaces, whatever it is told.
        clusterRules: [{ apiGroups: ['gateway.dask.org'], resources: ['daskclusters'], verbs: ['list', 'watch'] }],
      },
      exceptions: {
        singleton: 'it counts the clusters of a user in memory; two would each count half',
        recreate: 'the same',
      },
    });
  }
}

/** Makes schedulers, workers, keys and routes of the clusters that are written down, and takes them away again. */
export class Controller extends Deployment {
  constructor(chart: ServiceChart, props: DaemonProps) {
    super(chart, 'controller', {
      on: props.on,
      strategy: 'Recreate',
      service: 'none',
      containers: {
        controller: {
          image: chart.image('dask-gateway-server'),
          command: ['dask-gateway-server', 'kube-controller', ...CONFIG],
          ports: { http: 8000 },
          env: ENVIRONMENT,
          resources: props.resources,
          mounts: { '/etc/dask-gateway': props.config, '/tmp': scratch('tmp', '64MiB') },
          // It answers nothing on its port, and opens it when it is ready.
          probes: { readiness: { tcp: 'http' }, liveness: { tcp: 'http', every: 30, failures: 6, timeout: 5 } },
        },
      },
      access: {
        rules: [
          { apiGroups: ['gateway.dask.org'], resources: ['daskclusters'], verbs: ['get', 'delete'] },
          { apiGroups: ['gateway.dask.org'], resources: ['daskclusters/status'], verbs: ['patch'] },
          { apiGroups: ['traefik.io'], resources: ['ingressroutes', 'ingressroutetcps'], verbs: ['create', 'get', 'delete'] },
          { apiGroups: [''], resources: ['pods', 'secrets', 'services'], verbs: ['create', 'get', 'delete'] },
        ],
        clusterRules: [
          { apiGroups: ['gateway.dask.org'], resources: ['daskclusters'], verbs: ['list', 'watch'] },
          { apiGroups: [''], resources: ['pods', 'endpoints'], verbs: ['list', 'watch'] },
        ],
      },
      exceptions: {
        singleton: 'two controllers would each make the pods of a cluster',
        'one-probe': 'it answers nothing on its port; that the port is open is all that can be asked',
        recreate: 'the same',
      },
    });
  }
}
