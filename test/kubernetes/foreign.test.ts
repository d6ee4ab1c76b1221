import { App } from 'cdk8s';
import { type Endpoint, endpoint, externalS3, s3Endpoint } from '../../lib/endpoints';
import { Facility } from '../../lib/facility';
import { Deployment, ledgerOf } from '../../lib/kubernetes';
import { DaskCluster } from '../../lib/services/dask';
import { DaskGateway } from '../../lib/services/dask-gateway';
import { dummy, environment, JupyterHub, size } from '../../lib/services/jupyterhub';
import { MinIO } from '../../lib/services/minio';
import { secret, storageClass } from '../../lib/site';
import { mayConnect } from '../fixtures/network';
import { briefly, cloud, existing, nodes, provisioned, worker } from '../fixtures/site';
import { Bench, basic, object, problems, rendered } from '../fixtures/workload';

const there = () => new Facility(existing({ test: true }, {}, 'bari'));
const here = () => new Facility(existing({ test: true }));
const client = (facility: Facility, ...uses: readonly Endpoint[]) =>
  new Bench((bench) => void new Deployment(bench, 'part', { ...basic, uses }), {}, 'bench', facility as unknown as App);
const hub = (facility: Facility, ...uses: readonly Endpoint[]) =>
  new JupyterHub(facility, 'jupyterhub', {
    on: nodes,
    host: 'hub.example.org',
    login: dummy({ allowAll: true }),
    environments: [environment('python')],
    sizes: [size('small', { cpu: 1, memory: '2GiB' })],
    uses,
  });

describe('an endpoint of another facility', () => {
  test('UNSUPPORTED_FOREIGN_ENDPOINT: is rejected for every client, with the fix of its service', () => {
    const other = there();
    const dask = new DaskCluster(other, 'dask', { on: nodes }).endpoint;
    const gateway = new DaskGateway(other, 'gateway', { on: nodes, hub: { id: 'jupyterhub' } }).endpoint;
    const store = new MinIO(other, 'minio', { on: nodes, servers: 1 }).endpoint;
    const own = here();
    hub(own, dask, gateway, store);
    client(own, store);
    new DaskCluster(own, 'dask', { on: nodes, uses: [store] });
    new DaskGateway(own, 'gateway', { on: nodes, uses: [store] });

    expect([...briefly(own.problems())].sort()).toEqual([
      'UNSUPPORTED_FOREIGN_ENDPOINT at cosenza/bench/uses/minio',
      'UNSUPPORTED_FOREIGN_ENDPOINT at cosenza/dask/uses/minio',
      'UNSUPPORTED_FOREIGN_ENDPOINT at cosenza/gateway/uses/minio',
      'UNSUPPORTED_FOREIGN_ENDPOINT at cosenza/jupyterhub/uses/dask',
      'UNSUPPORTED_FOREIGN_ENDPOINT at cosenza/jupyterhub/uses/gateway',
      'UNSUPPORTED_FOREIGN_ENDPOINT at cosenza/jupyterhub/uses/minio',
    ]);
    expect(own.problems().find(({ path }) => path === 'cosenza/bench/uses/minio')).toMatchObject({
      given: "endpoint 'minio' of site 'bari', used on site 'cosenza'",
      allowed: 'endpoints of the same facility, or endpoints with an external address',
      fix: "set host of the store, e.g. host: 's3.example.org': clients outside the cluster then connect through the ingress controller",
    });
    expect(other.problems()).toEqual([]);
  });

  test('is rejected also on the same site: the policies of the other facility would not allow the connection', () => {
    const site = existing();
    const dask = new DaskCluster(new Facility(site), 'dask', { on: nodes }).endpoint;
    expect(briefly(problems(client(new Facility(site), dask)))).toEqual(['UNSUPPORTED_FOREIGN_ENDPOINT at cosenza/bench/uses/dask']);
  });

  test('is rejected on another site of the same app', () => {
    const app = new App();
    const dask = new DaskCluster(app, 'dask', { site: existing({}, {}, 'bari'), on: nodes }).endpoint;
    const chart = new Bench((bench) => void new Deployment(bench, 'part', { ...basic, uses: [dask] }), { site: existing() }, 'bench', app);
    expect(briefly(problems(chart))).toEqual(['UNSUPPORTED_FOREIGN_ENDPOINT at cosenza/bench/uses/dask']);
  });

  test('is rejected by its origin even if it has no pods as targets', () => {
    const origin = { site: 'bari', service: 'catalogue' };
    expect(problems(client(here(), endpoint({ name: 'catalogue', origin })))).toMatchObject([
      {
        code: 'UNSUPPORTED_FOREIGN_ENDPOINT',
        fix: 'define an endpoint with an address that is reachable from this site: endpoint({ name, variables, reach })',
      },
    ]);
  });

  test('with a host name is used by its external address, the public address of its site', () => {
    const other = new Facility(provisioned({ cloud: cloud({ publicAddress: '192.0.2.10' }), storage: { default: storageClass('nfs') } }));
    const store = new MinIO(other, 'minio', { on: [worker()], servers: 1, serverTls: {}, host: 's3.example.org' }).endpoint;
    const external = s3Endpoint({
      name: 'minio',
      url: 'https://s3.example.org',
      region: 'us-east-1',
      bucket: 'scratch',
      accessKey: secret('minio-analysis', 'access-key'),
      secretKey: secret('minio-analysis', 'secret-key'),
      reach: [{ peer: { kind: 'addresses', cidrs: ['192.0.2.10/32'] }, port: 443 }],
    });
    expect(store.external).toEqual(external);

    const chart = client(here(), store);
    expect(problems(chart)).toEqual([]);
    expect(object(chart, 'Deployment').spec.template.spec.containers[0].env).toContainEqual({
      name: 'AWS_ENDPOINT_URL',
      value: 'https://s3.example.org',
    });
    const party = { name: 'bench-part', namespace: 'bench', labels: { 'app.kubernetes.io/instance': 'bench-part' } };
    expect(mayConnect(rendered(chart), party, { name: 'there', address: '192.0.2.10' }, 443)).toBe(true);
    expect(ledgerOf(chart).secrets.map(({ secret: { key }, origin }) => [key, origin])).toEqual([
      ['access-key', { kind: 'operator', what: 'access-key of https://s3.example.org' }],
      ['secret-key', { kind: 'operator', what: 'secret-key of https://s3.example.org' }],
    ]);
  });

  test('without a known address is reached through the Internet; in the same facility it is reached directly', () => {
    const other = there();
    const store = new MinIO(other, 'minio', { on: nodes, servers: 1, host: 's3.example.org' }).endpoint;
    expect(store.external?.binding.reach).toEqual([{ peer: { kind: 'internet' }, port: 443 }]);
    const chart = client(other, store);
    expect(object(chart, 'Deployment').spec.template.spec.containers[0].env).toContainEqual({ name: 'AWS_ENDPOINT_URL', value: store.url });
  });

  test('that is external can be used by every facility', () => {
    const outside = externalS3({ url: 'https://s3.example.org', accessKey: secret('a'), secretKey: secret('b') });
    expect([here(), there()].flatMap((facility) => problems(client(facility, outside)))).toEqual([]);
  });
});

describe('a flow to pods of another facility', () => {
  const foreign = () => {
    const made: Deployment[] = [];
    const chart = new Bench((bench) => made.push(new Deployment(bench, 'server', basic)), {}, 'store', there() as unknown as App);
    return { chart, targets: made.map((part) => part.port('http')) };
  };

  test('UNSUPPORTED_FOREIGN_PEER: as target, because the policy would select no pods', () => {
    const { targets } = foreign();
    const chart = new Bench((bench) => new Deployment(bench, 'part', basic).mayReach(...targets), {}, 'bench', here() as unknown as App);
    expect(problems(chart)).toMatchObject([
      {
        code: 'UNSUPPORTED_FOREIGN_PEER',
        path: 'cosenza/bench/part',
        given: "a connection between pods on site 'cosenza' and pods of 'store' in the facility on site 'bari'",
      },
    ]);
  });

  test('UNSUPPORTED_FOREIGN_PEER: as source', () => {
    const { chart: other } = foreign();
    const chart = new Bench(
      (bench) => new Deployment(bench, 'part', basic).mayBeReachedBy(other.groupOf('server'), 'http'),
      {},
      'bench',
      here() as unknown as App,
    );
    expect(briefly(problems(chart))).toEqual(['UNSUPPORTED_FOREIGN_PEER at cosenza/bench/part']);
  });

  test('peers that are written by hand are not rejected', () => {
    const peer = { kind: 'pods', namespace: 'monitoring', labels: { app: 'prometheus' } } as const;
    const chart = new Bench((bench) => new Deployment(bench, 'part', basic).mayBeReachedBy(peer, 'http'));
    expect(problems(chart)).toEqual([]);
  });
});
