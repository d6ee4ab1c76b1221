import { compare, failure, optionInvalid } from '../errors';
import type { Facility } from '../facility';
import type { Flow } from '../kubernetes';
import type { Peer } from '../site';
import { siteUnknown } from './messages';

/** `npx facility flows SITE`: prints every declared connection on a line. The NetworkPolicies allow only these. */
export function flows(facilities: readonly Facility[], given: readonly string[]): void {
  const names = facilities.map(({ site }) => site.name);
  const [name, ...more] = given;
  if (name === undefined || more.length > 0)
    throw failure(optionInvalid(given.join(' ') || 'no site', `npx facility flows SITE, with one of ${names.join(', ')}`));
  const facility = facilities.find(({ site }) => site.name === name);
  if (!facility) throw failure(siteUnknown(name, names));
  const lines = new Set(facility.output().flows.map(flowText));
  process.stdout.write(`${[...lines].sort(compare).join('\n')}\n`);
}

function flowText({ from, to }: Flow): string {
  return `${peerText(from)} -> ${peerText(to.peer)} ${to.port ? `${to.port}/${to.protocol ?? 'TCP'}` : 'any port'}`;
}

function peerText(peer: Peer): string {
  switch (peer.kind) {
    case 'pods': {
      const labels = Object.entries(peer.labels);
      const instance = peer.labels['app.kubernetes.io/instance'];
      return `${peer.namespace}/${labels.length === 1 && instance ? instance : labels.map(([key, value]) => `${key}=${value}`).join(',') || '*'}`;
    }
    case 'addresses':
      return peer.cidrs.join(',');
    default:
      return peer.kind;
  }
}
