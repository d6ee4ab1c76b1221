import { cinder, defineSite, nodePool, openstack, rke1 } from '../../lib';

/** Node 1: control plane, etcd and worker in one. It is the one with the public address, so the ingress controller must run on it. */
export const master = nodePool('master', {
  keys: ['1'],
  flavor: { name: 'c8m16d50', vcpus: 8, memory: '16GiB', disk: '50GiB' },
  image: 'AlmaLinux-9.2',
  roles: ['controlplane', 'etcd', 'worker'],
  firstAddress: '10.64.0.11',
});

/** Nodes 2 to 6: all other pods. */
export const workers = nodePool('worker', {
  keys: ['2', '3', '4', '5', '6'],
  flavor: { name: 'c32m64d100', vcpus: 32, memory: '64GiB', disk: '100GiB' },
  image: 'AlmaLinux-9.2',
  firstAddress: '10.64.0.11',
});

/** The test bed of INFN Napoli: six virtual machines of an OpenStack project. */
export const site = defineSite('napoli', {
  cluster: rke1({ version: 'v1.27.16-rancher1-1', network: 'canal', ingress: 'nginx' }),
  cloud: openstack({
    region: 'RegionOne',
    cidr: '10.64.0.0/24',
    externalNetwork: 'public',
    publicAddress: '192.0.2.10',
    admins: ['192.0.2.0/24', '198.51.100.0/24'],
    sshKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVuLZTWXO7LJzCX0w0GcHXkfkyXPyPzMEjBR2Wr8HcC admin@napoli.example',
  }),
  pools: [master, workers],
  // Cinder volumes: they survive the loss of a machine and can be attached to another one, unlike local volumes of the nodes. The in-tree
  // OpenStack driver that RKE used before was removed in Kubernetes 1.26.
  storage: { default: cinder({ name: 'cinder', reclaim: 'Retain' }) },
});
