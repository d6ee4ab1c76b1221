import { type PortRule, portRules } from '../cluster';
import { EVERYWHERE, type Exposure, type Role } from '../site';
import type { CloudSite } from './cloud-site';

/** Machines that are let in to together: every node, the nodes of one role, the machine in front of them. */
export type Group = 'nodes' | Role | 'bastion';

/** One rule as Neutron keeps it: who may reach which ports of the group. */
export interface SecurityRule {
  readonly group: Group;
  readonly protocol: PortRule['protocol'];
  /** Absent: the protocol has no ports, or all of them. */
  readonly first?: number;
  readonly last?: number;
  readonly from: string;
  readonly purpose: string;
}

const GROUPS = {
  all: 'nodes',
  controlplane: 'controlplane',
  etcd: 'etcd',
  worker: 'worker',
  // The ingress controller runs wherever pods do.
  ingress: 'worker',
} as const satisfies Record<PortRule['to'], Group>;

const SSH = 22;

/** Every IPv6 address. */
const EVERYWHERE6 = '::/0';

/**
 * Every rule of a site, each once.
 *
 * Sources are CIDRs and never groups: with groups the virtual switches hold a flow for each pair of ports, which large
 * clusters have paid for with dropped packets (openshift/installer 3461). Neutron refuses a second rule that is equal
 * in protocol, ports and source, so equal ones become one that names both purposes.
 */
export function securityRules(site: CloudSite, exposures: readonly Exposure[]): readonly SecurityRule[] {
  const rules = [...clusterRules(site), ...exposureRules(exposures), ...bastionRules(site)];
  const distinct = new Map(rules.map((rule) => [ruleKey(rule), rule]));
  return [...distinct].map(([key, rule]) => ({
    ...rule,
    purpose: purposes(rules.filter((other) => ruleKey(other) === key)),
  }));
}

/** What Neutron compares, as a name that stays when other rules come and go. */
export function ruleKey(rule: SecurityRule): string {
  const ports = rule.first === undefined ? '' : rule.last === rule.first ? `-${rule.first}` : `-${rule.first}-${rule.last}`;
  return `${rule.group}_${rule.protocol}${ports}_${rule.from.replace(/[./:]/g, '-')}`;
}

function clusterRules(site: CloudSite): readonly SecurityRule[] {
  const { cidr, ipv6, admins } = site.cloud;
  const sources = { nodes: [cidr, ...(ipv6 ? [ipv6.cidr] : [])], admins, world: [EVERYWHERE, ...(ipv6 ? [EVERYWHERE6] : [])] } as const;
  return portRules(site).flatMap((rule) =>
    sources[rule.from].map((from) => ({
      group: GROUPS[rule.to],
      protocol: rule.protocol,
      first: rule.first,
      last: rule.last,
      from,
      purpose: rule.purpose,
    })),
  );
}

/** NodePorts answer on every node. */
function exposureRules(exposures: readonly Exposure[]): readonly SecurityRule[] {
  return exposures.flatMap(({ protocol, first, last, from, purpose }) =>
    from.map((cidr) => ({ group: 'nodes' as const, protocol, first, last, from: cidr, purpose })),
  );
}

function bastionRules({ cloud }: CloudSite): readonly SecurityRule[] {
  if (!cloud.bastion) return [];
  return cloud.admins.map((from) => ({
    group: 'bastion',
    protocol: 'tcp',
    first: SSH,
    last: SSH,
    from,
    purpose: 'SSH of administrators',
  }));
}

/** Neutron keeps 255 characters of a description. */
function purposes(rules: readonly SecurityRule[]): string {
  return [...new Set(rules.map((rule) => rule.purpose))].join('; ').slice(0, 255);
}
