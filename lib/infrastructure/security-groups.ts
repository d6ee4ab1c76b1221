import type { TerraformStack } from 'cdktf';
import { NetworkingSecgroupRuleV2 } from '../../imports/openstack/networking-secgroup-rule-v2';
import { NetworkingSecgroupV2 } from '../../imports/openstack/networking-secgroup-v2';
import { type Exposure, isIpv6, type SiteNode } from '../site';
import type { CloudSite } from './cloud-site';
import { type Group, ruleKey, securityRules } from './security-rules';
import { verbatim } from './verbatim';

const MEMBERS = {
  nodes: 'all nodes',
  controlplane: 'the control plane',
  etcd: 'etcd',
  worker: 'the workers',
  bastion: 'the bastion',
} as const satisfies Record<Group, string>;

/** Ids of the security groups of a machine. */
export class SecurityGroups {
  constructor(private readonly ids: ReadonlyMap<Group, string>) {}

  ofNode(node: SiteNode): string[] {
    return this.of('nodes', ...node.roles);
  }

  ofBastion(): string[] {
    return this.of('bastion');
  }

  private of(...groups: readonly Group[]): string[] {
    return groups.map((group) => this.ids.get(group)).filter((id) => id !== undefined);
  }
}

/**
 * Security groups and their ingress rules. There are no egress rules: Neutron creates two rules in each new group that allow all egress, and
 * rejects duplicates.
 */
export function placeSecurityGroups(stack: TerraformStack, site: CloudSite, exposures: readonly Exposure[]): SecurityGroups {
  const region = verbatim(site.cloud.region);
  const rules = securityRules(site, exposures);
  const groups = new Set<Group>(['nodes', ...rules.map((rule) => rule.group)]);
  const ids = new Map<Group, string>();
  for (const group of groups) {
    const placed = new NetworkingSecgroupV2(stack, `group_${group}`, {
      region,
      name: `${site.name}-${group}`,
      description: `Ingress rules of ${MEMBERS[group]} of ${site.name}`,
    });
    ids.set(group, placed.id);
  }
  for (const rule of rules) {
    new NetworkingSecgroupRuleV2(stack, `rule_${ruleKey(rule)}`, {
      region,
      description: verbatim(rule.purpose),
      direction: 'ingress',
      ethertype: isIpv6(rule.from) ? 'IPv6' : 'IPv4',
      protocol: isIpv6(rule.from) && rule.protocol === 'icmp' ? 'ipv6-icmp' : rule.protocol,
      portRangeMin: rule.first,
      portRangeMax: rule.last,
      remoteIpPrefix: rule.from,
      securityGroupId: ids.get(rule.group) as string,
    });
  }
  return new SecurityGroups(ids);
}
