import { App } from 'cdk8s';
import * as lib from '../../lib';
import {
  defineSite,
  environment,
  existingCluster,
  Facility,
  FacilityError,
  JupyterHub,
  MinIO,
  nodePool,
  openstack,
  rke1,
  rke2,
  size,
} from '../../lib';
import { ledgerOf } from '../../lib/authoring';
import { dummy } from '../../lib/services/jupyterhub';
import { existing, nodes } from '../fixtures/site';

/** Props of a caller without a type check. */
const untyped = (props: object | undefined) => props as never;

function thrown(make: () => unknown): FacilityError {
  let found: unknown;
  try {
    make();
  } catch (error) {
    found = error;
  }
  expect(found).toBeInstanceOf(FacilityError);
  return found as FacilityError;
}

const hubProps = {
  site: existing(),
  on: nodes,
  host: 'hub.example.org',
  login: dummy({ allowAll: true }),
  environments: [environment('python')],
  sizes: [size('small', { cpu: 1, memory: '1GiB' })],
};

describe('a missing required prop is an error', () => {
  const hub = (props: object) => new JupyterHub(new App(), 'hub', untyped(props));
  const login = dummy({ allowAll: true });
  test.each<[string, () => unknown, string[]]>([
    ['a hub', () => hub({ site: existing(), on: nodes }), ['hub: host', 'hub: login', 'hub: environments', 'hub: sizes']],
    ['a prop that is undefined', () => hub({ host: undefined, login, environments: [], sizes: [] }), ['hub: host']],
    ['a site', () => defineSite('lab', untyped({ pools: [nodes] })), ['lab: cluster']],
    ['a pool', () => nodePool('cpu', untyped({ count: 2 })), ['pools/cpu: flavor']],
    ['a flavor', () => nodePool('cpu', untyped({ flavor: { vcpus: 2 } })), ['pools/cpu/flavor: memory']],
    ['an existing cluster', () => existingCluster(untyped({})), ['existingCluster: version', 'existingCluster: apiServers']],
    ['RKE', () => rke1(untyped({})), ['cluster: version']],
    ['RKE2', () => rke2(untyped({})), ['cluster: version']],
    ['a cloud', () => openstack(untyped({ region: 'a', cidr: '10.0.0.0/24', admins: [] })), ['cloud: sshKey']],
    ['no props at all', () => rke2(untyped(undefined)), ['cluster: version']],
  ])('%s', (_, make, expected) => {
    const { problems } = thrown(make);
    expect(problems.every(({ code }) => code === 'MISSING_PROP')).toBe(true);
    const missing = problems.map(({ path, allowed }) => `${path}: ${/'(\w+)'/.exec(allowed)?.[1]}`);
    expect(missing.sort()).toEqual([...expected].sort());
  });

  test('the fix names the misspelt prop', () => {
    const make = () => hub({ on: nodes, hosts: 'hub.example.org', login, environments: [], sizes: [] });
    expect(make).toThrow("MISSING_PROP at hub\n  given:   'hosts', but no 'host'\n");
    expect(make).toThrow("fix:     rename 'hosts' to 'host'");
    expect(thrown(make).problems.map(({ code }) => code)).toEqual(['MISSING_PROP']);
    // A known prop is never proposed as the misspelling of another one.
    expect(() => nodePool('a', untyped({ flavor: { vcpu: 2, memory: '1GiB' } }))).toThrow("rename 'vcpu' to 'vcpus'");
    expect(() => nodePool('a', untyped({ flavor: { vcpus: 2, mem: '1GiB' } }))).toThrow("rename 'mem' to 'memory'");
  });

  test('a string is rejected as a storage class', () => {
    const chart = new MinIO(new App(), 'minio', { site: existing(), on: nodes, servers: 1, storageClass: 'fast' as never });
    expect(ledgerOf(chart).problems.all[0]).toMatchObject({
      code: 'INVALID_STORAGE_CLASS',
      given: "'fast' as storage class",
      fix: "write storageClass('fast'), and add it to the storage of the site",
    });
  });
});

describe('a value that does not match its type', () => {
  test.each<[string, object, string]>([
    ['a word in place of an object', { home: 'None' }, 'jupyterhub/home'],
    ['a string in place of an object', { home: { shared: 'homes' } }, 'cosenza/jupyterhub/home/shared'],
    ['a word for a prop of an object', { cull: 'Never' }, 'jupyterhub/cull'],
  ])('%s is an error and not an exception', (_, props, path) => {
    const { problems } = thrown(() => new JupyterHub(new App(), 'jupyterhub', untyped({ ...hubProps, ...props })));
    expect(problems.map((one) => one.path)).toEqual([path]);
  });

  const store = (props: object) => {
    const facility = new Facility(existing({ storage: { default: lib.storageClass('fast') } }), { outdir: 'none' });
    const made = new MinIO(facility, 'minio', untyped({ on: nodes, servers: 1, ...props }));
    return { facility, made };
  };
  const problems = (props: object) => store(props).facility.problems();

  test('an unknown prop that resembles a known one is an error with a suggestion', () => {
    expect(problems({ drivesSize: '1TiB', users: [{ name: 'analysis', policy: 'readonly' }] })).toEqual([
      expect.objectContaining({
        code: 'UNKNOWN_PROP',
        path: 'cosenza/minio/drivesSize',
        given: "'drivesSize'",
        fix: "write 'driveSize'",
      }),
    ]);
  });

  test('the suggestion may be a longer name that contains the unknown one', () => {
    const pool = nodePool('cpu', untyped({ flavor: { vcpus: 8, memory: '16GiB' }, volumes: [] }));
    const { problems } = defineSite('lab', { cluster: existing().cluster, pools: [pool] });
    expect(problems).toMatchObject([{ code: 'UNKNOWN_PROP', path: 'lab/pools/cpu/volumes', fix: "write 'dataVolumes'" }]);
  });

  test('an unknown prop that resembles no known one is a warning', () => {
    const { facility } = store({ users: [{ name: 'analysis', policy: 'readonly' }] });
    expect(facility.output().warnings).toContainEqual({
      severity: 'warning',
      code: 'UNKNOWN_PROP',
      path: 'cosenza/minio/users/analysis/policy',
      given: "'policy'",
      allowed: 'access, buckets, name, serviceAccounts',
      fix: 'remove it: it has no effect',
    });
    // The props of a site may be spread into another site.
    const site = existing();
    expect(defineSite('other', { ...site, test: true })).toMatchObject({ problems: [], warnings: site.warnings });
  });

  test('an invalid value of an enumeration is an error with a suggestion', () => {
    expect(problems({ apart: 'prefered' })).toEqual([
      expect.objectContaining({
        code: 'INVALID_PROP_VALUE',
        path: 'cosenza/minio/apart',
        allowed: "'preferred', 'required'",
        fix: "write 'preferred'",
      }),
    ]);
  });

  test.each<[string, object, object]>([
    [
      'a string instead of a list',
      { users: 'analysis' },
      { path: 'minio/users', given: "'analysis'", allowed: 'a list of MinIOUser', fix: "write a list: ['analysis']" },
    ],
    ['a number instead of a string', { host: 7 }, { path: 'minio/host', given: '7', allowed: 'a string', fix: 'put the value in quotes' }],
    [
      'a string instead of an object',
      { resources: 'postgresql://hub:hunter2@db' },
      { path: 'minio/resources', given: 'a string', allowed: 'a Resources' },
    ],
    ['null', { buckets: null }, { path: 'minio/buckets', given: 'null', allowed: 'a list of Bucket' }],
    ['a list with an undefined element', { buckets: [undefined] }, { path: 'minio/buckets/0', given: 'null', allowed: 'a Bucket' }],
    ['a list instead of an object', { serverTls: ['a'] }, { path: 'minio/serverTls', given: 'a list of 1' }],
    ['a function', { login: lib.oidcIssuer }, { path: 'minio/login', given: 'a function', fix: 'call the function and pass its result' }],
  ])('a value of the wrong type is thrown: %s', (_, props, expected) => {
    expect(thrown(() => store(props)).problems).toEqual([expect.objectContaining({ code: 'INVALID_PROP_TYPE', ...expected })]);
  });

  test('a service instead of its endpoint', () => {
    const { facility, made } = store({});
    new lib.DaskCluster(facility, 'dask', { on: nodes, uses: [untyped(made)] });
    expect(facility.problems()).toEqual([
      expect.objectContaining({ path: 'cosenza/dask/uses/0', given: 'a MinIO', allowed: 'an Endpoint', fix: 'pass its `endpoint`' }),
    ]);
    expect(() => new Facility(untyped(facility))).toThrow('INVALID_PROP_TYPE at facility\n  given:   a Facility\n');
  });

  test('an empty string where one is required', () => {
    const site = defineSite('lab', {
      cluster: rke2({ version: '1.30.4' }),
      cloud: openstack({ region: '', cidr: '10.0.0.0/24', externalNetwork: 'public', admins: ['192.0.2.0/24'], sshKey: 'ssh-ed25519 A' }),
      pools: [],
    });
    expect(site.problems).toContainEqual(
      expect.objectContaining({ code: 'INVALID_PROP_TYPE', path: 'lab/cloud/region', allowed: 'a non-empty string' }),
    );
  });

  test('paths of the props of a cluster are those that its function takes', () => {
    const site = defineSite('lab', {
      cluster: rke2({ version: '1.30.4', privateRegistries: [{ url: 'a.example.org', login: 'yes' as never }], sans: [''] }),
      pools: [],
    });
    const found = site.problems.filter(({ code }) => code === 'INVALID_PROP_TYPE').map(({ path, fix }) => [path, fix]);
    expect(found).toEqual([
      ['lab/cluster/privateRegistries/0/login', 'set an allowed value; npx tsc --noEmit prints the type'],
      ['lab/cluster/sans/0', 'write a value, or remove the prop if it is optional'],
    ]);
  });

  test('a misplaced secret is not repeated in a message', () => {
    const login = {
      kind: 'oidc',
      clientSecret: 'hunter2',
      client: 'hub',
      issuer: lib.oidcIssuer('https://iam.example.org/'),
      allowAll: true,
    };
    const hub = new JupyterHub(
      new App(),
      'hub',
      untyped({
        site: existing(),
        on: nodes,
        host: 'a.example.org',
        login,
        environments: [],
        sizes: [],
        env: { TOKEN: { value: 'hunter2' } },
      }),
    );
    const { all } = ledgerOf(hub).problems;
    expect(all.map(({ code }) => code)).toContain('INVALID_SECRET');
    expect(JSON.stringify(all)).not.toContain('hunter2');
  });
});
