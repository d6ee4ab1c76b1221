/** The control plane of a cluster with nodes: etcd, API server, controllers and scheduler in one machine. */
import { join } from 'node:path';
import type { Identities } from './identities';
import type { Daemon, Machine } from './machine';
import type { Network } from './network';

export interface Control {
  readonly etcd: string;
  readonly apiServer: string;
  readonly controllerManager: string;
  readonly scheduler: string;
}

/** The kubeconfigs that the daemons of the control plane and the proxies use. */
export function controlIdentities(identities: Identities, plan: Network) {
  const server = `https://${plan.apiServer}:6443`;
  return {
    controllers: identities.kubeconfig('controllers.conf', server, 'system:kube-controller-manager'),
    scheduler: identities.kubeconfig('scheduler.conf', server, 'system:kube-scheduler'),
    proxy: identities.kubeconfig('proxy.conf', server, 'system:kube-proxy'),
    inside: identities.kubeconfig('inside.conf', server, 'inside-admin', 'system:masters'),
  };
}

export function startApiServer(machine: Machine, programs: Control, identities: Identities, plan: Network): Daemon {
  machine.daemon('etcd', [
    programs.etcd,
    '--name=only',
    `--data-dir=${join(machine.folder, 'etcd')}`,
    '--listen-client-urls=http://127.0.0.1:2379',
    '--advertise-client-urls=http://127.0.0.1:2379',
    '--listen-peer-urls=http://127.0.0.1:2380',
    '--initial-advertise-peer-urls=http://127.0.0.1:2380',
    '--initial-cluster=only=http://127.0.0.1:2380',
    '--unsafe-no-fsync',
  ]);
  return machine.daemon('kube-apiserver', [
    programs.apiServer,
    '--etcd-servers=http://127.0.0.1:2379',
    '--bind-address=0.0.0.0',
    `--advertise-address=${plan.apiServer}`,
    '--secure-port=6443',
    `--cert-dir=${identities.folder}`,
    `--token-auth-file=${identities.file('tokens.csv')}`,
    `--client-ca-file=${identities.file('nodes.crt')}`,
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    '--allow-privileged',
    `--service-cluster-ip-range=${plan.serviceCidr}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-signing-key-file=${identities.file('service-accounts.key')}`,
    `--service-account-key-file=${identities.file('service-accounts.pub')}`,
    `--kubelet-client-certificate=${identities.file('kubelet-client.crt')}`,
    `--kubelet-client-key=${identities.file('kubelet-client.key')}`,
    '--kubelet-preferred-address-types=InternalIP',
    '--enable-priority-and-fairness=false',
    // The default of five minutes is too long to test how pods of a failed node are replaced.
    '--default-not-ready-toleration-seconds=5',
    '--default-unreachable-toleration-seconds=5',
  ]);
}

export function startControllers(
  machine: Machine,
  programs: Control,
  identities: Identities,
  conf: ReturnType<typeof controlIdentities>,
): Daemon {
  const busy = ['--kube-api-qps=500', '--kube-api-burst=1000', '--leader-elect=false', '--bind-address=127.0.0.1'];
  const as = (file: string) => [`--kubeconfig=${file}`, `--authentication-kubeconfig=${file}`, `--authorization-kubeconfig=${file}`];
  machine.daemon('kube-scheduler', [programs.scheduler, ...as(conf.scheduler), ...busy]);
  return machine.daemon('kube-controller-manager', [
    programs.controllerManager,
    ...as(conf.controllers),
    ...busy,
    `--service-account-private-key-file=${identities.file('service-accounts.key')}`,
    `--root-ca-file=${identities.authority()}`,
    '--use-service-account-credentials',
    '--allocate-node-cidrs=false',
    '--node-monitor-period=2s',
    '--node-monitor-grace-period=16s',
  ]);
}
