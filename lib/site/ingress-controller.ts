import type { PodPeer } from './target';

/** A Gateway of the Gateway API that accepts routes from the namespaces of services. */
export interface GatewayReference {
  readonly name: string;
  readonly namespace: string;
  /** Name of the listener. @default - every listener that accepts the host name */
  readonly listener?: string;
}

/** A controller that serves Ingress objects. */
export interface IngressClassController {
  /** `ingressClassName` of the Ingress objects. */
  readonly className: string;
  /** Type of the controller; undefined if it cannot be derived from the class name. */
  readonly controller?: IngressClassKind;
  /** The controller's pods, which may reach published ports. */
  readonly pods: PodPeer;
}

/** A controller that serves a Gateway; services create an HTTPRoute instead of an Ingress. */
export interface GatewayController {
  readonly controller: 'gateway';
  readonly gateway: GatewayReference;
  readonly className?: undefined;
  /** The pods of the Gateway, which may reach published ports. */
  readonly pods: PodPeer;
}

/** Controller through which HTTP requests from outside enter the cluster. */
export type IngressController = IngressClassController | GatewayController;

/** Ingress controllers whose annotations are supported. `haproxy` is the one of HAProxy Technologies or `haproxy-ingress`. */
export type IngressClassKind = 'nginx' | 'traefik' | 'haproxy';

/** An existing ingress controller. */
export interface IngressClassProps {
  /** `ingressClassName` of the Ingress objects (`kubectl get ingressclass`). */
  readonly className: string;
  /**
   * Type of the controller; it determines the annotations for request size and timeouts.
   *
   * @default - derived from the class name (`nginx`, `traefik-internal`); a warning if that is not possible
   */
  readonly controller?: IngressClassKind;
  /** Namespace of the controller's pods. */
  readonly namespace: string;
  /** Labels of the controller's pods. @default - every pod of the namespace */
  readonly labels?: Readonly<Record<string, string>>;
}

/** An existing Gateway (Gateway API). Its listener has the certificates of the host names. */
export interface GatewayControllerProps {
  readonly controller: 'gateway';
  readonly gateway: GatewayReference;
  /** Namespace of the pods that serve the Gateway. */
  readonly namespace: string;
  /** Labels of the pods that serve the Gateway. @default - every pod of the namespace */
  readonly labels?: Readonly<Record<string, string>>;
}

/** The ingress controller that the props describe. */
export function ingressController(props: IngressClassProps | GatewayControllerProps): IngressController {
  const pods: PodPeer = { kind: 'pods', namespace: props.namespace, labels: props.labels ?? {} };
  if (props.controller === 'gateway') return { controller: 'gateway', gateway: props.gateway, pods };
  return { className: props.className, controller: props.controller ?? controllerOf(props.className), pods };
}

/** The controller of a well-known class name: `nginx`, `nginx-internal`, `rke2-traefik`. */
export function controllerOf(className: string): IngressClassKind | undefined {
  return /(?:^|-)(nginx|traefik|haproxy)(?:-|$)/.exec(String(className))?.[1] as IngressClassKind | undefined;
}
