import { Deployment, type Resources, type ServiceChart, scratch } from '../../kubernetes';
import type { Placement, SecretKey } from '../../site';

export interface HttpProxyProps {
  readonly on: Placement;
  readonly resources: Resources;
  /** Where requests go that belong to no notebook server. */
  readonly hubUrl: string;
  /** What the hub shows when it adds or removes a route. */
  readonly token: SecretKey;
}

/**
 * configurable-http-proxy: the way to hub and notebook servers. It knows nothing of the hub's configuration, so that a change
 * there rolls the hub alone, and whoever works in a notebook notices nothing.
 */
export class HttpProxy extends Deployment {
  constructor(chart: ServiceChart, props: HttpProxyProps) {
    super(chart, 'proxy', {
      on: props.on,
      strategy: 'Recreate',
      containers: {
        proxy: {
          image: chart.image('configurable-http-proxy'),
          command: ['configurable-http-proxy'],
          args: [
            ...['--ip=', '--port=8000', '--api-ip=', '--api-port=8001'],
            ...[`--default-target=${props.hubUrl}`, `--error-target=${props.hubUrl}/hub/error`],
          ],
          ports: { http: 8000, api: 8001 },
          env: { CONFIGPROXY_AUTH_TOKEN: props.token, HOME: '/tmp' },
          resources: props.resources,
          mounts: { '/tmp': scratch('tmp', '64MiB') },
          probes: {
            startup: { http: '/_chp_healthz', port: 'http', every: 1, failures: 60 },
            readiness: { http: '/_chp_healthz', port: 'http', every: 5, timeout: 2 },
            // Patient: a restart cuts every websocket, and with it every kernel from its user.
            liveness: { http: '/_chp_healthz', port: 'http', every: 20, failures: 6, timeout: 5 },
          },
        },
      },
      exceptions: {
        singleton: 'the routes are in its memory: a second proxy would know none of those that the hub tells the first',
        'one-probe': 'it has one sign of life; how long it may be missing tells ready from alive',
        recreate: 'two proxies behind one Service would each get half of the routes',
      },
    });
  }
}
