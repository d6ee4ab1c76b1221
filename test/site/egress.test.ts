import type { Egress, SiteProps } from '../../lib/site';
import { CERTIFICATE } from '../fixtures/certificate';
import { briefly, existing, only, provisioned } from '../fixtures/site';

const problems = (props: Partial<SiteProps>) => briefly(provisioned(props).problems);
const http = 'http://proxy.example.org:3128';

test.each<[string, Egress, string]>([
  ['a proxy without a scheme', { proxy: { http: 'proxy.example.org:3128' } }, 'INVALID_PROXY at napoli/egress/proxy/http'],
  ['a proxy with a path', { proxy: { http: `${http}/path` } }, 'INVALID_PROXY at napoli/egress/proxy/http'],
  ['a proxy with a quote', { proxy: { http: "http://p.example.org:3128'" } }, 'INVALID_PROXY at napoli/egress/proxy/http'],
  ['a SOCKS proxy', { proxy: { http, https: 'socks5://proxy.example.org' } }, 'INVALID_PROXY at napoli/egress/proxy/https'],
  [
    'two hosts in an entry',
    { proxy: { http, noProxy: ['a.example.org,b.example.org'] } },
    'INVALID_NO_PROXY at napoli/egress/proxy/noProxy/0',
  ],
  ['host bits in a range', { proxy: { http, noProxy: ['10.1.2.3/16'] } }, 'INVALID_CIDR at napoli/egress/proxy/noProxy/0'],
  ['a mirror without TLS', { mirrors: { docker: 'http://mirror.example.org' } }, 'INVALID_MIRROR at napoli/egress/mirrors/docker'],
  [
    'a mirror with a quote',
    { mirrors: { enterpriseLinux: "https://m.example.org/a'b" } },
    'INVALID_MIRROR at napoli/egress/mirrors/enterpriseLinux',
  ],
  ['a path instead of a certificate', { authorities: [CERTIFICATE, '/etc/ca.crt'] }, 'INVALID_AUTHORITY at napoli/egress/authorities/1'],
])('%s is an error', (_, egress, expected) => expect(problems({ egress })).toEqual([expected]));

test('a password in the URL of a proxy or mirror is rejected, and not repeated', () => {
  const given = provisioned({
    egress: { proxy: { http: 'http://me:hunter2@proxy.example.org:3128' }, mirrors: { helm: 'https://me:hunter2@mirror.example.org' } },
  });
  expect([...briefly(given.problems)].sort()).toEqual([
    'INSECURE_PROXY_CREDENTIALS at napoli/egress/proxy/http',
    'INVALID_MIRROR at napoli/egress/mirrors/helm',
  ]);
  expect(JSON.stringify(given.problems)).not.toContain('hunter2');
});

test('noProxy accepts domains, addresses and ranges', () => {
  const noProxy = ['.example.org', '*.example.net', 'host', '10.1.2.3', '10.1.0.0/16', 'host.example.org:8080'];
  expect(problems({ egress: { proxy: { http, noProxy } } })).toEqual([]);
});

test('warns about `egress` if the machines are not created', () => {
  expect(only(existing({ egress: { proxy: { http } } }).warnings, 'UNSUPPORTED_EGRESS').path).toBe('cosenza/egress');
  expect(briefly(provisioned({ egress: { proxy: { http } } }).warnings)).not.toContain('UNSUPPORTED_EGRESS at napoli/egress');
});

test('names of image pull secrets are validated', () => {
  expect(problems({ imagePullSecrets: ['registry-login', 'My Secret'] })).toEqual(['INVALID_SECRET at napoli/imagePullSecrets/1/secret']);
});
