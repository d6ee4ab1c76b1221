import { endpointForeign } from '../../endpoints';
import { declareFlow, type ServiceChart } from '../../kubernetes';
import type { Peer, SecretKey, Target } from '../../site';
import { connect } from './addressing';
import type { HTCondorEndpoint } from './endpoint';
import { condorFlockOwn, condorFlockUnreachable } from './messages';
import { identity, scopesOf } from './roles';
import { type PoolKeys, tokenOrigin } from './secrets';

/** Daemons of one kind as others see them. */
export interface Member {
  /** Who opens connections. */
  readonly sources: readonly Peer[];
  /** What others connect to. */
  readonly targets: readonly Target[];
}

/** A pool that runs jobs of others: what its configuration gets when another pool flocks to it. */
export interface Partner {
  readonly chart: ServiceChart;
  readonly domain: string;
  readonly keys: PoolKeys;
  /** Lifetime of tokens in seconds. */
  readonly lifetime: number;
  readonly managers: Member;
  readonly nodes: readonly Member[];
  /** Adds an identity to the ALLOW lists of the managers. */
  readonly accept: (identity: string) => void;
}

/** The pool that sends its jobs away. */
export interface Sender {
  readonly chart: ServiceChart;
  readonly domain: string;
  readonly accessPoints: readonly Member[];
  /** Access points as daemons outside of the cluster reach them. */
  readonly outside: readonly Target[];
}

/** What an access point needs in order to flock to one pool. */
export interface FlockLink {
  /** Values of FLOCK_TO. */
  readonly collectors: readonly string[];
  readonly token: SecretKey;
}

// Beside the endpoints rather than in them: an endpoint is a value, which may be written by hand or come from JSON.
const partners = new WeakMap<HTCondorEndpoint, Partner>();

/** Remembers the modelled pool behind an endpoint. */
export function remember(endpoint: HTCondorEndpoint, partner: Partner): HTCondorEndpoint {
  partners.set(endpoint, partner);
  return endpoint;
}

/**
 * Lets the access points of one pool send jobs to another one. A token, ALLOW lists and flows of both ends are made where the other pool is
 * modelled too; for any other pool, its administrator gives the token.
 *
 * CONFLICTING_CONDOR_DOMAIN, UNSUPPORTED_FOREIGN_ENDPOINT and MISSING_CONDOR_OUTSIDE_ADDRESS are recorded.
 */
export function flockTo(own: Sender, endpoint: HTCondorEndpoint): FlockLink | undefined {
  const { chart } = own;
  const path = `${chart.path()}/flocksTo/${endpoint.name}`;
  if (endpoint.domain === own.domain) {
    chart.problems.add(path, condorFlockOwn(own.domain, endpoint.name));
    return undefined;
  }
  const partner = partners.get(endpoint);
  const near = partner !== undefined && partner.chart.node.root === chart.node.root;
  const reached = partner && !near ? (endpoint.external as HTCondorEndpoint | undefined) : endpoint;
  if (!reached) {
    chart.problems.add(path, endpointForeign(endpoint.name, endpoint.origin?.site ?? '', chart.site.name, endpoint.publish));
    return undefined;
  }
  const claims = { identity: identity('flock', endpoint.domain, own.domain), issuer: endpoint.domain, scopes: scopesOf('flock', false) };
  partner?.accept(claims.identity);
  const key = `flock-${endpoint.name}`;
  const token = chart.needs(
    { name: chart.objectName(key), key },
    partner && near
      ? tokenOrigin(partner.keys, claims, partner.lifetime)
      : { kind: 'operator', what: `IDTOKEN of ${endpoint.domain} for ${claims.identity} with the scopes ${claims.scopes.join(', ')}` },
  );
  for (const one of own.accessPoints) {
    connect(chart, one.sources, reached.flockReach);
    for (const { peer, port } of one.targets)
      for (const caller of reached.flockCallers) declareFlow(chart, caller, { peer, ...(port ? { port } : {}) });
  }
  if (!near) openOutside(own, partner, path);
  return { collectors: reached.collectors, token };
}

/** Negotiators and nodes of another cluster connect to the access point, so that it needs an address outside of its own. */
function openOutside({ chart, outside }: Sender, partner: Partner | undefined, path: string): void {
  if (outside.length === 0) chart.problems.add(path, condorFlockUnreachable());
  if (!partner) return;
  for (const { sources } of [partner.managers, ...partner.nodes]) connect(partner.chart, sources, outside);
}
