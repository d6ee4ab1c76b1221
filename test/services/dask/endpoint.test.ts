import { Facility } from '../../../lib/facility';
import { DaskCluster, type ExternalDaskProps, externalDask } from '../../../lib/services/dask';
import { nodePool, secret } from '../../../lib/site';
import { notebookVariables } from '../../fixtures/endpoints';
import { briefly, existing, nodes, problemsOf } from '../../fixtures/site';

const tls = { certificate: secret('dask', 'tls.crt'), key: secret('dask', 'tls.key'), authority: secret('dask', 'ca.crt') };

test('the endpoint of a cluster has variables, pages and flows', () => {
  const { endpoint } = new DaskCluster(new Facility(existing()), 'dask', { on: nodes });
  expect(endpoint).toMatchObject({ kind: 'endpoint', protocol: 'dask', name: 'dask', origin: { site: 'cosenza', service: 'dask' } });
  expect(endpoint.binding).toEqual({
    variables: {
      DASK_SCHEDULER_ADDRESS: 'tcp://dask-scheduler.dask.svc.cluster.local:8786',
      DASK_DISTRIBUTED__DASHBOARD__LINK: {
        inNotebook: '{JUPYTERHUB_SERVICE_PREFIX}proxy/dask-scheduler.dask.svc.cluster.local:8787/status',
      },
    },
    pages: ['http://dask-scheduler.dask.svc.cluster.local:8787'],
    reach: [8786, 8787].map((port) => ({
      peer: { kind: 'pods', namespace: 'dask', labels: { 'app.kubernetes.io/instance': 'dask-scheduler' } },
      port,
    })),
    check: expect.any(Function),
  });
});

describe('externalDask', () => {
  test('with every option', () => {
    const props: Required<ExternalDaskProps> = {
      address: 'tls://dask.example.org:8786',
      name: 'physics',
      dashboard: 'https://dask.example.org/',
      version: '2025.11.0',
      tls,
      cidrs: ['192.0.2.30/32'],
    };
    const endpoint = externalDask(props);
    expect(endpoint).toMatchObject({ name: 'physics', address: props.address, dashboard: props.dashboard, version: '2025.11.0', tls });
    expect(endpoint.origin).toBeUndefined();
    expect(endpoint.binding.reach).toEqual([8786, 443].map((port) => ({ peer: { kind: 'addresses', cidrs: ['192.0.2.30/32'] }, port })));
    expect(endpoint.binding.mounts).toEqual({ '/etc/dask-tls': { volume: 'dask-tls', secret: [tls.authority, tls.certificate, tls.key] } });
    expect(notebookVariables(endpoint)).toEqual({
      DASK_SCHEDULER_ADDRESS: 'tls://dask.example.org:8786',
      DASK_DISTRIBUTED__DASHBOARD__LINK: '{JUPYTERHUB_SERVICE_PREFIX}proxy/dask.example.org/status',
      DASK_DISTRIBUTED__COMM__DEFAULT_SCHEME: 'tls',
      DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION: 'True',
      DASK_DISTRIBUTED__COMM__TLS__CA_FILE: '/etc/dask-tls/ca.crt',
      DASK_DISTRIBUTED__COMM__TLS__CLIENT__CERT: '/etc/dask-tls/tls.crt',
      DASK_DISTRIBUTED__COMM__TLS__CLIENT__KEY: '/etc/dask-tls/tls.key',
    });
    expect(endpoint.binding.check?.({ image: 'ghcr.io/dask/dask-notebook:2024.1.0' })?.code).toBe('CONFLICTING_DASK_VERSIONS');
    expect(endpoint.binding.check?.({ image: 'ghcr.io/dask/dask-notebook:2025.11.0' })).toBeUndefined();
  });

  test('with only an address', () => {
    const { name, binding } = externalDask({ address: 'tcp://192.0.2.31' });
    expect(name).toBe('192.0.2.31');
    expect(binding).toMatchObject({
      variables: { DASK_SCHEDULER_ADDRESS: 'tcp://192.0.2.31' },
      pages: [],
      reach: [{ peer: { kind: 'addresses', cidrs: ['192.0.2.31/32'] }, port: 8786 }],
    });
    expect(binding.check?.({ image: 'ghcr.io/dask/dask-notebook:2024.1.0' })).toBeUndefined();
  });

  test.each<[ExternalDaskProps, readonly string[]]>([
    [{ address: 'dask.example.org:8786' }, ['address']],
    [{ address: 'tls://dask.example.org:8786' }, ['address']],
    [{ address: 'tcp://dask.example.org:8786', tls }, ['address']],
    [{ address: 'http://dask.example.org', dashboard: 'dask.example.org' }, ['address', 'dashboard']],
  ])('INVALID_DASK_ADDRESS: %j', (props, names) => {
    expect(briefly(problemsOf(() => externalDask(props)))).toEqual(names.map((name) => `INVALID_DASK_ADDRESS at externalDask/${name}`));
  });
});

test('a cluster that uses the endpoint of another cluster is rejected: both set DASK_SCHEDULER_ADDRESS', () => {
  const facility = new Facility(
    existing({ pools: [nodes, nodePool('other', { flavor: { vcpus: 16, memory: '64GiB' }, labels: { a: 'b' } })] }),
  );
  const first = new DaskCluster(facility, 'first', { on: nodes });
  new DaskCluster(facility, 'second', { on: nodes, uses: [first.endpoint] });
  expect(facility.problems()).toMatchObject([
    {
      code: 'CONFLICTING_ENDPOINTS',
      path: 'cosenza/second/uses/first',
      given:
        "endpoints 'second' and 'first', which set different values of variable DASK_SCHEDULER_ADDRESS, variable DASK_DISTRIBUTED__DASHBOARD__LINK",
    },
  ]);
});
