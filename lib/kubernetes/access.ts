import type { Construct } from 'constructs';
import type { Right } from '../endpoints';
import { type PolicyRule, place } from './manifest';
import { wildcardRule } from './messages';
import { pullSecrets } from './pull-secrets';
import type { ServiceChart } from './service-chart';
import type { Uses } from './uses';

/** Verbs on resources of the Kubernetes API that a workload needs. Wildcards are refused. */
export interface Access {
  /** In its own namespace. @default - nothing */
  readonly rules?: readonly PolicyRule[];
  /** In the whole cluster. @default - nothing */
  readonly clusterRules?: readonly PolicyRule[];
  /** In other namespaces. @default - nothing */
  readonly elsewhere?: readonly (Right & { readonly namespace: string })[];
}

/** Whether it talks to the Kubernetes API at all. */
export function needsToken({ rules, clusterRules, elsewhere = [] }: Access = {}): boolean {
  return Boolean(rules ?? clusterRules) || elsewhere.length > 0;
}

/** The workload's own rights, and those that its endpoints bring. */
export function accessOf(own: Access | undefined, { rules, rights }: Pick<Uses, 'rules' | 'rights'>): Access {
  const all = [...(own?.rules ?? []), ...rules];
  const elsewhere = [...(own?.elsewhere ?? []), ...rights];
  return { ...own, ...(own?.rules || all.length > 0 ? { rules: all } : {}), ...(elsewhere.length > 0 ? { elsewhere } : {}) };
}

/** The ServiceAccount of one part, with the roles it needs; its token is mounted only where there are any. */
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

/** The roles of one part. @param account ServiceAccount that has them. @default - the one named after the part */
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
    // Cluster-wide names carry the namespace: two facilities in one cluster must not share a role.
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
  for (const namespace of new Set(elsewhere.map((one) => one.namespace))) {
    const rules = elsewhere.filter((one) => one.namespace === namespace).flatMap((one) => one.rules);
    // Clients of several namespaces may have rights in this one.
    const metadata = { name: `${chart.namespace}-${name}`, namespace, labels };
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: metadata.name };
    place(scope, `role-${namespace}`, 'rbac.authorization.k8s.io/v1/Role', { metadata, rules });
    place(scope, `role-binding-${namespace}`, 'rbac.authorization.k8s.io/v1/RoleBinding', { metadata, subjects: [subject], roleRef });
  }
}
