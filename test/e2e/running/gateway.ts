/** Extends the site existing-cluster by a Dask Gateway, with which users start their own clusters. */
import { join } from 'node:path';
import { site as existing, nodes } from '../../../apps/existing-cluster/site';
import { DaskCluster, DaskGateway, environment, Facility, JupyterHub, MinIO, oidc, oidcIssuer, size } from '../../../lib';
import { daskGateway } from '../../../lib/services/dask-gateway/description';
import { applyManifests } from '../cluster/deploy';
import { tableImages } from '../cluster/images';
import { ownCluster, withoutCluster } from './cells';
import type { Site } from './site';
import { eventually, expect, first, remembers, second } from './use';

const image = 'registry.example.org/notebook-gateway:1';

/** The same services, and the gateway. */
function grown(outdir: string): void {
  const facility = new Facility(existing, { outdir });
  const store = new MinIO(facility, 'minio', { on: nodes, servers: 1, driveSize: '200GiB' });
  const dask = new DaskCluster(facility, 'dask', { on: nodes, workers: 3, worker: { cpu: 2, memory: '8GiB' }, uses: [store.endpoint] });
  const gateway = new DaskGateway(facility, 'dask-gateway', { on: nodes, images: [image], limits: { clusters: 1, workers: 2 } });
  new JupyterHub(facility, 'jupyterhub', {
    on: nodes,
    host: 'jupyter.analysis.example',
    login: oidc({ issuer: oidcIssuer('https://login.example.org/'), client: 'jupyterhub', allowAll: true }),
    environments: [environment('python', { title: 'Python and Dask' }), environment('own', { image })],
    sizes: [size('small', { cpu: 1, memory: '2GiB' }), size('large', { cpu: 4, memory: '16GiB' })],
    uses: [store.endpoint, dask.endpoint, gateway.endpoint],
  });
  facility.synth();
}

/** Images of all steps. */
export const images: readonly string[] = [...tableImages, daskGateway.images['dask-gateway-server'], image];

/** Applied over what is there and in use. */
export async function grows(site: Site): Promise<string> {
  const { uid } = await site.podOf(first);
  await site.cell(first, "kept = 'in the memory of the kernel'\nprint('null')");
  const folder = join(site.folder, 'grown');
  grown(folder);
  const start = Date.now();
  await applyManifests(site.cluster, folder, site.secrets);
  await site.ready(folder);
  await site.cluster.policiesInForce();
  expect('the server of before', (await site.podOf(first)).uid, uid);
  await remembers(site, first);
  return `ready after ${((Date.now() - start) / 1000).toFixed(1)} s`;
}

interface Pods {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly spec: { readonly nodeName: string; readonly containers: any[] };
  }[];
}

async function podsOfClusters(site: Site): Promise<Pods['items']> {
  const which = 'app.kubernetes.io/component in (dask-scheduler,dask-worker)';
  const { stdout } = await site.cluster.run(['get', 'pods', '-n', 'dask-gateway', '-l', which, '-o', 'json']);
  return (JSON.parse(stdout) as Pods).items;
}

export async function startsCluster(site: Site): Promise<string> {
  await site.browse(second, ['login']);
  await site.browse(second, ['start', 'own', 'small']);
  const start = Date.now();
  expect('what the cluster computed, and where', await site.cell(second, ownCluster, 240), { total: 499_500, workers: 2 });
  const seconds = ((Date.now() - start) / 1000).toFixed(1);
  const pods = await podsOfClusters(site);
  expect('scheduler and workers', pods.length, 3);
  expect('their image', [...new Set(pods.map((it) => it.spec.containers[0].image))], [image]);
  await site.cell(second, withoutCluster, 60);
  await eventually('the cluster of the user is removed', 120, async () => {
    const left = await podsOfClusters(site);
    return left.length === 0 || left.map((it) => it.metadata.name).join();
  });
  return `asked for and computed in ${seconds} s, on ${new Set(pods.map((it) => it.spec.nodeName)).size} nodes`;
}
