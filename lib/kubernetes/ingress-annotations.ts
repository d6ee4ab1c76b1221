import type { IngressClassKind } from '../site';

/** Settings of the ingress controller for one host. */
export interface IngressLimits {
  /** Maximum size of a request body, in MiB; 0: no limit. */
  readonly bodyLimit: number;
  /** Idle timeout of a connection, in seconds. */
  readonly timeout: number;
  /** Whether the backend uses TLS. */
  readonly https: boolean;
}

/** Annotations that set limits and redirect HTTP to HTTPS, by controller. All controllers forward WebSockets without further settings. */
export const INGRESS_ANNOTATIONS: Readonly<Record<IngressClassKind, (limits: IngressLimits) => Record<string, string>>> = {
  nginx,
  haproxy,
  // Traefik does not limit request bodies; timeouts and redirects are settings of its entry points.
  traefik: () => ({}),
};

/**
 * By default ingress-nginx limits request bodies to 1 MiB, and closes idle connections after 60 s.
 *
 * @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/
 */
function nginx({ bodyLimit, timeout, https }: IngressLimits): Record<string, string> {
  const prefix = 'nginx.ingress.kubernetes.io';
  return {
    [`${prefix}/proxy-body-size`]: bodyLimit > 0 ? `${bodyLimit}m` : '0',
    [`${prefix}/proxy-read-timeout`]: String(timeout),
    [`${prefix}/proxy-send-timeout`]: String(timeout),
    [`${prefix}/force-ssl-redirect`]: 'true',
    ...(https ? { [`${prefix}/backend-protocol`]: 'HTTPS' } : {}),
  };
}

/**
 * Two controllers have this name, with different annotation prefixes. Both close idle connections after 50 s by default. The controller of
 * HAProxy Technologies does not limit request bodies; its idle timeout of WebSockets is one hour, for the whole controller.
 *
 * @see https://github.com/haproxytech/kubernetes-ingress/blob/master/documentation/annotations.md
 * @see https://haproxy-ingress.github.io/docs/configuration/keys/
 */
function haproxy({ bodyLimit, timeout, https }: IngressLimits): Record<string, string> {
  const [technologies, community] = ['haproxy.org', 'haproxy-ingress.github.io'];
  return {
    [`${technologies}/ssl-redirect`]: 'true',
    [`${technologies}/timeout-server`]: `${timeout}s`,
    ...(https ? { [`${technologies}/server-ssl`]: 'true' } : {}),
    [`${community}/ssl-redirect`]: 'true',
    [`${community}/timeout-server`]: `${timeout}s`,
    [`${community}/timeout-tunnel`]: `${timeout}s`,
    ...(bodyLimit > 0 ? { [`${community}/proxy-body-size`]: `${bodyLimit}m` } : {}),
    ...(https ? { [`${community}/backend-protocol`]: 'h1-ssl' } : {}),
  };
}
