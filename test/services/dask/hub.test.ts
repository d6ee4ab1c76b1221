import { Testing } from 'cdk8s';
import { DaskGateway, Facility } from '../../../lib';
import { ledgerOf } from '../../../lib/authoring';
import { DaskCluster, type DaskClusterProps } from '../../../lib/services/dask';
import { dummy, environment, JupyterHub, size } from '../../../lib/services/jupyterhub';
import { mayConnect } from '../../fixtures/network';
import { briefly, existing, type Manifest, nodes, only } from '../../fixtures/site';

/** A hub that uses a Dask cluster. */
function facility(props: Partial<DaskClusterProps>, images: Readonly<Record<string, string>> = {}) {
  const facility = new Facility(existing({ test: true }));
  const dask = new DaskCluster(facility, 'dask', { on: nodes, ...props });
  const hub = new JupyterHub(facility, 'jupyterhub', {
    on: nodes,
    host: 'hub.example.org',
    login: dummy({ allowAll: true }),
    environments: [environment('python'), ...Object.entries(images).map(([name, image]) => environment(name, { image }))],
    sizes: [size('small', { cpu: 1, memory: '2GiB' })],
    uses: [dask.endpoint],
  });
  return { dask, hub };
}

/** Configuration of the hub as text; the tests do not depend on its structure. */
const hubConfig = (hub: JupyterHub) =>
  (Testing.synth(hub) as Manifest[])
    .flatMap(({ kind, data }) => (kind === 'ConfigMap' && data['hub.json'] ? [data['hub.json'] as string] : []))
    .join();

test('notebooks mount the TLS certificate of the cluster', () => {
  const { dask, hub } = facility({ tls: { secret: 'dask-certificate', authority: 'ca.crt' } });
  expect(hubConfig(hub)).toContain('"secretName": "dask-certificate"');
  expect(hubConfig(hub)).toContain('"mountPath": "/etc/dask-tls"');
  expect(hubConfig(hub)).toContain('"DASK_DISTRIBUTED__COMM__TLS__CLIENT__CERT": "/etc/dask-tls/tls.crt"');
  expect(hubConfig(hub)).toContain(dask.endpoint.address);
  const required = ledgerOf(hub).secrets.filter(
    ({ namespace, secret }) => namespace === 'jupyterhub' && secret.name === 'dask-certificate',
  );
  expect(required.map(({ secret: { key }, origin }) => [key, origin.kind])).toEqual([
    ['ca.crt', 'operator'],
    ['tls.crt', 'operator'],
    ['tls.key', 'operator'],
  ]);
});

test('notebooks have no certificate if the cluster does not use TLS', () => {
  expect(hubConfig(facility({}).hub)).not.toContain('dask-tls');
});

test('a notebook image with another version of Dask than the workers is rejected if both tags state a version', () => {
  const images = {
    old: 'ghcr.io/dask/dask-notebook:2024.1.0',
    own: 'registry.example/notebook:3',
    same: 'registry.example/dask-root:2025.11.0',
  };
  expect(briefly(ledgerOf(facility({}, images).hub).problems.all)).toEqual([
    'CONFLICTING_DASK_VERSIONS at cosenza/jupyterhub/environments/old/image',
  ]);
  expect(briefly(ledgerOf(facility({ image: 'registry.example/workers:3' }, images).hub).problems.all)).toEqual([]);
  expect(ledgerOf(facility({}, images).hub).problems.all[0]).toMatchObject({
    given: expect.stringContaining('2024.1.0'),
    fix: expect.stringContaining('tag 2025.11.0'),
  });
});

/** Smallest valid hub. */
const minimalHub = {
  on: nodes,
  host: 'hub.example.org',
  login: dummy({ allowAll: true }),
  environments: [environment('python')],
  sizes: [size('small', { cpu: 1, memory: '2GiB' })],
};

test('CONFLICTING_HUB_IDENTITY: a gateway accepts only users of its own hub', () => {
  const facility = new Facility(existing({ test: true }));
  const gateway = new DaskGateway(facility, 'dask-gateway', { on: nodes, hub: { id: 'other' } });
  expect(
    only(ledgerOf(new JupyterHub(facility, 'hub', { ...minimalHub, uses: [gateway.endpoint] })).problems.all, 'CONFLICTING_HUB_IDENTITY'),
  ).toMatchObject({
    path: 'cosenza/hub/uses/dask-gateway',
    given: "endpoint 'dask-gateway', which authenticates the users of hub { id: 'other', namespace: 'other' }",
    fix: "write hub: { id: 'hub', namespace: 'hub' } in the description of 'dask-gateway'",
  });
});

test('a hub with a gateway registers the service, grants the scopes and sets the variables of notebooks', () => {
  const facility = new Facility(existing({ test: true }));
  const gateway = new DaskGateway(facility, 'dask-gateway', { on: nodes });
  const hub = new JupyterHub(facility, 'jupyterhub', { ...minimalHub, uses: [gateway.endpoint] });
  expect(briefly(ledgerOf(hub).problems.all)).toEqual([]);
  expect(JSON.parse(hubConfig(hub)).identities).toEqual([
    { service: 'dask-gateway', scopes: ['access:services!service=dask-gateway', 'read:users:name!user', 'read:users:groups!user'] },
  ]);
  expect(hubConfig(hub)).toContain('"DASK_GATEWAY__AUTH__TYPE": "jupyterhub"');
  const config = (Testing.synth(hub) as Manifest[]).find(({ kind, data }) => kind === 'ConfigMap' && data['jupyter_server_config.json']);
  expect(config?.data['jupyter_server_config.json']).toContain('dask-gateway-proxy.dask-gateway.svc.cluster.local');
  // The NetworkPolicies of client and server agree.
  const objects = [...(Testing.synth(hub) as Manifest[]), ...(Testing.synth(gateway) as Manifest[])];
  const party = (namespace: string, name: string) => ({ name, namespace, labels: { 'app.kubernetes.io/instance': name } });
  const proxy = party('dask-gateway', 'dask-gateway-proxy');
  const notebook = party('jupyterhub', 'jupyterhub-user');
  expect([8000, 8786, 9000].map((port) => mayConnect(objects, notebook, proxy, port))).toEqual([true, true, false]);
  expect(mayConnect(objects, party('dask-gateway', 'dask-gateway-api'), party('jupyterhub', 'jupyterhub-hub'), 8081)).toBe(true);
});

test('a cluster used by one environment accepts only servers of that environment', () => {
  const facility = new Facility(existing({ test: true }));
  const dask = new DaskCluster(facility, 'dask', { on: nodes });
  const hub = new JupyterHub(facility, 'jupyterhub', {
    ...minimalHub,
    environments: [environment('python'), environment('scans', { uses: [dask.endpoint] })],
  });
  expect(briefly(facility.problems())).toEqual([]);
  const objects = [...(Testing.synth(hub) as Manifest[]), ...(Testing.synth(dask) as Manifest[])];
  const server = (labels: Record<string, string>) => ({
    name: 'server',
    namespace: 'jupyterhub',
    labels: { 'app.kubernetes.io/instance': 'jupyterhub-user', ...labels },
  });
  const scheduler = { name: 'scheduler', namespace: 'dask', labels: { 'app.kubernetes.io/instance': 'dask-scheduler' } };
  expect(mayConnect(objects, server({ 'analysis-facility.io/environment': 'scans' }), scheduler, 8786)).toBe(true);
  expect(mayConnect(objects, server({}), scheduler, 8786)).toBe(false);
});
