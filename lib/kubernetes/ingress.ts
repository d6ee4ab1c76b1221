import { Construct } from 'constructs';
import { checkHost, type GatewayController, hostTarget, type IngressClassController, type Site, type Target } from '../site';
import { INGRESS_ANNOTATIONS, type IngressLimits } from './ingress-annotations';
import { place } from './manifest';
import {
  backendTlsUnsupported,
  bodyLimitUnsupported,
  gatewayTls,
  ingressControllerUnknown,
  ingressMissing,
  ingressTimeoutUnsupported,
} from './messages';
import type { ServiceChart } from './service-chart';
import type { Workload } from './workload';

/** Source of the TLS certificate of a host name. */
export type Tls =
  /** A Secret of type `kubernetes.io/tls`. */
  | { readonly secret: string }
  /** cert-manager creates the Secret with this ClusterIssuer. */
  | { readonly clusterIssuer: string };

export interface IngressProps {
  /** Host name, e.g. `jupyter.example.org`. */
  readonly host: string;
  readonly to: Workload;
  /** Name of the port of `to`. */
  readonly port: string;
  /** Name of the Service; its port has the same name and number. @default - the Service named after `to` */
  readonly service?: string;
  /**
   * Certificate of the host.
   *
   * @default - a Secret named after the Ingress, for which `npx facility bootstrap` creates a self-signed certificate; none with a Gateway, because
   * its listener has the certificate
   */
  readonly tls?: Tls;
  /** Whether the port uses TLS; supported with nginx and HAProxy. @default false */
  readonly https?: boolean;
  /** Maximum size of a request body, in MiB; 0: no limit. @default 0 */
  readonly bodyLimit?: number;
  /** Idle timeout of a connection, in seconds. @default 3600 */
  readonly timeout?: number;
}

/** Publishes one port of a workload under a host name, only over HTTPS: an Ingress, or an HTTPRoute on sites with a Gateway. */
export class Ingress extends Construct {
  readonly url: string;

  constructor(
    private readonly chart: ServiceChart,
    private readonly id: string,
    private readonly props: IngressProps,
  ) {
    super(chart, id);
    const controller = chart.site.cluster.ingress;
    this.url = `https://${props.host}`;
    chart.problems.attempt(`${chart.path(this)}/host`, () => checkHost(props.host));
    if (!controller) {
      chart.problems.add(chart.path(this), ingressMissing(props.host));
      return;
    }
    const kind = controller.controller;
    if (props.https && kind !== 'nginx' && kind !== 'haproxy')
      chart.problems.add(chart.path(this), backendTlsUnsupported(props.host, kind ?? controller.className ?? ''));
    if (props.bodyLimit && (kind === 'traefik' || kind === 'gateway'))
      chart.problems.add(`${chart.path(this)}/bodyLimit`, bodyLimitUnsupported(props.bodyLimit, kind));
    props.to.mayBeReachedBy(controller.pods, props.port);
    if (controller.controller === 'gateway') this.placeRoute(controller);
    else this.placeIngress(controller);
  }

  private placeIngress({ className, controller }: IngressClassController): void {
    const { chart, props } = this;
    const name = chart.objectName(this.id);
    const { host, tls } = props;
    // A finding of the cluster, not of the service, so it is reported only once.
    const path = `${chart.site.name}/cluster/ingress`;
    if (controller === undefined) chart.problems.add(path, ingressControllerUnknown(className));
    if (controller === 'traefik') chart.problems.add(path, ingressTimeoutUnsupported());
    const secretName = tls && 'secret' in tls ? tls.secret : `${name}-tls`;
    const issuer = tls && 'clusterIssuer' in tls ? tls.clusterIssuer : undefined;
    if (!issuer) chart.needs({ name: secretName, key: 'tls.key' }, { kind: 'certificate', hosts: [host] });
    const service = { name: props.service ?? props.to.name, port: { name: props.port } };
    place(this, 'ingress', 'networking.k8s.io/v1/Ingress', {
      metadata: {
        name,
        labels: chart.labelsOf(this.id),
        annotations: {
          ...(controller ? INGRESS_ANNOTATIONS[controller](limitsOf(props)) : {}),
          ...(issuer ? { 'cert-manager.io/cluster-issuer': issuer } : {}),
        },
      },
      spec: {
        ingressClassName: className,
        tls: [{ hosts: [host], secretName }],
        rules: [{ host, http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service } }] } }],
      },
    });
  }

  private placeRoute({ gateway }: GatewayController): void {
    const { chart, props } = this;
    if (props.tls) chart.problems.add(`${chart.path(this)}/tls`, gatewayTls(props.host, gateway.name));
    place(this, 'route', 'gateway.networking.k8s.io/v1/HTTPRoute', {
      metadata: { name: chart.objectName(this.id), labels: chart.labelsOf(this.id) },
      spec: {
        parentRefs: [
          {
            // Defaults of the API server: without them, GitOps tools would report a difference.
            group: 'gateway.networking.k8s.io',
            kind: 'Gateway',
            name: gateway.name,
            namespace: gateway.namespace,
            ...(gateway.listener === undefined ? {} : { sectionName: gateway.listener }),
          },
        ],
        hostnames: [props.host],
        rules: [
          {
            matches: [{ path: { type: 'PathPrefix', value: '/' } }],
            backendRefs: [
              { group: '', kind: 'Service', name: props.service ?? props.to.name, port: props.to.servicePort(props.port), weight: 1 },
            ],
            // They limit the whole request, which an upload or a WebSocket may exceed; the Gateway API has no idle timeout.
            timeouts: { request: '0s', backendRequest: '0s' },
          },
        ],
      },
    });
  }
}

function limitsOf({ bodyLimit = 0, timeout = 3600, https = false }: IngressProps): IngressLimits {
  return { bodyLimit, timeout, https };
}

/** Target of clients outside the cluster that connect to a host name published by this site. */
export function publishedTarget(site: Site, host: string): Target {
  const address = site.cloud?.publicAddress;
  return hostTarget(host, 443, address === undefined ? undefined : [`${address}/32`]);
}
