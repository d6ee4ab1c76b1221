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

test('nothing is reported of a stack that did not change', () => {
  const { all, warnings } = changes(site(worker(data)), site(worker(data)));

  expect([...all, ...warnings]).toEqual([]);
});

describe('a data volume that would be destroyed', () => {
  test('is refused with a worker that is removed', () => {
    const { all } = changes(site(worker(data)), site(worker({ ...data, keys: ['1', '2'] })));

    expect(all).toEqual([
      {
        severity: 'error',
        code: 'MISSING_COMMITTED_VOLUME',
        path: 'napoli/pools/worker',
        given: "no volume 'napoli-worker-3-data' (500 GiB) any more: the next apply would destroy it with its data",
        allowed: 'every data volume that was written before, unless the pool states what happens to it',
        fix: "bring the node back; or write retired: { '3': 'keep-volumes' } in its pool, or 'delete-volumes' if the data may go",
      },
    ]);
  });

  test('is forgotten by Terraform where the pool says so', () => {
    const after = site(worker({ ...data, keys: ['1', '2'], retired: { 3: 'keep-volumes' } }));

    expect(changes(site(worker(data)), after).all).toEqual([]);
    expect(stackOf(after).removed).toEqual([
      { from: 'openstack_blockstorage_volume_v3.worker-3_volume_data', lifecycle: { destroy: false } },
    ]);
  });

  test('is deleted where the pool says so', () => {
    const after = site(worker({ ...data, keys: ['1', '2'], retired: { 3: 'delete-volumes' } }));

    expect(changes(site(worker(data)), after).all).toEqual([]);
    expect(stackOf(after)).not.toHaveProperty('removed');
  });

  test('is refused with a volume that the pool no longer describes', () => {
    expect(briefly(changes(site(worker({ ...data, keys: ['1'] })), site(worker({ keys: ['1'] }))).all)).toEqual([
      'MISSING_COMMITTED_VOLUME at napoli/pools/worker',
    ]);
  });
});

describe('a renamed pool', () => {
  const before = site(worker({ ...data, keys: ['1'], bootVolume: { size: '50GiB' } }));
  const renamed = (props: Partial<NodePoolProps>) =>
    site({ ...worker({ ...data, keys: ['1'], bootVolume: { size: '50GiB' }, ...props }), name: 'compute' });

  test('is refused, since all of its machines would be replaced', () => {
    const { all } = changes(before, renamed({}));

    expect(briefly(all)).toEqual(['MISSING_COMMITTED_VOLUME at napoli/pools/worker', 'MISSING_COMMITTED_POOL at napoli/pools/worker']);
    expect(all[1]?.fix).toContain("renamedFrom: 'worker'");
  });

  test('moves its machines in the state, under their names and addresses', () => {
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

test('a worker without volumes may be removed, and the commands to drain it are printed', () => {
  const { all, warnings } = changes(site(worker()), site(worker({ keys: ['1', '2'] })));

  expect(all).toEqual([]);
  expect(warnings).toMatchObject([
    {
      code: 'MISSING_COMMITTED_SERVERS',
      path: 'napoli/pools/worker',
      fix: 'kubectl drain napoli-worker-3 --ignore-daemonsets --delete-emptydir-data && kubectl delete node napoli-worker-3',
    },
  ]);
});

test('a running node keeps its address when pools change their order', () => {
  const other = () => ({ ...worker({ keys: ['1'] }), name: 'gpu' });
  const { all } = changes(site(worker({ keys: ['1'] }), other()), site(other(), worker({ keys: ['1'] })));

  expect(briefly(all)).toEqual([
    'IMMUTABLE_NODE_ADDRESS at napoli/pools/gpu/1/address',
    'IMMUTABLE_NODE_ADDRESS at napoli/pools/worker/1/address',
  ]);
  expect(all[1]?.fix).toBe("write firstAddress: '10.64.0.32' in the pool");
});

describe('what OpenStack refuses to change', () => {
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

  test('a larger volume is fine', () => {
    expect(changes(volume({}), volume({ size: '600GiB' })).all).toEqual([]);
  });
});

test('another flavor is applied one machine at a time, etcd members too', () => {
  const masters = (name: string) => master({ count: 3, flavor: { name, vcpus: 8, memory: '16GiB' } });
  const of = (name: string) => napoli({}, { pools: [masters(name), worker()] });
  const { all, warnings } = changes(of('small'), of('large'));

  expect(all).toEqual([]);
  expect(warnings).toEqual([
    {
      severity: 'warning',
      code: 'EXCEEDS_SAFE_RESIZE',
      path: 'napoli/pools/master/flavor',
      given: "flavor 'large' instead of 'small': one apply would stop and resize 3 virtual machines at once",
      allowed:
        'one virtual machine at a time: etcd loses its quorum otherwise; wait until the node is Ready and `etcdctl endpoint health` is good',
      fix: [1, 2, 3].map((key) => `terraform apply -target=openstack_compute_instance_v2.master-${key}`).join('; '),
    },
  ]);
});

test('a committed stack that is no JSON is an error', () => {
  const problems = new Problems();
  checkStack(napoli(), '<<<<<<< HEAD', terraformJson(napoli(), []).text, problems);

  expect(briefly(problems.all)).toEqual(['INVALID_COMMITTED_STACK at napoli/terraform']);
});
