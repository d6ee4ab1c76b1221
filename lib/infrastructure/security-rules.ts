import { type PortRule, portRules } from '../cluster';
import { EVERYWHERE, type Exposure, type Role } from '../site';
import type { CloudSite } from './cloud-site';

/** A security group: all nodes, the nodes of a role, or the bastion. */
export type Group = 'nodes' | Role | 'bastion';

/** An ingress rule of a security group. */
export interface SecurityRule {
  readonly group: Group;
  readonly protocol: PortRule['protocol'];
  /** First and last port; undefined for protocols without ports, or for all ports. */
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
  // The ingress controller runs on all workers.
  ingress: 'worker',
} as const satisfies Record<PortRule['to'], Group>;

const SSH = 22;

/** All IPv6 addresses. */
const EVERYWHERE6 = '::/0';

/**
 * All security group rules of a site, without duplicates.
 *
 * Sources are CIDRs rather than groups: with groups, the virtual switches have a flow for each pair of ports, which caused dropped packets
 * in large clusters (openshift/installer 3461). Neutron rejects a second rule with the same protocol, ports and source, so such rules are
 * merged, with both purposes in the description.
 */
export function securityRules(site: CloudSite, exposures: readonly Exposure[]): readonly SecurityRule[] {
  const rules = [...clusterRules(site), ...exposureRules(exposures), ...bastionRules(site)];
  const distinct = new Map(rules.map((rule) => [ruleKey(rule), rule]));
  return [...distinct].map(([key, rule]) => ({
    ...rule,
    purpose: purposes(rules.filter((other) => ruleKey(other) === key)),
  }));
}

/** The attributes that Neutron compares, as a Terraform name that does not depend on other rules. */
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

/** NodePorts are open on all nodes. */
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

/** Descriptions in Neutron have at most 255 characters. */
function purposes(rules: readonly SecurityRule[]): string {
  return [...new Set(rules.map((rule) => rule.purpose))].join('; ').slice(0, 255);
}
