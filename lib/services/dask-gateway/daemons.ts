import { Deployment, type Resources, type ServiceChart, scratch, type VolumeSource } from '../../kubernetes';
import type { Placement } from '../../site';
import { HTTP_PORT } from './ports';

export interface DaemonProps {
  readonly on: Placement;
  readonly resources: Resources;
  /** `dask_gateway_config.py` and `gateway.json`. */
  readonly config: VolumeSource;
}

const ENVIRONMENT = { HOME: '/tmp', PYTHONDONTWRITEBYTECODE: '1' } as const;
const CONFIG = ['--config', '/etc/dask-gateway/dask_gateway_config.py'] as const;

/** API server: creates objects of kind DaskCluster on request of users; it starts no pods. */
export class ApiServer extends Deployment {
  constructor(chart: ServiceChart, props: DaemonProps) {
    super(chart, 'api', {
      on: props.on,
      strategy: 'Recreate',
      containers: {
        api: {
          image: chart.image('dask-gateway-server'),
          command: ['dask-gateway-server', ...CONFIG],
          ports: { http: HTTP_PORT },
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
          // To return the TLS credentials of a cluster to its owner.
          { apiGroups: [''], resources: ['secrets'], verbs: ['get'] },
        ],
        // It always lists the objects of all namespaces.
        clusterRules: [{ apiGroups: ['gateway.dask.org'], resources: ['daskclusters'], verbs: ['list', 'watch'] }],
      },
      exceptions: {
        singleton: 'it counts the clusters of each user in memory; each of two replicas would count only some of them',
        recreate: 'two replicas must not run at the same time, see singleton',
      },
    });
  }
}

/** Controller: creates and deletes schedulers, workers, credentials and routes of DaskCluster objects. */
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
          ports: { http: HTTP_PORT },
          env: ENVIRONMENT,
          resources: props.resources,
          mounts: { '/etc/dask-gateway': props.config, '/tmp': scratch('tmp', '64MiB') },
          // There is no health endpoint; the port opens when the controller is ready.
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
        singleton: 'two controllers would create the pods of a cluster twice',
        'one-probe': 'it has no health endpoint; both probes check that the port is open',
        recreate: 'two replicas must not run at the same time, see singleton',
      },
    });
  }
}
