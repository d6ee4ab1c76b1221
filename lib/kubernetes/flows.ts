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
 * Declares that `from` may open connections to `to`; the policies at both ends follow from it. UNSUPPORTED_FOREIGN_PEER is recorded for
 * pods of another facility.
 */
export function declareFlow(scope: Construct, from: Peer, ...to: readonly Target[]): void {
  const ledger = ledgerOf(scope);
  for (const peer of [from, ...to.map((target) => target.peer)]) checkOwner(scope, peer);
  ledger.flows.push(...to.map((target) => ({ from, to: target })));
}

/** A policy that names pods of another cluster selects nothing there, and nothing here. */
function checkOwner(scope: IConstruct, peer: Peer): void {
  const owner = foreignOwner(scope, peer);
  const here = (siteOf(scope) ?? ledgerOf(scope).site)?.name ?? '';
  if (owner)
    ledgerOf(scope).problems.add([here, scope.node.path].filter(Boolean).join('/'), flowForeign(owner.service, owner.site.name, here));
}

/** What a client needs in order to resolve names in this site. */
export function dnsTargets(site: Site): readonly Target[] {
  return (['TCP', 'UDP'] as const).map((protocol) => ({ peer: site.cluster.dns, port: 53, protocol }));
}

/**
 * The NetworkPolicy of one set of pods: the flows declared for them, and nothing else.
 *
 * It is rendered when the manifest is, since flows towards the pods may be declared by charts made later.
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

/** The policy that the flows of these pods amount to, for those of them that carry the labels `selected`. */
export function policySpec(pods: PodPeer, flows: readonly Flow[], site: Site, selected = pods.labels): PolicySpec {
  const incoming = flows.filter((flow) => isSame(flow.to.peer, pods)).map((flow): Target => ({ ...flow.to, peer: flow.from }));
  const outgoing = flows.filter((flow) => isSame(flow.from, pods)).flatMap((flow) => onOwnPorts(flow.to, site));
  const rules = (targets: readonly Target[]) =>
    // A rule for nobody is left out: Kubernetes reads an empty list of peers as everybody.
    byPeer(targets).flatMap(([peer, ports]) => (policyPeers(peer, site).length > 0 ? [{ peers: policyPeers(peer, site), ports }] : []));
  const ingress = rules(incoming).map(({ peers, ports }) => withoutUndefined({ from: peers, ports }));
  const egress = rules(outgoing).map(({ peers, ports }) => withoutUndefined({ to: peers, ports }));
  return withoutUndefined({
    podSelector: { matchLabels: selected },
    policyTypes: ['Ingress', 'Egress'],
    // No list, rather than an empty one: both let nobody in, but the server drops the empty one and every apply would change it.
    ingress: ingress.length > 0 ? ingress : undefined,
    egress: egress.length > 0 ? egress : undefined,
  });
}

/** API servers that answer on different ports: each address is reached on its own port, whichever one the client named. */
function onOwnPorts(target: Target, site: Site): readonly Target[] {
  if (target.peer.kind !== 'api-server' || target.port === undefined) return [target];
  const byPort = apiServersByPort(site);
  if (byPort.size < 2) return [target];
  return [...byPort].map(([port, cidrs]) => ({ ...target, peer: { kind: 'addresses', cidrs }, port }));
}

/** One rule a peer, with all of its ports, in an order that does not depend on who spoke first. */
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
        // Global unicast addresses alone: private ones, and with them the metadata address fd00:ec2::254, are no part of it.
        ...(site.cluster.ipv6 ? [{ ipBlock: { cidr: GLOBAL_UNICAST, except: notPublic6(site) } }] : []),
      ];
  }
}

const exceptions = new WeakMap<Site, readonly string[]>();

/** What is not the Internet for this site: the private ranges, and its own where they are not private. */
function notPublic(site: Site): readonly string[] {
  const known = exceptions.get(site) ?? findNotPublic(site);
  exceptions.set(site, known);
  return known;
}

function findNotPublic(site: Site): readonly string[] {
  const except: Range[] = NOT_PUBLIC.map((cidr) => range(cidr));
  for (const cidr of [...siteRanges(site), ...apiServers(site)]) {
    // What cannot be read is told by the site itself.
    const own = new Problems().attempt('', () => range(cidr));
    if (own && !except.some((wider) => contains(wider, own))) except.push(own);
  }
  return except.map(({ cidr }) => cidr);
}

/** Global unicast addresses that are not the Internet for this site: those that lead into IPv4, and its own. */
function notPublic6(site: Site): readonly string[] {
  const all = range6(GLOBAL_UNICAST);
  const own = [...siteRanges6(site), ...apiServers(site).filter(isIpv6)].flatMap(
    (cidr) => new Problems().attempt('', () => range6(cidr)) ?? [],
  );
  return [...new Set([...NOT_PUBLIC6, ...own.filter((one) => contains6(all, one)).map(({ cidr }) => cidr)])];
}

function isSame(peer: Peer, pods: PodPeer): boolean {
  return peer.kind === 'pods' && keyOf(peer) === keyOf(pods);
}

const keys = new WeakMap<Peer, string>();

/** What makes two peers the same; every policy asks it of every flow, hence kept. */
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
