import { endpoint, endpointConflicts, externalS3, prefixed } from '../../lib/endpoints';
import { daskEndpoint } from '../../lib/services/dask';
import { secret } from '../../lib/site';
import { refused } from '../fixtures/site';

const store = (name: string, authority = secret(`${name}-ca`, 'ca.crt')) =>
  externalS3({ name, url: `https://${name}.example.org`, accessKey: secret(name, 'a'), secretKey: secret(name, 's'), authority });

describe('prefixed', () => {
  test('prefixes variables and moves mount paths, also in the values of variables', () => {
    const archive = prefixed('ARCHIVE', store('archive'));
    expect(archive).toMatchObject({ name: 'archive', protocol: 's3', url: 'https://archive.example.org' });
    expect(archive.binding.variables).toEqual({
      ARCHIVE_AWS_ENDPOINT_URL: 'https://archive.example.org',
      ARCHIVE_AWS_DEFAULT_REGION: 'us-east-1',
      ARCHIVE_AWS_ACCESS_KEY_ID: secret('archive', 'a'),
      ARCHIVE_AWS_SECRET_ACCESS_KEY: secret('archive', 's'),
      ARCHIVE_AWS_CA_BUNDLE: '/etc/archive/etc/s3-authority/ca.crt',
    });
    expect(archive.binding.mounts).toEqual({
      '/etc/archive/etc/s3-authority': { volume: 'archive-s3-authority', secret: [secret('archive-ca', 'ca.crt')] },
    });
    expect(archive.binding.reach).toEqual(store('archive').binding.reach);
  });

  test('also prefixes the variables of the external endpoint', () => {
    const one = endpoint({ name: 'a', variables: { A: 'inside' }, external: endpoint({ name: 'a', variables: { A: 'outside' } }) });
    expect(prefixed('SECOND_ONE', one).external?.binding.variables).toEqual({ SECOND_ONE_A: 'outside' });
  });

  test.each(['archive', '1ST', 'A-B', '', 'A'.repeat(32)])('rejects the prefix %j', (prefix) => {
    expect(refused('INVALID_ENDPOINT_PREFIX', () => prefixed(prefix, store('archive'))).path).toBe('archive');
  });
});

describe('endpointConflicts', () => {
  test('reports each pair with all variables, mount paths and volumes that differ', () => {
    expect(
      endpointConflicts([store('scratch'), store('archive')]).map(({ first, second, finding }) => [first.name, second.name, finding]),
    ).toEqual([
      [
        'scratch',
        'archive',
        {
          code: 'CONFLICTING_ENDPOINTS',
          given:
            "endpoints 'scratch' and 'archive', which set different values of variable AWS_ENDPOINT_URL, variable AWS_ACCESS_KEY_ID, " +
            'variable AWS_SECRET_ACCESS_KEY, mount path /etc/s3-authority, volume s3-authority',
          allowed: 'endpoints with the same value for each variable, mount path and volume of the pods that use them',
          fix: "remove one of them, or write prefixed('SECOND', …) around 'archive': its variables then start with SECOND_, and 'scratch' is the default",
        },
      ],
    ]);
  });

  test('accepts equal settings, and endpoints with different prefixes', () => {
    const dask = (name: string) => daskEndpoint({ name, address: `tcp://${name}.example.org:8786`, reach: [] });
    expect(endpointConflicts([store('scratch'), store('scratch'), dask('one')])).toEqual([]);
    expect(endpointConflicts([store('scratch'), prefixed('ARCHIVE', store('archive'))])).toEqual([]);
    expect(endpointConflicts([dask('one'), dask('two'), prefixed('THREE', dask('three'))])).toHaveLength(1);
  });

  test('reports two hubs with the same service name', () => {
    const identified = (name: string, id: string) =>
      endpoint({ name, identity: { service: 'booking', scopes: [], hub: { id, namespace: id } } });
    expect(endpointConflicts([identified('a', 'one'), identified('b', 'two')]).map(({ finding }) => finding.given)).toEqual([
      "endpoints 'a' and 'b', which set different values of hub service booking",
    ]);
  });
});
