import type { Construct } from 'constructs';
import type { Right } from '../endpoints';
import { type PolicyRule, place } from './manifest';
import { wildcardRule } from './messages';
import { pullSecrets } from './pull-secrets';
import type { ServiceChart } from './service-chart';
import type { Uses } from './uses';

/** RBAC rules that a workload needs. Wildcards are rejected with INSECURE_WILDCARD_RULE. */
export interface Access {
  /** Rules of a Role in its own namespace. @default - none */
  readonly rules?: readonly PolicyRule[];
  /** Rules of a ClusterRole. @default - none */
  readonly clusterRules?: readonly PolicyRule[];
  /** Rules of Roles in other namespaces. @default - none */
  readonly elsewhere?: readonly (Right & { readonly namespace: string })[];
}

/** Whether a workload with this access needs a token for the Kubernetes API. */
export function needsToken({ rules, clusterRules, elsewhere = [] }: Access = {}): boolean {
  return Boolean(rules ?? clusterRules) || elsewhere.length > 0;
}

/** The workload's own access, with the rules that its endpoints add. */
export function accessOf(own: Access | undefined, { rules, rights }: Pick<Uses, 'rules' | 'rights'>): Access {
  const all = [...(own?.rules ?? []), ...rules];
  const elsewhere = [...(own?.elsewhere ?? []), ...rights];
  return { ...own, ...(own?.rules || all.length > 0 ? { rules: all } : {}), ...(elsewhere.length > 0 ? { elsewhere } : {}) };
}

/** Creates the ServiceAccount of one part and its roles. Its token is mounted only if it has roles. */
export function placeServiceAccount(chart: ServiceChart, scope: Construct, part: string, access?: Access): string {
  const name = chart.objectName(part);
  place(scope, 'service-account', 'v1/ServiceAccount', {
    metadata: { name, labels: chart.labelsOf(part) },
    automountServiceAccountToken: false,
    ...pullSecrets(chart),
  });
  placeRoles(chart, scope, part, access);
  return name;
}

/** Creates the roles of one part. @param account ServiceAccount that they are bound to. @default - the one named after the part */
export function placeRoles(chart: ServiceChart, scope: Construct, part: string, access?: Access, account?: string): void {
  const name = chart.objectName(part);
  const labels = chart.labelsOf(part);
  const subject = { kind: 'ServiceAccount', name: account ?? name, namespace: chart.namespace };
  const elsewhere = access?.elsewhere ?? [];
  for (const rule of [...(access?.rules ?? []), ...(access?.clusterRules ?? []), ...elsewhere.flatMap(({ rules }) => rules)]) {
    const all = [...(rule.verbs ?? []), ...(rule.resources ?? []), ...(rule.apiGroups ?? [])];
    if (all.includes('*')) chart.problems.add(`${chart.path(scope)}/access`, wildcardRule(JSON.stringify(rule)));
  }
  if (access?.rules) {
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name };
    place(scope, 'role', 'rbac.authorization.k8s.io/v1/Role', { metadata: { name, labels }, rules: access.rules });
    place(scope, 'role-binding', 'rbac.authorization.k8s.io/v1/RoleBinding', { metadata: { name, labels }, subjects: [subject], roleRef });
  }
  if (access?.clusterRules) {
    // Names of ClusterRoles contain the namespace: two facilities in one cluster must not share a role.
    const clusterName = `${chart.namespace}-${name}`;
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: clusterName };
    place(scope, 'cluster-role', 'rbac.authorization.k8s.io/v1/ClusterRole', {
      metadata: { name: clusterName, labels },
      rules: access.clusterRules,
    });
    place(scope, 'cluster-role-binding', 'rbac.authorization.k8s.io/v1/ClusterRoleBinding', {
      metadata: { name: clusterName, labels },
      subjects: [subject],
      roleRef,
    });
  }
  for (const namespace of new Set(elsewhere.map((right) => right.namespace))) {
    const rules = elsewhere.filter((right) => right.namespace === namespace).flatMap((right) => right.rules);
    // Clients in several namespaces may have a role in this one.
    const metadata = { name: `${chart.namespace}-${name}`, namespace, labels };
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: metadata.name };
    place(scope, `role-${namespace}`, 'rbac.authorization.k8s.io/v1/Role', { metadata, rules });
    place(scope, `role-binding-${namespace}`, 'rbac.authorization.k8s.io/v1/RoleBinding', { metadata, subjects: [subject], roleRef });
  }
}
