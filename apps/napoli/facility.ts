import { DaskCluster, environment, Facility, JupyterHub, MinIO, oidc, oidcIssuer, size } from '../../lib';
import { site, workers } from './site';

export const napoli = new Facility(site);

const store = new MinIO(napoli, 'minio', {
  on: workers,
  servers: 4,
  driveSize: '500GiB',
  buckets: [{ name: 'scratch' }, { name: 'results', versioning: true }],
});

const dask = new DaskCluster(napoli, 'dask', { on: workers, workers: 8, worker: { cpu: 4, memory: '16GiB' }, uses: [store.endpoint] });

new JupyterHub(napoli, 'jupyterhub', {
  on: workers,
  host: 'jupyter.192-0-2-10.nip.example',
  login: oidc({
    issuer: oidcIssuer('https://iam.napoli.example/'),
    client: 'napoli-jupyterhub',
    allowedGroups: ['analysis'],
    adminGroups: ['admins'],
  }),
  environments: [
    environment('python', { title: 'Python and Dask', description: 'JupyterLab with the Dask of the shared cluster' }),
    environment('scipy', {
      title: 'SciPy',
      description: 'JupyterLab with the scientific Python libraries',
      image: 'quay.io/jupyter/scipy-notebook:2025-11-24',
    }),
  ],
  sizes: [size('small', { cpu: 2, memory: '4GiB' }), size('large', { cpu: 8, memory: '24GiB' })],
  home: { size: '10GiB' },
  uses: [store.endpoint, dask.endpoint],
});
