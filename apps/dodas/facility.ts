import { environment, Facility, JupyterHub, oidc, oidcIssuer, size } from '../../lib';
import { externalPool, HTCondorPool, hostNetwork } from '../../lib/services/htcondor';
import { collector, schedd, site, workers } from './site';

export const dodas = new Facility(site);

const iam = oidcIssuer('https://iam.dodas.example/');

/** The pool of a partner, which runs jobs that find no slot here. Its administrators give the token of the access point. */
const partner = externalPool({
  name: 'bari',
  collector: 'condor.bari.example:9618',
  domain: 'bari.example',
  cidrs: ['198.51.100.0/24'],
});

const pool = new HTCondorPool(dodas, 'htcondor', {
  on: collector,
  domain: 'dodas.example',
  longestJob: '24h',
  manager: { addressing: hostNetwork({ nodeLabels: { condor: 'ccb' }, from: ['198.51.100.0/24'] }) },
  accessPoints: {
    ap: {
      on: schedd,
      addressing: hostNetwork({ nodeLabels: { condor: 'schedd' }, from: ['198.51.100.0/24'] }),
      spool: { size: '100GiB' },
    },
  },
  // Each tenant has nodes of its own, and a share of those that are for all.
  tenants: {
    cms: { users: ['alice', 'bob'], quota: 0.6 },
    virgo: { users: ['carol'], quota: 0.4 },
  },
  execute: {
    cms: { on: workers, pods: 2, cpu: 8, memory: '16GiB', disk: '40GiB', tenants: ['cms'] },
    virgo: { on: workers, pods: 1, cpu: 8, memory: '16GiB', disk: '40GiB', tenants: ['virgo'] },
    all: { on: workers, pods: 2, cpu: 4, memory: '8GiB', disk: '20GiB', longestJob: '6h' },
  },
  flocksTo: [partner],
});

new JupyterHub(dodas, 'jupyterhub', {
  on: workers,
  host: 'jupyter.192-0-2-20.nip.example',
  login: oidc({ issuer: iam, client: 'dodas-jupyterhub', allowedGroups: ['cms', 'virgo'], adminGroups: ['admins'] }),
  environments: [
    environment('htcondor', {
      title: 'Python and HTCondor',
      description: 'JupyterLab with the commands and Python bindings of HTCondor, and dask-jobqueue',
      image: 'harbor.dodas.example/jupyter/htcondor:2026.11',
    }),
  ],
  sizes: [size('small', { cpu: 2, memory: '4GiB' }), size('large', { cpu: 4, memory: '16GiB' })],
  home: { size: '20GiB' },
  uses: [pool.endpoint],
});
