import { DaskCluster, environment, Facility, JupyterHub, MinIO, oidc, oidcIssuer, size } from '../../lib';
import { nodes, site } from './site';

export const existingCluster = new Facility(site);

const store = new MinIO(existingCluster, 'minio', { on: nodes, servers: 1, driveSize: '200GiB' });
const dask = new DaskCluster(existingCluster, 'dask', {
  on: nodes,
  workers: 3,
  worker: { cpu: 2, memory: '8GiB' },
  uses: [store.endpoint],
});

new JupyterHub(existingCluster, 'jupyterhub', {
  on: nodes,
  host: 'jupyter.analysis.example',
  login: oidc({ issuer: oidcIssuer('https://login.example.org/'), client: 'jupyterhub', allowAll: true }),
  environments: [environment('python', { title: 'Python and Dask' })],
  sizes: [size('small', { cpu: 1, memory: '2GiB' }), size('large', { cpu: 4, memory: '16GiB' })],
  uses: [store.endpoint, dask.endpoint],
});
