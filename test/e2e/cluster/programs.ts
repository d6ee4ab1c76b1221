/** Programs of a cluster, built if missing. */
import { join } from 'node:path';
import { built } from './control-plane';
import type { Control } from './nodes/control';
import type { NodePrograms } from './nodes/node';

export interface Programs extends Control, NodePrograms {
  /** CoreDNS, for names outside of the cluster. */
  readonly dns: string;
}

export function programs(version: string): Programs {
  const names = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet', 'kube-proxy'];
  const folder = built('kubernetes', version, ...names);
  return {
    etcd: built('etcd'),
    apiServer: join(folder, 'kube-apiserver'),
    controllerManager: join(folder, 'kube-controller-manager'),
    scheduler: join(folder, 'kube-scheduler'),
    kubelet: join(folder, 'kubelet'),
    proxy: join(folder, 'kube-proxy'),
    devicePlugin: built('device-plugin'),
    containerd: built('tool', 'containerd'),
    dns: built('tool', 'coredns'),
  };
}
