import type { IConstruct } from 'constructs';
import type { Peer, PodPeer, Site } from '../site';

/** Service whose pods a peer selects. */
export interface Owner {
  readonly root: IConstruct;
  readonly site: Site;
  /** Id of the service. */
  readonly service: string;
}

type Service = IConstruct & { readonly site: Site };

// Not a field of the peer: two peers are equal if they select the same pods.
const owners = new WeakMap<PodPeer, Owner>();

/** Records that the peer selects pods of this service, and returns it. */
export function ownPeer(service: Service, peer: PodPeer): PodPeer {
  owners.set(peer, { root: service.node.root, site: service.site, service: service.node.id });
  return peer;
}

/**
 * Owner of the selected pods if it belongs to another facility or site: NetworkPolicies of one cluster cannot select pods of another.
 * Undefined for pods of the same facility, and for peers that are written by hand.
 */
export function foreignOwner(scope: IConstruct, peer: Peer): Owner | undefined {
  const owner = peer.kind === 'pods' ? owners.get(peer) : undefined;
  if (!owner) return undefined;
  const site = siteOf(scope);
  return owner.root !== scope.node.root || (site && owner.site !== site) ? owner : undefined;
}

/** Site of the service that contains the construct. */
export function siteOf(scope: IConstruct): Site | undefined {
  return [...scope.node.scopes].reverse().find((construct): construct is Service => (construct as Partial<Service>).site !== undefined)
    ?.site;
}
