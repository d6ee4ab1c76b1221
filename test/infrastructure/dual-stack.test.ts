import { defineSite, rke2 } from '../../lib/site';
import { of, stackOf } from '../fixtures/infrastructure';
import { cloud, master, worker } from '../fixtures/site';

const dual = (props: object = {}) =>
  defineSite('napoli', {
    cluster: rke2({ version: '1.31.9', ipv6: { podCidr: 'fd00:42::/56', serviceCidr: 'fd00:43::/112' } }),
    cloud: cloud({ ipv6: { cidr: '2001:db8:0:1::/64' }, admins: ['192.0.2.0/24', '2001:db8:ffff::/48'], ...props }),
    pools: [master(), worker({ count: 1 })],
  });

test('a second subnet of the network, whose lower addresses belong to the nodes', () => {
  const stack = stackOf(dual());
  expect(of(stack, 'networking_subnet_v2').subnet_ipv6).toMatchObject({
    name: 'napoli-ipv6',
    network_id: '${openstack_networking_network_v2.network.id}',
    ip_version: 6,
    cidr: '2001:db8:0:1::/64',
    gateway_ip: '2001:db8:0:1::1',
    ipv6_address_mode: 'dhcpv6-stateful',
    ipv6_ra_mode: 'dhcpv6-stateful',
    allocation_pool: [{ start: '2001:db8:0:1::100', end: '2001:db8:0:1:ffff:ffff:ffff:ffff' }],
  });
  expect(of(stack, 'networking_router_interface_v2').router_interface_ipv6).toMatchObject({
    subnet_id: '${openstack_networking_subnet_v2.subnet_ipv6.id}',
  });
});

test('the port of a node holds both addresses, and an apply that got others fails', () => {
  const port = of(stackOf(dual()), 'networking_port_v2')['worker-1_port'];
  expect(port.fixed_ip).toEqual([
    { subnet_id: '${openstack_networking_subnet_v2.subnet.id}', ip_address: '10.64.0.32' },
    { subnet_id: '${openstack_networking_subnet_v2.subnet_ipv6.id}', ip_address: '2001:db8:0:1::20' },
  ]);
  expect(port.lifecycle.postcondition.map(({ condition }: { condition: string }) => condition)).toEqual([
    '${contains(self.all_fixed_ips, "10.64.0.32")}',
    '${contains(self.all_fixed_ips, "2001:db8:0:1::20")}',
  ]);
});

test('an existing network has its IPv6 subnet looked up', () => {
  const stack = stackOf(dual({ network: 'provider', floatingIp: 'none' }));
  expect(stack.data.openstack_networking_subnet_v2.subnet_ipv6).toMatchObject({ ip_version: 6, cidr: '2001:db8:0:1::/64' });
});

test('security group rules exist for both families, each with its own ethertype', () => {
  const rules = Object.values<any>(of(stackOf(dual()), 'networking_secgroup_rule_v2'));
  for (const { ethertype, remote_ip_prefix } of rules)
    expect([remote_ip_prefix, ethertype]).toEqual([remote_ip_prefix, remote_ip_prefix.includes(':') ? 'IPv6' : 'IPv4']);
  const brief = (wanted: string) =>
    rules
      .filter(({ remote_ip_prefix }) => remote_ip_prefix === wanted)
      .map(({ protocol, port_range_min }) => [protocol, port_range_min].filter(Boolean).join(' '));
  expect(brief('::/0')).toEqual(brief('0.0.0.0/0'));
  expect(brief('::/0')).toEqual(['tcp 443', 'tcp 80']);
  expect(brief('2001:db8:ffff::/48')).toEqual(brief('192.0.2.0/24'));
  expect(brief('2001:db8:0:1::/64')).toEqual(brief('10.64.0.0/24').map((rule) => rule.replace('icmp', 'ipv6-icmp')));
});

test('the load balancer answers on IPv4, and admits IPv4 addresses', () => {
  const listeners = Object.values<any>(of(stackOf(dual({ publicAddress: '192.0.2.10', entry: 'load-balancer' })), 'lb_listener_v2'));
  expect(listeners.length).toBeGreaterThan(2);
  for (const { allowed_cidrs = [] } of listeners) expect(allowed_cidrs.join()).not.toContain(':');
});
