import { master, napoli, of, ref, stackOf, worker } from '../fixtures/infrastructure';

const uuid = '1b2c3d4e-0000-4000-8000-000000000001';

describe('an existing network', () => {
  test('by name is a data source, and no network resources are created', () => {
    const stack = stackOf(napoli({ network: 'provider', externalNetwork: undefined, floatingIp: 'none', publicAddress: '10.64.0.10' }));

    expect(stack.data.openstack_networking_network_v2).toMatchObject({ network: { name: 'provider', region: 'RegionOne' } });
    expect(Object.keys(stack.data.openstack_networking_network_v2)).toEqual(['network']);
    expect(stack.data.openstack_networking_subnet_v2.subnet).toMatchObject({
      cidr: '10.64.0.0/24',
      network_id: ref('data.networking_network_v2.network.id'),
      region: 'RegionOne',
    });
    for (const kind of ['network', 'subnet', 'router', 'router_interface', 'floatingip', 'floatingip_associate'])
      expect(stack.resource).not.toHaveProperty(`openstack_networking_${kind}_v2`);
    const port = of(stack, 'networking_port_v2')['master-1_port'];
    expect(port.network_id).toBe(ref('data.networking_network_v2.network.id'));
    expect(port.fixed_ip).toEqual([{ ip_address: '10.64.0.10', subnet_id: ref('data.networking_subnet_v2.subnet.id') }]);
    expect(of(stack, 'compute_instance_v2')['master-1']).not.toHaveProperty('depends_on');
    expect(stack.output.public_address.value).toBe('10.64.0.10');
  });

  test('by id, with a subnet by name', () => {
    const stack = stackOf(napoli({ network: uuid, subnet: 'nodes' }));

    expect(stack.data.openstack_networking_network_v2.network).toMatchObject({ network_id: uuid });
    expect(stack.data.openstack_networking_subnet_v2.subnet).toMatchObject({ name: 'nodes' });
    expect(of(stack, 'networking_floatingip_v2').floating_ip.pool).toBe(ref('data.networking_network_v2.external_network.name'));
  });
});

test('a new network can use an existing router', () => {
  const stack = stackOf(napoli({ router: uuid }));

  expect(stack.resource).not.toHaveProperty('openstack_networking_router_v2');
  expect(of(stack, 'networking_router_interface_v2').router_interface.router_id).toBe(uuid);
});

test('nodes may have additional networks', () => {
  const stack = stackOf(napoli({}, { pools: [master(), worker({ keys: ['1'], networks: ['storage-100g'] })] }));

  expect(of(stack, 'compute_instance_v2')['worker-1'].network).toEqual([
    { port: ref('networking_port_v2.worker-1_port.id') },
    { uuid: ref('data.networking_network_v2.network_storage-100g.id') },
  ]);
});

test('a port has a postcondition for its address', () => {
  const port = of(stackOf(napoli()), 'networking_port_v2')['worker-2_port'];

  expect(port.lifecycle.postcondition).toEqual([
    {
      condition: '${contains(self.all_fixed_ips, "10.64.0.33")}',
      error_message:
        'The port of napoli-worker-2 does not have the address 10.64.0.33, which cluster configuration and certificates contain.',
    },
  ]);
});
