import { configFiles, Deployment, type Resources, type ServiceChart, scratch } from '../../kubernetes';
import type { Placement } from '../../site';
import { PROXY_PORTS } from './ports';

export interface ProxyProps {
  readonly on: Placement;
  readonly resources: Resources;
  readonly apiUrl: string;
  readonly instance: string;
}

/** Middleware in the routes of the controller. It strips the path prefix, which dashboards do not expect. */
export const MIDDLEWARE = 'clusters-prefix@file';

/** Kinds that Traefik watches; it does not become ready if one is not defined. */
export const TRAEFIK_KINDS = {
  IngressRoute: 'ingressroutes',
  IngressRouteTCP: 'ingressroutetcps',
  IngressRouteUDP: 'ingressrouteudps',
  Middleware: 'middlewares',
  MiddlewareTCP: 'middlewaretcps',
  ServersTransport: 'serverstransports',
  ServersTransportTCP: 'serverstransporttcps',
  TLSOption: 'tlsoptions',
  TLSStore: 'tlsstores',
  TraefikService: 'traefikservices',
} as const;

/**
 * Single entry point of all clusters: `/api` is routed to the API server, `/clusters/<name>` to a dashboard, and TLS connections to a
 * scheduler by SNI. TLS is passed through: the proxy does not have the keys of the schedulers.
 */
export class ClusterProxy extends Deployment {
  constructor(chart: ServiceChart, props: ProxyProps) {
    const routes = {
      http: {
        routers: { api: { rule: 'PathPrefix(`/`)', priority: 1, entryPoints: ['web'], service: 'api' } },
        services: { api: { loadBalancer: { servers: [{ url: props.apiUrl }] } } },
        middlewares: { 'clusters-prefix': { stripPrefixRegex: { regex: ['/clusters/[a-zA-Z0-9.-]+'] } } },
      },
    };
    super(chart, 'proxy', {
      on: props.on,
      replicas: 2,
      grace: 60,
      containers: {
        proxy: {
          image: chart.image('traefik'),
          args: [
            ...['--global.checknewversion=false', '--global.sendanonymoususage=false', '--ping=true'],
            ...[`--entrypoints.traefik.address=:${PROXY_PORTS.health}`, `--entrypoints.web.address=:${PROXY_PORTS.web}`],
            `--entrypoints.tcp.address=:${PROXY_PORTS.comm}`,
            ...['--providers.file.filename=/etc/traefik-routes/routes.yaml', '--providers.kubernetescrd=true'],
            `--providers.kubernetescrd.namespaces=${chart.namespace}`,
            `--providers.kubernetescrd.labelselector=gateway.dask.org/instance=${props.instance}`,
            ...['--providers.kubernetescrd.disableclusterscoperesources=true', '--providers.kubernetescrd.throttleduration=2s'],
          ],
          ports: PROXY_PORTS,
          env: { HOME: '/tmp' },
          resources: props.resources,
          mounts: {
            '/etc/traefik-routes': configFiles(chart, 'proxy', { 'routes.yaml': `${JSON.stringify(routes, undefined, 2)}\n` }),
            '/tmp': scratch('tmp', '64MiB'),
          },
          probes: {
            readiness: { http: '/ping', port: 'health', every: 5 },
            liveness: { tcp: 'health', every: 20, failures: 6, timeout: 5 },
          },
        },
      },
      access: {
        rules: [
          { apiGroups: ['traefik.io'], resources: Object.values(TRAEFIK_KINDS), verbs: ['get', 'list', 'watch'] },
          { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
          { apiGroups: [''], resources: ['services', 'secrets', 'configmaps'], verbs: ['get', 'list', 'watch'] },
        ],
      },
    });
  }
}
