import { addressNumber, contains, type Protocol, range } from '../lib/site';
import type { Manifest } from './fixture-site';

/** Who opens or takes a connection: a pod, or an address outside the pod network. */
export type Party =
  | { readonly name: string; readonly namespace: string; readonly labels: Readonly<Record<string, string>> }
  | { readonly name: string; readonly address: string };

/** A workload's pods, with the ports they answer on. */
export interface Pods {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly ports: readonly { readonly port: number; readonly protocol: Protocol }[];
}

/** The pods that the workloads among these objects make. */
export function podsOf(objects: readonly Manifest[]): readonly Pods[] {
  return objects.flatMap(({ kind, metadata, spec }) => {
    const template =
      kind === 'CronJob'
        ? spec.jobTemplate.spec.template
        : ['Deployment', 'StatefulSet', 'DaemonSet', 'Job'].includes(kind)
          ? spec.template
          : undefined;
    if (!template) return [];
    const ports = template.spec.containers.flatMap((one: any) =>
      (one.ports ?? []).map((port: any) => ({ port: port.containerPort, protocol: port.protocol ?? 'TCP' })),
    );
    return [
      {
        name: template.metadata.labels['app.kubernetes.io/instance'],
        namespace: metadata.namespace ?? 'default',
        labels: template.metadata.labels,
        ports,
      },
    ];
  });
}

/**
 * Whether a connection is let out and let in, by the rules of the API alone.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/network-policies/
 */
export function mayConnect(objects: readonly Manifest[], from: Party, to: Party, port: number, protocol: Protocol = 'TCP'): boolean {
  const policies = objects.filter(({ kind }) => kind === 'NetworkPolicy');
  return passes(policies, from, 'Egress', to, port, protocol) && passes(policies, to, 'Ingress', from, port, protocol);
}

function passes(
  policies: readonly Manifest[],
  self: Party,
  type: 'Egress' | 'Ingress',
  other: Party,
  port: number,
  protocol: Protocol,
): boolean {
  if ('address' in self) return true;
  const own = policies.filter(
    ({ metadata, spec }) =>
      (metadata.namespace ?? 'default') === self.namespace && matches(spec.podSelector, self.labels) && spec.policyTypes.includes(type),
  );
  if (own.length === 0) return true;
  const [rules, peers] = type === 'Egress' ? (['egress', 'to'] as const) : (['ingress', 'from'] as const);
  return own
    .flatMap(({ spec }) => spec[rules] ?? [])
    .some(
      (rule: any) =>
        (!rule.ports?.length ||
          rule.ports.some((one: any) => (one.protocol ?? 'TCP') === protocol && (one.port === undefined || one.port === port))) &&
        (!rule[peers]?.length || rule[peers].some((peer: any) => isPeer(peer, other))),
    );
}

function isPeer(peer: any, party: Party): boolean {
  if (peer.ipBlock) {
    if (!('address' in party)) return false;
    const inside = (cidr: string) => contains(range(cidr), addressNumber(party.address));
    return inside(peer.ipBlock.cidr) && !(peer.ipBlock.except ?? []).some(inside);
  }
  if ('address' in party) return false;
  return (
    matches(peer.namespaceSelector, { 'kubernetes.io/metadata.name': party.namespace }) && matches(peer.podSelector ?? {}, party.labels)
  );
}

function matches(selector: any, labels: Readonly<Record<string, string>>): boolean {
  if (!selector || selector.matchExpressions) throw new Error('a selector that the library does not write');
  return Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
}
