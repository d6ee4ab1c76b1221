import { Deployment, type Resources, type ServiceChart, scratch } from '../../kubernetes';
import type { Placement, SecretKey } from '../../site';
import { PROXY_PORTS } from './ports';

export interface HttpProxyProps {
  readonly on: Placement;
  readonly resources: Resources;
  /** URL of the hub, the default target of the proxy. */
  readonly hubUrl: string;
  /** Token with which the hub authenticates at the API of the proxy. */
  readonly token: SecretKey;
}

/**
 * configurable-http-proxy, in front of the hub and the notebook servers. It does not depend on the configuration of the hub: a change of
 * the configuration restarts only the hub, without interrupting notebooks.
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
            ...['--ip=', `--port=${PROXY_PORTS.http}`, '--api-ip=', `--api-port=${PROXY_PORTS.api}`],
            ...[`--default-target=${props.hubUrl}`, `--error-target=${props.hubUrl}/hub/error`],
          ],
          ports: PROXY_PORTS,
          env: { CONFIGPROXY_AUTH_TOKEN: props.token, HOME: '/tmp' },
          resources: props.resources,
          mounts: { '/tmp': scratch('tmp', '64MiB') },
          probes: {
            startup: { http: '/_chp_healthz', port: 'http', every: 1, failures: 60 },
            readiness: { http: '/_chp_healthz', port: 'http', every: 5, timeout: 2 },
            // High failure threshold: a restart closes the websockets of all kernels.
            liveness: { http: '/_chp_healthz', port: 'http', every: 20, failures: 6, timeout: 5 },
          },
        },
      },
      exceptions: {
        singleton: 'routes are kept in memory: a second proxy would not receive the routes that the hub adds to the first',
        'one-probe': 'the proxy has only one health endpoint; the failure thresholds of the probes differ',
        recreate: 'of two proxies behind one Service, each would have only some of the routes',
      },
    });
  }
}
