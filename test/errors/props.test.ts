import { App } from 'cdk8s';
import * as lib from '../../lib';
import { defineSite, existingCluster, Facility, FacilityError, JupyterHub, MinIO, nodePool, openstack, rke1, rke2 } from '../../lib';
import { ledgerOf } from '../../lib/authoring';
import { dummy } from '../../lib/services/jupyterhub';
import { existing, nodes } from '../fixtures/site';

/** What somebody writes whom no compiler has told. */
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

describe('what nothing can be made without', () => {
  const hub = (props: object) => new JupyterHub(new App(), 'hub', untyped(props));
  const login = dummy({ allowAll: true });
  test.each<[string, () => unknown, string[]]>([
    ['a hub', () => hub({ site: existing(), on: nodes }), ['hub: host', 'hub: login', 'hub: environments', 'hub: sizes']],
    ['what is undefined', () => hub({ host: undefined, login, environments: [], sizes: [] }), ['hub: host']],
    ['a site', () => defineSite('lab', untyped({ pools: [nodes] })), ['lab: cluster']],
    ['a pool', () => nodePool('cpu', untyped({ count: 2 })), ['pools/cpu: flavor']],
    ['a flavor', () => nodePool('cpu', untyped({ flavor: { vcpus: 2 } })), ['pools/cpu/flavor: memory']],
    ['a cluster that exists', () => existingCluster(untyped({})), ['existingCluster: version', 'existingCluster: apiServers']],
    ['RKE', () => rke1(untyped({})), ['cluster: version']],
    ['RKE2', () => rke2(untyped({})), ['cluster: version']],
    ['a cloud', () => openstack(untyped({ region: 'a', cidr: '10.0.0.0/24', admins: [] })), ['cloud: sshKey']],
    ['props', () => rke2(untyped(undefined)), ['cluster: version']],
  ])('%s', (_, make, expected) => {
    const { problems } = thrown(make);
    expect(problems.every(({ code }) => code === 'MISSING_PROP')).toBe(true);
    const told = problems.map(({ path, allowed }) => `${path}: ${/'(\w+)'/.exec(allowed)?.[1]}`);
    expect(told.sort()).toEqual([...expected].sort());
  });

  test('what was meant is found', () => {
    const make = () => hub({ on: nodes, hosts: 'hub.example.org', login, environments: [], sizes: [] });
    expect(make).toThrow("MISSING_PROP at hub\n  given:   'hosts', and no 'host'\n");
    expect(make).toThrow("fix:     write 'host' for 'hosts'");
    expect(thrown(make).problems.map(({ code }) => code)).toEqual(['MISSING_PROP']);
    // What is there under its own name was meant for nothing else.
    expect(() => nodePool('a', untyped({ flavor: { vcpu: 2, memory: '1GiB' } }))).toThrow("write 'vcpus' for 'vcpu'");
    expect(() => nodePool('a', untyped({ flavor: { vcpus: 2, mem: '1GiB' } }))).toThrow("write 'memory' for 'mem'");
  });

  test('a storage class is no text', () => {
    const chart = new MinIO(new App(), 'minio', { site: existing(), on: nodes, servers: 1, storageClass: 'fast' as never });
    expect(ledgerOf(chart).problems.all[0]).toMatchObject({
      code: 'INVALID_STORAGE_CLASS',
      given: "'fast' for a storage class",
      fix: "write storageClass('fast'), and name it in the storage of the site",
    });
  });
});

describe('what is not what its type says', () => {
  const store = (props: object) => {
    const facility = new Facility(existing({ storage: { default: lib.storageClass('fast') } }), { outdir: 'none' });
    const made = new MinIO(facility, 'minio', untyped({ on: nodes, servers: 1, ...props }));
    return { facility, made };
  };
  const told = (props: object) => store(props).facility.problems();

  test('a name that nobody reads is told, with the one that was meant', () => {
    expect(told({ drivesSize: '1TiB', users: [{ name: 'analysis', policy: 'readonly' }] })).toEqual([
      expect.objectContaining({
        code: 'UNKNOWN_PROP',
        path: 'cosenza/minio/drivesSize',
        given: "'drivesSize'",
        fix: "did you mean 'driveSize'?",
      }),
    ]);
  });

  test('also one that has it in itself', () => {
    const pool = nodePool('cpu', untyped({ flavor: { vcpus: 8, memory: '16GiB' }, volumes: [] }));
    const { problems } = defineSite('lab', { cluster: existing().cluster, pools: [pool] });
    expect(problems).toMatchObject([{ code: 'UNKNOWN_PROP', path: 'lab/pools/cpu/volumes', fix: "did you mean 'dataVolumes'?" }]);
  });

  test('one that is like none may be meant for somebody else, and is warned of', () => {
    const { facility } = store({ users: [{ name: 'analysis', policy: 'readonly' }] });
    expect(facility.output().warnings).toContainEqual({
      severity: 'warning',
      code: 'UNKNOWN_PROP',
      path: 'cosenza/minio/users/analysis/policy',
      given: "'policy'",
      allowed: 'access, buckets, name, serviceAccounts',
      fix: 'leave it out: it has no effect',
    });
    // A site may be the beginning of another.
    const site = existing();
    expect(defineSite('other', { ...site, test: true })).toMatchObject({ problems: [], warnings: site.warnings });
  });

  test('so is a word that is none of those that are known', () => {
    expect(told({ apart: 'prefered' })).toEqual([
      expect.objectContaining({
        code: 'INVALID_PROP_VALUE',
        path: 'cosenza/minio/apart',
        allowed: "'preferred', 'required'",
        fix: "did you mean 'preferred'?",
      }),
    ]);
  });

  test.each<[string, object, object]>([
    [
      'one for several',
      { users: 'analysis' },
      { path: 'minio/users', given: "'analysis'", allowed: 'a list of MinIOUser', fix: "write a list: ['analysis']" },
    ],
    ['a number for text', { host: 7 }, { path: 'minio/host', given: '7', allowed: 'text', fix: 'write it in quotes' }],
    [
      'text for an object',
      { resources: 'postgresql://hub:hunter2@db' },
      { path: 'minio/resources', given: 'text', allowed: 'a Resources' },
    ],
    ['nothing', { buckets: null }, { path: 'minio/buckets', given: 'null', allowed: 'a list of Bucket' }],
    ['a gap', { buckets: [undefined] }, { path: 'minio/buckets/0', given: 'null', allowed: 'a Bucket' }],
    ['a list for one', { serverTls: ['a'] }, { path: 'minio/serverTls', given: 'a list of 1' }],
    ['a function', { login: lib.oidcIssuer }, { path: 'minio/login', given: 'a function', fix: 'call it, and give what it returns' }],
  ])('what nothing can be made of is thrown: %s', (_, props, expected) => {
    expect(thrown(() => store(props)).problems).toEqual([expect.objectContaining({ code: 'INVALID_PROP_TYPE', ...expected })]);
  });

  test('a service for its endpoint', () => {
    const { facility, made } = store({});
    new lib.DaskCluster(facility, 'dask', { on: nodes, uses: [untyped(made)] });
    expect(facility.problems()).toEqual([
      expect.objectContaining({ path: 'cosenza/dask/uses/0', given: 'a MinIO', allowed: 'an Endpoint', fix: 'write its `endpoint`' }),
    ]);
    expect(() => new Facility(untyped(facility))).toThrow('INVALID_PROP_TYPE at facility\n  given:   a Facility\n');
  });

  test('text that must say something', () => {
    const site = defineSite('lab', {
      cluster: rke2({ version: '1.30.4' }),
      cloud: openstack({ region: '', cidr: '10.0.0.0/24', externalNetwork: 'public', admins: ['192.0.2.0/24'], sshKey: 'ssh-ed25519 A' }),
      pools: [],
    });
    expect(site.problems).toContainEqual(
      expect.objectContaining({ code: 'INVALID_PROP_TYPE', path: 'lab/cloud/region', allowed: 'text that is not empty' }),
    );
  });

  test('a secret in the wrong place is not repeated', () => {
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
