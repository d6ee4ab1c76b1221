import { defineSite, rke2 } from '../../lib/site';
import { of, stackOf } from '../fixtures/infrastructure';
import { cloud, master, worker } from '../fixtures/site';

const dual = (props: object = {}) =>
  defineSite('napoli', {
    cluster: rke2({ version: '1.31.9', ipv6: { podCidr: 'fd00:42::/56', serviceCidr: 'fd00:43::/112' } }),
    cloud: cloud({ ipv6: { cidr: '2001:db8:0:1::/64' }, admins: ['192.0.2.0/24', '2001:db8:ffff::/48'], ...props }),
    pools: [master(), worker({ count: 1 })],
  });

test('the network has an IPv6 subnet, whose lower addresses are reserved for nodes', () => {
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

test('the port of a node has both addresses, with a postcondition for each', () => {
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

test('the IPv6 subnet of an existing network is a data source', () => {
  const stack = stackOf(dual({ network: 'provider', floatingIp: 'none' }));
  expect(stack.data.openstack_networking_subnet_v2.subnet_ipv6).toMatchObject({ ip_version: 6, cidr: '2001:db8:0:1::/64' });
});

test('security group rules exist for both families, with the right ethertype', () => {
  const rules = Object.values<any>(of(stackOf(dual()), 'networking_secgroup_rule_v2'));
  for (const { ethertype, remote_ip_prefix } of rules)
    expect([remote_ip_prefix, ethertype]).toEqual([remote_ip_prefix, remote_ip_prefix.includes(':') ? 'IPv6' : 'IPv4']);
  const rulesFrom = (cidr: string) =>
    rules
      .filter(({ remote_ip_prefix }) => remote_ip_prefix === cidr)
      .map(({ protocol, port_range_min }) => [protocol, port_range_min].filter(Boolean).join(' '));
  expect(rulesFrom('::/0')).toEqual(rulesFrom('0.0.0.0/0'));
  expect(rulesFrom('::/0')).toEqual(['tcp 443', 'tcp 80']);
  expect(rulesFrom('2001:db8:ffff::/48')).toEqual(rulesFrom('192.0.2.0/24'));
  expect(rulesFrom('2001:db8:0:1::/64')).toEqual(rulesFrom('10.64.0.0/24').map((rule) => rule.replace('icmp', 'ipv6-icmp')));
});

test('listeners of the load balancer allow only IPv4 addresses', () => {
  const listeners = Object.values<any>(of(stackOf(dual({ publicAddress: '192.0.2.10', entry: 'load-balancer' })), 'lb_listener_v2'));
  expect(listeners.length).toBeGreaterThan(2);
  for (const { allowed_cidrs = [] } of listeners) expect(allowed_cidrs.join()).not.toContain(':');
});
