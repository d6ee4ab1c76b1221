import type { IngressClassKind } from '../site';

/** What is asked of the controller for one host. */
export interface IngressLimits {
  /** Largest request body, in MiB; 0: any. */
  readonly bodyLimit: number;
  /** Longest silence of a connection, in seconds. */
  readonly timeout: number;
  /** Whether the backend speaks TLS. */
  readonly https: boolean;
}

/** Annotations by which a controller gets limits and redirects HTTP to HTTPS. All of them forward WebSockets without further settings. */
export const INGRESS_ANNOTATIONS: Readonly<Record<IngressClassKind, (limits: IngressLimits) => Record<string, string>>> = {
  nginx,
  haproxy,
  // Bodies are not limited; timeouts and redirects are settings of its entry points.
  traefik: () => ({}),
};

/**
 * By default ingress-nginx limits bodies to 1 MiB and silence to 60 s.
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
 * Two controllers have this name, each with a prefix of its own: both limit silence to 50 s by default. That of HAProxy Technologies has no
 * limit of bodies, and limits the silence of WebSockets to one hour for the whole controller.
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
