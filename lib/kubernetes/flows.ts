import { Lazy } from 'cdk8s';
import type { Construct, IConstruct } from 'constructs';
import { compare, Problems } from '../errors';
import {
  apiServers,
  apiServersByPort,
  contains,
  contains6,
  GLOBAL_UNICAST,
  isIpv6,
  NOT_PUBLIC,
  NOT_PUBLIC6,
  type Peer,
  type PodPeer,
  type Range,
  range,
  range6,
  type Site,
  siteRanges,
  siteRanges6,
  type Target,
} from '../site';
import { type Flow, ledgerOf } from './ledger';
import { type Manifest, place, withoutUndefined } from './manifest';
import { flowForeign } from './messages';
import { foreignOwner, siteOf } from './owners';

type PolicySpec = NonNullable<Manifest<'networking.k8s.io/v1/NetworkPolicy'>['spec']>;
type PolicyPeer = NonNullable<NonNullable<NonNullable<PolicySpec['ingress']>[number]['from']>[number]>;
type PolicyPort = NonNullable<NonNullable<NonNullable<PolicySpec['ingress']>[number]['ports']>[number]>;

/**
 * Declares that `from` may open connections to `to`; the NetworkPolicies at both ends are derived from it. Reports UNSUPPORTED_FOREIGN_PEER
 * for pods of another facility.
 */
export function declareFlow(scope: Construct, from: Peer, ...to: readonly Target[]): void {
  const ledger = ledgerOf(scope);
  for (const peer of [from, ...to.map((target) => target.peer)]) checkOwner(scope, peer);
  ledger.flows.push(...to.map((target) => ({ from, to: target })));
}

/** A NetworkPolicy that names pods of another cluster selects no pods. */
function checkOwner(scope: IConstruct, peer: Peer): void {
  const owner = foreignOwner(scope, peer);
  const here = (siteOf(scope) ?? ledgerOf(scope).site)?.name ?? '';
  if (owner)
    ledgerOf(scope).problems.add([here, scope.node.path].filter(Boolean).join('/'), flowForeign(owner.service, owner.site.name, here));
}

/** Targets that a client needs to resolve names on this site. */
export function dnsTargets(site: Site): readonly Target[] {
  return (['TCP', 'UDP'] as const).map((protocol) => ({ peer: site.cluster.dns, port: 53, protocol }));
}

/**
 * Creates the NetworkPolicy of a set of pods, which allows only the declared flows.
 *
 * Its spec is computed when the manifest is rendered, because charts that are created later may declare flows to these pods.
 */
export function placePolicy(
  scope: Construct,
  metadata: Manifest<'networking.k8s.io/v1/NetworkPolicy'>['metadata'],
  pods: PodPeer,
  site: Site,
  selected = pods.labels,
): void {
  place(scope, 'network-policy', 'networking.k8s.io/v1/NetworkPolicy', {
    metadata,
    spec: Lazy.any({ produce: () => policySpec(pods, ledgerOf(scope).flows, site, selected) }),
  });
}

/** The NetworkPolicy that allows the flows of `pods`. @param selected labels of its pod selector. @default - the labels of `pods` */
export function policySpec(pods: PodPeer, flows: readonly Flow[], site: Site, selected = pods.labels): PolicySpec {
  const incoming = flows.filter((flow) => isSame(flow.to.peer, pods)).map((flow): Target => ({ ...flow.to, peer: flow.from }));
  const outgoing = flows.filter((flow) => isSame(flow.from, pods)).flatMap((flow) => withServerPorts(flow.to, site));
  const rules = (targets: readonly Target[]) =>
    // A rule without peers is omitted: in Kubernetes, an empty list of peers allows all.
    byPeer(targets).flatMap(([peer, ports]) => (policyPeers(peer, site).length > 0 ? [{ peers: policyPeers(peer, site), ports }] : []));
  const ingress = rules(incoming).map(({ peers, ports }) => withoutUndefined({ from: peers, ports }));
  const egress = rules(outgoing).map(({ peers, ports }) => withoutUndefined({ to: peers, ports }));
  return withoutUndefined({
    podSelector: { matchLabels: selected },
    policyTypes: ['Ingress', 'Egress'],
    // Omitted instead of empty: both deny all traffic, but the API server removes an empty list, so every apply would show a difference.
    ingress: ingress.length > 0 ? ingress : undefined,
    egress: egress.length > 0 ? egress : undefined,
  });
}

/** Where API servers listen on different ports, each address gets its own port, whichever port the client declared. */
function withServerPorts(target: Target, site: Site): readonly Target[] {
  if (target.peer.kind !== 'api-server' || target.port === undefined) return [target];
  const byPort = apiServersByPort(site);
  if (byPort.size < 2) return [target];
  return [...byPort].map(([port, cidrs]) => ({ ...target, peer: { kind: 'addresses', cidrs }, port }));
}

/** One rule per peer with all of its ports, in an order that does not depend on the order of declarations. */
function byPeer(targets: readonly Target[]): readonly (readonly [Peer, readonly PolicyPort[] | undefined])[] {
  const groups = new Map<string, { peer: Peer; ports: Map<string, PolicyPort>; all: boolean }>();
  for (const { peer, port, protocol = 'TCP' } of targets) {
    const key = keyOf(peer);
    const group = groups.get(key) ?? { peer, ports: new Map(), all: false };
    groups.set(key, group);
    if (port === undefined) group.all = true;
    else group.ports.set(`${String(port).padStart(5, '0')}${protocol}`, { port, protocol });
  }
  return [...groups.entries()]
    .sort(([a], [b]) => compare(a, b))
    .map(([, { peer, ports, all }]) => [peer, all ? undefined : [...ports].sort(([a], [b]) => compare(a, b)).map(([, port]) => port)]);
}

function policyPeers(peer: Peer, site: Site): readonly PolicyPeer[] {
  switch (peer.kind) {
    case 'pods':
      return [
        {
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': peer.namespace } },
          podSelector: Object.keys(peer.labels).length > 0 ? { matchLabels: peer.labels } : {},
        },
      ];
    case 'addresses':
      return peer.cidrs.map((cidr) => ({ ipBlock: { cidr } }));
    case 'api-server':
      return apiServers(site).map((cidr) => ({ ipBlock: { cidr } }));
    case 'internet':
      return [
        { ipBlock: { cidr: '0.0.0.0/0', except: notPublic(site) } },
        // Only global unicast addresses: these exclude private ones, and with them the metadata address fd00:ec2::254.
        ...(site.cluster.ipv6 ? [{ ipBlock: { cidr: GLOBAL_UNICAST, except: notPublic6(site) } }] : []),
      ];
  }
}

const exceptions = new WeakMap<Site, readonly string[]>();

/** IPv4 ranges that are not the Internet for this site: private ranges, and public ranges of the site itself. */
function notPublic(site: Site): readonly string[] {
  const known = exceptions.get(site) ?? findNotPublic(site);
  exceptions.set(site, known);
  return known;
}

function findNotPublic(site: Site): readonly string[] {
  const except: Range[] = NOT_PUBLIC.map((cidr) => range(cidr));
  for (const cidr of [...siteRanges(site), ...apiServers(site)]) {
    // The site reports invalid ranges.
    const own = new Problems().attempt('', () => range(cidr));
    if (own && !except.some((wider) => contains(wider, own))) except.push(own);
  }
  return except.map(({ cidr }) => cidr);
}

/** Global unicast ranges that are not the Internet for this site: those that are translated to IPv4, and those of the site itself. */
function notPublic6(site: Site): readonly string[] {
  const all = range6(GLOBAL_UNICAST);
  const own = [...siteRanges6(site), ...apiServers(site).filter(isIpv6)].flatMap(
    (cidr) => new Problems().attempt('', () => range6(cidr)) ?? [],
  );
  return [...new Set([...NOT_PUBLIC6, ...own.filter((range) => contains6(all, range)).map(({ cidr }) => cidr)])];
}

function isSame(peer: Peer, pods: PodPeer): boolean {
  return peer.kind === 'pods' && keyOf(peer) === keyOf(pods);
}

const keys = new WeakMap<Peer, string>();

/** Identity of a peer. It is cached, because every policy compares all flows. */
function keyOf(peer: Peer): string {
  const key = keys.get(peer) ?? makeKey(peer);
  keys.set(peer, key);
  return key;
}

function makeKey(peer: Peer): string {
  switch (peer.kind) {
    case 'pods':
      return JSON.stringify(['pods', peer.namespace, Object.entries(peer.labels).sort(([a], [b]) => compare(a, b))]);
    case 'addresses':
      return JSON.stringify(['addresses', peer.cidrs]);
    case 'api-server':
    case 'internet':
      return JSON.stringify([peer.kind]);
  }
}
