import { choice, environment, Facility, JupyterHub, NvidiaGpus, option, sharedVolume, size } from '../../lib';
import type { PodPeer } from '../../lib/authoring';
import { keycloak } from '../../lib/services/jupyterhub';
import { cpus, halves, pieces, site } from './site';

export const maxiv = new Facility(site);

const prometheus: PodPeer = { kind: 'pods', namespace: 'monitoring', labels: { 'app.kubernetes.io/name': 'prometheus' } };

/** Requires an installed GPU Operator without a ClusterPolicy. The driver is part of the image of the nodes. */
new NvidiaGpus(maxiv, 'gpus', {
  toolkit: 'nodes',
  metrics: { from: prometheus, monitors: { release: 'monitoring' } },
});

/** Data of a beamline, readable by its group. */
const data = (beamline: string) => sharedVolume(beamline, { at: `/data/${beamline}`, from: { claim: `data-${beamline}` }, writable: true });
const raw = sharedVolume('visitors', { at: '/data/visitors', from: { claim: 'data-visitors' } });

const image = (name: string) => `harbor.maxiv.example/jupyter/${name}:2026.11`;
const soon = { after: '30m' } as const;

/** A MIG slice on request. Idle servers are culled soon, so that other users get the slice. */
const none = choice('none', { title: 'none' });
const tenth = choice('small', { accelerator: pieces.slice('1g.10gb'), cull: soon });
const fifth = choice('medium', { accelerator: pieces.slice('2g.20gb'), cull: soon });
const small = option('gpu', { title: 'GPU', choices: [none, tenth] });
const gpu = option('gpu', { title: 'GPU', choices: [none, tenth, fifth] });

new JupyterHub(maxiv, 'jupyterhub', {
  on: cpus,
  host: 'jupyterhub.maxiv.example',
  login: keycloak('https://keycloak.maxiv.example/', 'maxiv', {
    client: 'jupyterhub',
    allowedGroups: ['staff', 'bloch', 'formax', 'maxpeem', 'tomography'],
    adminGroups: ['scientific-software'],
  }),
  environments: [
    environment('conda', { title: 'Conda', description: 'JupyterLab with the environments of conda', image: image('conda') }),
    environment('development', {
      title: 'Development',
      description: 'Compilers, debuggers and CUDA',
      image: image('development'),
      groups: ['staff'],
      share: { accelerators: 2 },
      options: [small],
    }),
    environment('hdfs', { title: 'HDFS', description: 'Viewers and tools for HDF5 files', image: image('hdfs') }),
    environment('matlab', {
      title: 'Matlab',
      image: image('matlab'),
      groups: ['staff'],
      env: { MLM_LICENSE_FILE: '27000@10.128.7.11' },
    }),
    environment('bloch', {
      title: 'Bloch',
      description: 'Photoelectron spectra',
      image: image('bloch'),
      groups: ['bloch'],
      share: { accelerators: 2 },
      volumes: [data('bloch')],
      options: [gpu],
    }),
    environment('formax', {
      title: 'ForMax',
      description: 'Scattering and imaging',
      image: image('formax'),
      groups: ['formax'],
      share: { accelerators: 2 },
      volumes: [data('formax')],
      options: [gpu],
    }),
    environment('maxpeem', {
      title: 'MAXPEEM',
      description: 'Photoemission microscopy',
      image: image('maxpeem'),
      groups: ['maxpeem'],
      volumes: [data('maxpeem')],
    }),
    environment('tomography', {
      title: 'Tomography',
      description: 'Reconstruction on half an A100',
      image: image('tomography'),
      groups: ['tomography'],
      volumes: [data('tomography')],
      accelerator: halves.slice('3g.40gb'),
      share: { servers: 8 },
      cull: soon,
    }),
  ],
  sizes: [size('small', { cpu: 4, memory: '32GiB' }), size('large', { cpu: 16, memory: '128GiB' })],
  home: { shared: { claim: 'homes' } },
  volumes: [raw],
  // Ports of the MATLAB licence server: the licence manager at 27000, and its vendor daemon.
  reach: [27000, 27001].map((port) => ({ peer: { kind: 'addresses', cidrs: ['10.128.7.11/32'] }, port })),
  cull: { after: '4h', kernels: { after: '2h' } },
  pullImages: true,
  metrics: { from: prometheus },
});
