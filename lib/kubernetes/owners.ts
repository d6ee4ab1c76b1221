import type { IConstruct } from 'constructs';
import type { Peer, PodPeer, Site } from '../site';

/** Who makes the pods that a peer names. */
export interface Owner {
  readonly root: IConstruct;
  readonly site: Site;
  /** Id of the service. */
  readonly service: string;
}

type Service = IConstruct & { readonly site: Site };

// Beside the values rather than in them: a peer is what a NetworkPolicy says, and two peers are the same if they select the same pods.
const owners = new WeakMap<PodPeer, Owner>();

/** The peer, remembered as pods of this service. */
export function ownPeer(service: Service, peer: PodPeer): PodPeer {
  owners.set(peer, { root: service.node.root, site: service.site, service: service.node.id });
  return peer;
}

/**
 * Who makes these pods, if that is another facility, or a service on another site: NetworkPolicies of one cluster cannot name pods of
 * another. Undefined for pods of the same facility, and for peers that somebody has written by hand.
 */
export function foreignOwner(scope: IConstruct, peer: Peer): Owner | undefined {
  const owner = peer.kind === 'pods' ? owners.get(peer) : undefined;
  if (!owner) return undefined;
  const site = siteOf(scope);
  return owner.root !== scope.node.root || (site && owner.site !== site) ? owner : undefined;
}

/** The site of the service that the construct is part of. */
export function siteOf(scope: IConstruct): Site | undefined {
  return [...scope.node.scopes].reverse().find((one): one is Service => (one as Partial<Service>).site !== undefined)?.site;
}
