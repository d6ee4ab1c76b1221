import { Problems } from '../../lib/errors';
import { checkStack, terraformJson } from '../../lib/infrastructure';
import type { NodePoolProps, Site } from '../../lib/site';
import { type Json, master, napoli, stackOf, worker } from '../fixtures/infrastructure';
import { briefly } from '../fixtures/site';

const data: Partial<NodePoolProps> = { dataVolumes: [{ name: 'data', size: '500GiB', type: 'ssd' }] };
const site = (...pools: readonly ReturnType<typeof worker>[]) => napoli({}, { pools: [master(), ...pools] });

function changes(before: Site, after: Site) {
  const problems = new Problems();
  checkStack(after, terraformJson(before, []).text, terraformJson(after, []).text, problems);
  return problems;
}

test('an unchanged stack has no problems', () => {
  const { all, warnings } = changes(site(worker(data)), site(worker(data)));

  expect([...all, ...warnings]).toEqual([]);
});

describe('a data volume that an apply would delete', () => {
  test('is an error when its worker is removed', () => {
    const { all } = changes(site(worker(data)), site(worker({ ...data, keys: ['1', '2'] })));

    expect(all).toEqual([
      {
        severity: 'error',
        code: 'MISSING_COMMITTED_VOLUME',
        path: 'napoli/pools/worker',
        given: "volume 'napoli-worker-3-data' (500 GiB), which was removed: the next apply would delete it with its data",
        allowed: 'all committed data volumes, unless `retired` of the pool or of the volume states what happens to it',
        fix: "restore the node, or write retired: { '3': 'keep-volumes' } in its pool, or 'delete-volumes' to delete the data",
      },
    ]);
  });

  test("is removed from the state with retired: 'keep-volumes'", () => {
    const after = site(worker({ ...data, keys: ['1', '2'], retired: { 3: 'keep-volumes' } }));

    expect(changes(site(worker(data)), after).all).toEqual([]);
    expect(stackOf(after).removed).toEqual([
      { from: 'openstack_blockstorage_volume_v3.worker-3_volume_data', lifecycle: { destroy: false } },
    ]);
  });

  test("is deleted with retired: 'delete-volumes'", () => {
    const after = site(worker({ ...data, keys: ['1', '2'], retired: { 3: 'delete-volumes' } }));

    expect(changes(site(worker(data)), after).all).toEqual([]);
    expect(stackOf(after)).not.toHaveProperty('removed');
  });

  test('is an error when it is removed from the pool', () => {
    expect(briefly(changes(site(worker({ ...data, keys: ['1'] })), site(worker({ keys: ['1'] }))).all)).toEqual([
      'MISSING_COMMITTED_VOLUME at napoli/pools/worker',
    ]);
  });
});

describe('a renamed pool', () => {
  const before = site(worker({ ...data, keys: ['1'], bootVolume: { size: '50GiB' } }));
  const renamed = (props: Partial<NodePoolProps>) =>
    site({ ...worker({ ...data, keys: ['1'], bootVolume: { size: '50GiB' }, ...props }), name: 'compute' });

  test('is an error without renamedFrom', () => {
    const { all } = changes(before, renamed({}));

    expect(briefly(all)).toEqual(['MISSING_COMMITTED_VOLUME at napoli/pools/worker', 'MISSING_COMMITTED_POOL at napoli/pools/worker']);
    expect(all[1]?.fix).toContain("renamedFrom: 'worker'");
  });

  test('moves its servers in the state and keeps their names and addresses', () => {
    const after = renamed({ renamedFrom: 'worker' });
    const { all, warnings } = changes(before, after);

    expect([...all, ...warnings]).toEqual([]);
    expect(stackOf(after).moved).toEqual([
      { from: 'openstack_compute_servergroup_v2.servers_worker', to: 'openstack_compute_servergroup_v2.servers_compute' },
      { from: 'openstack_networking_port_v2.worker-1_port', to: 'openstack_networking_port_v2.compute-1_port' },
      { from: 'openstack_compute_instance_v2.worker-1', to: 'openstack_compute_instance_v2.compute-1' },
      { from: 'openstack_blockstorage_volume_v3.worker-1_boot', to: 'openstack_blockstorage_volume_v3.compute-1_boot' },
      { from: 'openstack_blockstorage_volume_v3.worker-1_volume_data', to: 'openstack_blockstorage_volume_v3.compute-1_volume_data' },
      {
        from: 'openstack_compute_volume_attach_v2.worker-1_attachment_data',
        to: 'openstack_compute_volume_attach_v2.compute-1_attachment_data',
      },
    ]);
    const [old, now] = [stackOf(before), stackOf(after)].map((stack) => stack.resource as Json);
    expect(now?.openstack_compute_instance_v2['compute-1'].name).toBe('napoli-worker-1');
    expect(now?.openstack_networking_port_v2['compute-1_port'].fixed_ip).toEqual(
      old?.openstack_networking_port_v2['worker-1_port'].fixed_ip,
    );
  });
});

describe('a pool that is renamed again', () => {
  const named = (name: string, props: Partial<NodePoolProps>) => site({ ...worker({ ...data, keys: ['1', '2'], ...props }), name });
  const once = named('compute', { renamedFrom: 'worker' });
  const twice = (props: Partial<NodePoolProps> = {}) => named('batch', { renamedFrom: ['worker', 'compute'], ...props });

  test.each([
    ['without its first name', named('batch', { renamedFrom: 'compute' }), "renamedFrom: ['worker', 'compute']"],
    ['with `renamedFrom` removed', named('compute', {}), "renamedFrom: 'worker'"],
  ])('%s is refused: its nodes would get other names', (_, after, fix) => {
    const { all } = changes(once, after);

    expect(new Set(all.map(({ code }) => code))).toEqual(new Set(['IMMUTABLE_NODE_NAME']));
    expect(all[0]?.given).toMatch(/^name napoli-compute-1 for a node that runs as napoli-worker-1$/);
    expect(all[0]?.fix).toBe(`write ${fix} in the pool, and do not remove it later`);
  });

  test('moves its machines from each name to the next, and keeps their names and label', () => {
    const { all, warnings } = changes(once, twice());

    expect([...all, ...warnings]).toEqual([]);
    expect((stackOf(twice()).moved as Json[]).filter(({ from }) => from.endsWith('-2'))).toEqual([
      { from: 'openstack_compute_instance_v2.worker-2', to: 'openstack_compute_instance_v2.compute-2' },
      { from: 'openstack_compute_instance_v2.compute-2', to: 'openstack_compute_instance_v2.batch-2' },
    ]);
    expect(twice().nodes.map(({ name }) => name)).toContain('napoli-worker-2');
    expect(twice().nodes.at(-1)?.labels).toMatchObject({ 'analysis-facility.io/pool': 'worker' });
  });

  test('lets Terraform forget the volumes of a retired node under each name', () => {
    const after = twice({ keys: ['1'], retired: { 2: 'keep-volumes' } });

    expect(changes(twice(), after).all).toEqual([]);
    expect((stackOf(after).removed as Json[]).map(({ from }) => from)).toEqual(
      ['batch', 'worker', 'compute'].map((pool) => `openstack_blockstorage_volume_v3.${pool}-2_volume_data`),
    );
  });
});

describe('a data volume that the nodes no longer need', () => {
  const volume = (retired: 'keep-volumes' | 'delete-volumes') =>
    site(worker({ keys: ['1'], dataVolumes: [{ name: 'data', size: '500GiB', type: 'ssd', retired }] }));
  const before = site(worker({ ...data, keys: ['1'] }));

  test('is refused without its entry; the fix names what to write', () => {
    expect(changes(before, site(worker({ keys: ['1'] }))).all[0]?.fix).toBe(
      "write { name: 'data', size: '500GiB', retired: 'keep-volumes' } in dataVolumes of the pool, or 'delete-volumes' to delete the data",
    );
  });

  test.each(['keep-volumes', 'delete-volumes'] as const)('%s: is no longer attached', (retired) => {
    const after = volume(retired);
    const { resource, removed } = stackOf(after) as Json;

    expect(changes(before, after).all).toEqual([]);
    expect(resource).not.toHaveProperty('openstack_blockstorage_volume_v3');
    expect(removed).toEqual(
      retired === 'delete-volumes'
        ? undefined
        : [{ from: 'openstack_blockstorage_volume_v3.worker-1_volume_data', lifecycle: { destroy: false } }],
    );
  });
});

test.each([
  ['cidr', { cidr: '10.65.0.0/24' }, "write cidr: '10.64.0.0/24'"],
  ['network', { network: 'provider' }, 'remove `network` and `subnet`'],
  ['region', { region: 'Elsewhere' }, "write region: 'RegionOne'"],
] as const)('another %s would replace what runs, and is one error', (prop, cloud, fix) => {
  const { all } = changes(napoli(), napoli(cloud));

  expect(briefly(all)).toEqual([`IMMUTABLE_NETWORK at napoli/cloud/${prop}`]);
  expect(all[0]?.fix).toBe(fix);
});

test('several etcd members are removed one after the other, or the quorum is lost', () => {
  const of = (count: number) => napoli({}, { pools: [master({ count }), worker()] });
  const { all, warnings } = changes(of(3), of(1));

  expect(all).toEqual([]);
  expect(warnings).toMatchObject([
    {
      code: 'MISSING_COMMITTED_SERVERS',
      given: 'napoli-master-2, napoli-master-3, which were removed: the next apply deletes 2 of 3 etcd members at once',
      fix:
        'one member at a time: kubectl drain napoli-master-2 --ignore-daemonsets --delete-emptydir-data --force' +
        ' && kubectl delete node napoli-master-2 && terraform apply -target=openstack_compute_instance_v2.master-2' +
        '; wait until `etcdctl member list` no longer shows it; then the next: napoli-master-3',
    },
  ]);
});

test('removing a worker without volumes is a warning with the commands to drain it', () => {
  const { all, warnings } = changes(site(worker()), site(worker({ keys: ['1', '2'] })));

  expect(all).toEqual([]);
  expect(warnings).toMatchObject([
    {
      code: 'MISSING_COMMITTED_SERVERS',
      path: 'napoli/pools/worker',
      fix:
        'before the apply, run the following, which stops running notebook servers: ' +
        'kubectl drain napoli-worker-3 --ignore-daemonsets --delete-emptydir-data --force && kubectl delete node napoli-worker-3',
    },
  ]);
});

test('a changed address of a node is an error, e.g. after reordering pools', () => {
  const other = () => ({ ...worker({ keys: ['1'] }), name: 'gpu' });
  const { all } = changes(site(worker({ keys: ['1'] }), other()), site(other(), worker({ keys: ['1'] })));

  expect(briefly(all)).toEqual([
    'IMMUTABLE_NODE_ADDRESS at napoli/pools/gpu/1/address',
    'IMMUTABLE_NODE_ADDRESS at napoli/pools/worker/1/address',
  ]);
  expect(all[1]?.fix).toBe("write firstAddress: '10.64.0.32' in the pool");
});

describe('changes that OpenStack rejects', () => {
  const volume = (props: object) => site(worker({ keys: ['1'], dataVolumes: [{ name: 'data', size: '500GiB', ...props }] }));
  const flavor = (name: string, disk: '50GiB' | '20GiB') =>
    site(worker({ keys: ['1'], flavor: { name, vcpus: 32, memory: '64GiB', disk } }));

  test.each([
    ['IMMUTABLE_VOLUME_SIZE at napoli/pools/worker/data/size', volume({}), volume({ size: '400GiB' })],
    ['IMMUTABLE_VOLUME at napoli/pools/worker/data', volume({}), volume({ type: 'hdd' })],
    ['IMMUTABLE_VOLUME at napoli/pools/worker/data', volume({}), volume({ availabilityZone: 'b' })],
    ['IMMUTABLE_FLAVOR_DISK at napoli/pools/worker/flavor', flavor('large', '50GiB'), flavor('small', '20GiB')],
  ])('%s', (expected, before, after) => {
    expect(briefly(changes(before, after).all)).toEqual([expected]);
  });

  test('a larger volume is accepted', () => {
    expect(changes(volume({}), volume({ size: '600GiB' })).all).toEqual([]);
  });
});

test('a changed flavor is a warning with the commands to resize one server at a time', () => {
  const masters = (name: string) => master({ count: 3, flavor: { name, vcpus: 8, memory: '16GiB' } });
  const of = (name: string) => napoli({}, { pools: [masters(name), worker()] });
  const { all, warnings } = changes(of('small'), of('large'));

  expect(all).toEqual([]);
  expect(warnings).toEqual([
    {
      severity: 'warning',
      code: 'EXCEEDS_SAFE_RESIZE',
      path: 'napoli/pools/master/flavor',
      given: "flavor 'large' instead of 'small': an apply would stop and resize 3 servers at the same time",
      allowed:
        'one server at a time, so that etcd keeps its quorum; continue once the node is Ready and `etcdctl endpoint health` succeeds',
      fix:
        'kubectl drain napoli-master-1 --ignore-daemonsets --delete-emptydir-data --force' +
        ' && terraform apply -target=openstack_compute_instance_v2.master-1 && kubectl uncordon napoli-master-1' +
        '; wait until it is Ready and `etcdctl endpoint health` succeeds; then the next: napoli-master-2, napoli-master-3',
    },
  ]);
});

test('a committed stack with invalid JSON is an error', () => {
  const problems = new Problems();
  checkStack(napoli(), '<<<<<<< HEAD', terraformJson(napoli(), []).text, problems);

  expect(briefly(problems.all)).toEqual(['INVALID_COMMITTED_STACK at napoli/terraform']);
});

describe('a floating IP that Terraform has allocated', () => {
  const allocated = napoli({ publicAddress: '192.0.2.10' });

  test('is kept when it becomes reserved', () => {
    const reserved = napoli({ publicAddress: '192.0.2.10', floatingIp: 'reserved' });

    expect(changes(allocated, reserved).all).toEqual([]);
    expect(stackOf(reserved).removed).toEqual([{ from: 'openstack_networking_floatingip_v2.floating_ip', lifecycle: { destroy: false } }]);
    expect(changes(reserved, napoli({ publicAddress: undefined })).all).toEqual([]);
  });

  test.each([
    ['publicAddress', { publicAddress: undefined }],
    ['floatingIp', { publicAddress: '192.0.2.10', floatingIp: 'none' }],
  ] as const)('must not be released by a change of %s', (prop, props) => {
    const { all } = changes(allocated, napoli(props));

    expect(briefly(all)).toEqual([`MISSING_COMMITTED_FLOATING_IP at napoli/cloud/${prop}`]);
    expect(all[0]?.fix).toContain("write floatingIp: 'reserved', and apply");
  });
});
