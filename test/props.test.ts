import { App } from 'cdk8s';
import { defineSite, existingCluster, FacilityError, JupyterHub, ledgerOf, MinIO, nodePool, openstack, rke1, rke2 } from '../lib';
import { existing, nodes } from './fixture-site';

/** What somebody writes whom no compiler has told. */
const untyped = (props: object | undefined) => props as never;

describe('what nothing can be made without', () => {
  const hub = (props: object) => new JupyterHub(new App(), 'hub', untyped(props));
  test.each<[string, () => unknown, string[]]>([
    ['a hub', () => hub({ site: existing(), on: nodes }), ['hub: host', 'hub: login', 'hub: environments', 'hub: sizes']],
    ['what is undefined', () => hub({ host: undefined, login: {}, environments: [], sizes: [] }), ['hub: host']],
    ['a site', () => defineSite('lab', untyped({ pools: [nodes] })), ['lab: cluster']],
    ['a pool', () => nodePool('cpu', untyped({ count: 2 })), ['pools/cpu: flavor']],
    ['a flavor', () => nodePool('cpu', untyped({ flavor: { vcpus: 2 } })), ['pools/cpu/flavor: memory']],
    ['a cluster that exists', () => existingCluster(untyped({})), ['existingCluster: version', 'existingCluster: apiServers']],
    ['RKE', () => rke1(untyped({})), ['cluster: version']],
    ['RKE2', () => rke2(untyped({})), ['cluster: version']],
    ['a cloud', () => openstack(untyped({ region: 'a', cidr: '10.0.0.0/24', admins: [] })), ['cloud: externalNetwork', 'cloud: sshKey']],
  ])('%s', (_, make, expected) => {
    let found: unknown;
    try {
      make();
    } catch (error) {
      found = error;
    }
    expect(found).toBeInstanceOf(FacilityError);
    const { problems } = found as FacilityError;
    expect(problems.every(({ code }) => code === 'PROP_MISSING')).toBe(true);
    const told = problems.map(({ path, allowed }) => `${path}: ${/'(\w+)'/.exec(allowed)?.[1]}`);
    expect(told.sort()).toEqual([...expected].sort());
  });

  test('what was meant is found', () => {
    const make = () => hub({ on: nodes, hosts: 'hub.example.org', login: {}, environments: [], sizes: [] });
    expect(make).toThrow("PROP_MISSING at hub\n  given:   'on', 'hosts', and no 'host'\n");
    expect(make).toThrow("fix:     write 'host' for 'hosts'");
    // What is there under its own name was meant for nothing else.
    expect(() => nodePool('a', untyped({ flavor: { vcpu: 2, memory: '1GiB' } }))).toThrow("write 'vcpus' for 'vcpu'");
  });

  test('a storage class is no text', () => {
    const chart = new MinIO(new App(), 'minio', { site: existing(), on: nodes, servers: 1, storageClass: 'fast' as never });
    expect(ledgerOf(chart).problems.all[0]).toMatchObject({
      code: 'STORAGE_CLASS_MISSING',
      given: "'fast' for a storage class",
      fix: "write storageClass('fast'), and name it in the storage of the site",
    });
  });
});
