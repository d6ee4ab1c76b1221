import { cinder, defineSite, nodePool, openstack, rke2 } from '../../lib';

/** Control plane, etcd, and the entry for host names. */
export const master = nodePool('master', {
  keys: ['1'],
  flavor: { name: 'm1.large', vcpus: 8, memory: '16GiB', disk: '80GiB' },
  image: 'AlmaLinux-9.2',
  roles: ['controlplane', 'etcd', 'worker'],
});

/** The virtual machine of the collector: other pools and execute nodes connect to its address. */
export const collector = nodePool('collector', {
  keys: ['1'],
  flavor: { name: 'm1.medium', vcpus: 4, memory: '8GiB', disk: '40GiB' },
  image: 'AlmaLinux-9.2',
  labels: { condor: 'ccb' },
  taints: [{ key: 'condor', value: 'ccb', effect: 'NoSchedule' }],
});

/** The virtual machine of the schedd, with the job queue. */
export const schedd = nodePool('schedd', {
  keys: ['1'],
  flavor: { name: 'm1.large', vcpus: 8, memory: '16GiB', disk: '80GiB' },
  image: 'AlmaLinux-9.2',
  labels: { condor: 'schedd' },
  taints: [{ key: 'condor', value: 'schedd', effect: 'NoSchedule' }],
});

/** Nodes for jobs and notebooks. */
export const workers = nodePool('worker', {
  keys: ['1', '2', '3', '4'],
  flavor: { name: 'm1.xxlarge', vcpus: 32, memory: '64GiB', disk: '200GiB' },
  image: 'AlmaLinux-9.2',
});

/** A batch system as a service, as DODAS offers it on INFN Cloud: an HTCondor pool on virtual machines of OpenStack. */
export const site = defineSite('dodas', {
  cluster: rke2({ version: 'v1.31.8+rke2r1', network: 'canal', ingress: 'nginx' }),
  cloud: openstack({
    region: 'RegionOne',
    cidr: '10.65.0.0/24',
    externalNetwork: 'public',
    publicAddress: '192.0.2.20',
    admins: ['192.0.2.0/24'],
    sshKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVuLZTWXO7LJzCX0w0GcHXkfkyXPyPzMEjBR2Wr8HcC admin@dodas.example',
  }),
  pools: [master, collector, schedd, workers],
  storage: { default: cinder({ name: 'cinder', reclaim: 'Retain' }) },
});
