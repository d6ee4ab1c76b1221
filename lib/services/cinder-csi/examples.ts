import { examplesOf } from '../../kubernetes';
import { secret } from '../../site';
import { CinderCsi } from './cinder-csi';
import type { CinderCsiProps } from './props';

export const examples = examplesOf<CinderCsiProps>(
  CinderCsi,
  {
    id: 'cinder-csi',
    on: 'provisioned',
    alone: true,
    props: ({ site, core }) => ({
      site,
      namespace: 'volumes',
      patch: [{ object: 'DaemonSet/cinder-csi-node', operations: [{ op: 'add', path: '/metadata/labels/team', value: 'cloud' }] }],
      on: core,
      replicas: 3,
      zones: false,
      openstackCidrs: ['198.51.100.0/24'],
      openstackPorts: [443, 8776],
      kubeletDir: '/data/kubelet',
      healthPort: 9809,
      nodeMemory: '1GiB',
      cloudConf: secret('openstack', 'site.conf'),
      cloudAuthority: secret('openstack-ca', 'ca.crt'),
    }),
  },
  { id: 'cinder-csi', on: 'provisioned', props: () => ({}) },
);
