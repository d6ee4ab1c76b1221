import { cloudInit } from '../../lib/cluster';
import type { Site } from '../../lib/site';
import { cloud, codes, config, file, type Json, read, two } from '../fixtures/cluster';

const ipv6 = { podCidr: 'fd00:42::/56', serviceCidr: 'fd00:43::/112' };
const dual = (props: object = {}) => two({ ipv6, ...props }, { cloud: cloud({ ipv6: { cidr: '2001:db8:0:1::/64' } }) });

test('RKE2 gets the ranges and node addresses of both families, IPv4 first', () => {
  expect(codes(dual())).toEqual([]);
  expect(config(dual(), 'napoli-master-1')).toMatchObject({
    'cluster-cidr': '10.42.0.0/16,fd00:42::/56',
    'service-cidr': '10.43.0.0/16,fd00:43::/112',
    'node-ip': '10.64.0.10,2001:db8:0:1::a',
  });
  expect(config(dual(), 'napoli-worker-2')['node-ip']).toBe('10.64.0.33,2001:db8:0:1::21');
  expect(config(two(), 'napoli-master-1')).toMatchObject({ 'cluster-cidr': '10.42.0.0/16', 'node-ip': '10.64.0.10' });
});

test('Cilium must be told, the others see it from the ranges', () => {
  const values = (given: Site) => read(read(file(given, 'manifests/rke2-cilium-config.yaml')).spec.valuesContent);
  expect(values(dual({ network: 'cilium' }))).toEqual({ policyCIDRMatchMode: ['nodes'], ipv6: { enabled: true } });
  expect(values(two({ network: 'cilium' }))).toEqual({ policyCIDRMatchMode: ['nodes'] });
});

test('nodes forward IPv6, and still learn their default route from the router', () => {
  const sysctl = (given: Site): string =>
    read(cloudInit(given, given.nodes[0] as never)).write_files.find(({ path }: Json) => path === '/etc/sysctl.d/90-analysis-facility.conf')
      .content;
  expect(sysctl(dual())).toContain('net.ipv6.conf.all.forwarding = 1\nnet.ipv6.conf.all.accept_ra = 2\n');
  expect(sysctl(two())).not.toContain('ipv6.conf');
});
