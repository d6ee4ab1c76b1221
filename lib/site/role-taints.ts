import type { Cluster } from './cluster';
import type { Role, Taint } from './node-pool';

/**
 * Taints that the installer sets on nodes without the role worker. RKE2 sets it by `node-taint`; its system pods tolerate it.
 *
 * @see https://github.com/rancher/rke/blob/master/services/workerplane.go (unschedulableEtcdTaint, unschedulableControlTaint)
 * @see https://docs.rke2.io/install/ha
 */
export function roleTaints(cluster: Cluster, roles: readonly Role[]): readonly Taint[] {
  if (roles.includes('worker') || cluster.kind === 'existing') return [];
  if (cluster.kind === 'rke2') return [{ key: 'CriticalAddonsOnly', value: 'true', effect: 'NoExecute' }];
  const taints: readonly (readonly [Role, Taint])[] = [
    ['controlplane', { key: 'node-role.kubernetes.io/controlplane', value: 'true', effect: 'NoSchedule' }],
    ['etcd', { key: 'node-role.kubernetes.io/etcd', value: 'true', effect: 'NoExecute' }],
  ];
  return taints.flatMap(([role, taint]) => (roles.includes(role) ? [taint] : []));
}
