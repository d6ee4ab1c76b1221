import type { Construct } from 'constructs';
import { type PolicyRule, place } from './manifest';
import { wildcardRule } from './messages';
import type { ServiceChart } from './service-chart';

/** Verbs on resources of the Kubernetes API that a workload needs. Wildcards are refused. */
export interface Access {
  /** In its own namespace. @default - nothing */
  readonly rules?: readonly PolicyRule[];
  /** In the whole cluster. @default - nothing */
  readonly clusterRules?: readonly PolicyRule[];
}

/** The ServiceAccount of one part, with the roles it needs; its token is mounted only where there are any. */
export function placeServiceAccount(chart: ServiceChart, scope: Construct, part: string, access?: Access): string {
  const name = chart.objectName(part);
  const labels = chart.labelsOf(part);
  const subject = { kind: 'ServiceAccount', name, namespace: chart.namespace };
  place(scope, 'service-account', 'v1/ServiceAccount', { metadata: { name, labels }, automountServiceAccountToken: false });
  for (const rule of [...(access?.rules ?? []), ...(access?.clusterRules ?? [])]) {
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
  return name;
}
