import { cloudInit } from '../../lib/cluster';
import type { Site } from '../../lib/site';
import { cloud, codes, config, file, type Json, read, rke2Site } from '../fixtures/cluster';

const ipv6 = { podCidr: 'fd00:42::/56', serviceCidr: 'fd00:43::/112' };
const dual = (props: object = {}) => rke2Site({ ipv6, ...props }, { cloud: cloud({ ipv6: { cidr: '2001:db8:0:1::/64' } }) });

test('config.yaml of RKE2 has ranges and node addresses of both families, IPv4 first', () => {
  expect(codes(dual())).toEqual([]);
  expect(config(dual(), 'napoli-master-1')).toMatchObject({
    'cluster-cidr': '10.42.0.0/16,fd00:42::/56',
    'service-cidr': '10.43.0.0/16,fd00:43::/112',
    'node-ip': '10.64.0.10,2001:db8:0:1::a',
  });
  expect(config(dual(), 'napoli-worker-2')['node-ip']).toBe('10.64.0.33,2001:db8:0:1::21');
  expect(config(rke2Site(), 'napoli-master-1')).toMatchObject({ 'cluster-cidr': '10.42.0.0/16', 'node-ip': '10.64.0.10' });
});

test('only Cilium needs a chart value for IPv6', () => {
  const values = (given: Site) => read(read(file(given, 'manifests/rke2-cilium-config.yaml')).spec.valuesContent);
  expect(values(dual({ network: 'cilium' }))).toEqual({ policyCIDRMatchMode: ['nodes'], ipv6: { enabled: true } });
  expect(values(rke2Site({ network: 'cilium' }))).toEqual({ policyCIDRMatchMode: ['nodes'] });
});

test('nodes forward IPv6 and accept router advertisements', () => {
  const sysctl = (given: Site): string =>
    read(cloudInit(given, given.nodes[0] as never)).write_files.find(({ path }: Json) => path === '/etc/sysctl.d/90-analysis-facility.conf')
      .content;
  expect(sysctl(dual())).toContain('net.ipv6.conf.all.forwarding = 1\nnet.ipv6.conf.all.accept_ra = 2\n');
  expect(sysctl(rke2Site())).not.toContain('ipv6.conf');
});
