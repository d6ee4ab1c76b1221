import { Construct } from 'constructs';
import { checkHost, hostTarget, type SecretKey, type Site, type Target } from '../site';
import { place } from './manifest';
import { backendTlsUnsupported, ingressMissing } from './messages';
import type { ServiceChart } from './service-chart';
import type { Workload } from './workload';

/** Where the certificate of a host name comes from. */
export type Tls =
  /** A Secret of type `kubernetes.io/tls`. */
  | { readonly secret: string }
  /** cert-manager makes the Secret. */
  | { readonly clusterIssuer: string };

export interface IngressProps {
  /** Host name, e.g. `jupyter.example.org`. */
  readonly host: string;
  readonly to: Workload;
  /** Name of the port of `to`. */
  readonly port: string;
  /** Service in front of it. @default - the one named after `to` */
  readonly service?: string;
  /** @default - a Secret named after the Ingress, which `facility bootstrap` fills with a self-signed certificate */
  readonly tls?: Tls;
  /** Whether the port speaks TLS itself; the controller must be told, and nothing is said yet to others than ingress-nginx. @default false */
  readonly https?: boolean;
  /** Largest request body, in MiB; 0: any. @default 0 */
  readonly bodyLimit?: number;
  /** Longest silence of a connection, in seconds. @default 3600 */
  readonly timeout?: number;
}

/** Publishes one port of a workload under a host name, over TLS alone. */
export class Ingress extends Construct {
  readonly url: string;

  constructor(chart: ServiceChart, id: string, props: IngressProps) {
    super(chart, id);
    const name = chart.objectName(id);
    const controller = chart.site.cluster.ingress;
    this.url = `https://${props.host}`;
    chart.problems.attempt(`${chart.path(this)}/host`, () => checkHost(props.host));
    if (!controller) {
      chart.problems.add(chart.path(this), ingressMissing(props.host));
      return;
    }
    const secretName = props.tls && 'secret' in props.tls ? props.tls.secret : `${name}-tls`;
    const issuer = props.tls && 'clusterIssuer' in props.tls ? props.tls.clusterIssuer : undefined;
    if (!issuer) {
      const key: SecretKey = { name: secretName, key: 'tls.key' };
      chart.needs(key, { kind: 'certificate', hosts: [props.host] });
    }
    if (props.https && controller.className !== 'nginx') {
      chart.problems.add(chart.path(this), backendTlsUnsupported(props.host, controller.className));
    }
    props.to.mayBeReachedBy(controller.pods, props.port);
    place(this, 'ingress', 'networking.k8s.io/v1/Ingress', {
      metadata: {
        name,
        labels: chart.labelsOf(id),
        annotations: {
          ...(controller.className === 'nginx' ? nginxAnnotations(props) : {}),
          ...(issuer ? { 'cert-manager.io/cluster-issuer': issuer } : {}),
        },
      },
      spec: {
        ingressClassName: controller.className,
        tls: [{ hosts: [props.host], secretName }],
        rules: [
          {
            host: props.host,
            http: {
              paths: [
                {
                  path: '/',
                  pathType: 'Prefix',
                  backend: { service: { name: props.service ?? props.to.name, port: { name: props.port } } },
                },
              ],
            },
          },
        ],
      },
    });
  }
}

/** What clients outside the cluster connect to when they open a host name that this site publishes. */
export function publishedTarget(site: Site, host: string): Target {
  const address = site.cloud?.publicAddress;
  return hostTarget(host, 443, address === undefined ? undefined : [`${address}/32`]);
}

/** ingress-nginx cuts bodies at 1 MiB and websockets after 60 s; notebooks need neither. */
function nginxAnnotations(props: IngressProps): Record<string, string> {
  const timeout = String(props.timeout ?? 3600);
  return {
    'nginx.ingress.kubernetes.io/proxy-body-size': props.bodyLimit ? `${props.bodyLimit}m` : '0',
    'nginx.ingress.kubernetes.io/proxy-read-timeout': timeout,
    'nginx.ingress.kubernetes.io/proxy-send-timeout': timeout,
    'nginx.ingress.kubernetes.io/force-ssl-redirect': 'true',
    ...(props.https ? { 'nginx.ingress.kubernetes.io/backend-protocol': 'HTTPS' } : {}),
  };
}
