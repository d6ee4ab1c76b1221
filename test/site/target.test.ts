import { oidcIssuer } from '../../lib/endpoints';
import { hostTarget, targetOf } from '../../lib/site';
import { refused } from '../fixtures/site';

describe('private host names', () => {
  test.each(['https://iam.lab.internal/', 'https://iam.local', 'https://nas.lan:9000', 'https://iam.home.arpa', 'http://minio:9000'])(
    '%s needs addresses',
    (url) => {
      const { fix } = refused('MISSING_HOST_ADDRESSES', () => targetOf(url));

      expect(fix).toContain(`getent hosts ${new URL(url).hostname}`);
      expect(targetOf(url, ['10.1.2.3/32']).peer).toEqual({ kind: 'addresses', cidrs: ['10.1.2.3/32'] });
    },
  );

  test('are rejected for an OIDC issuer without addresses', () => {
    refused('MISSING_HOST_ADDRESSES', () => oidcIssuer('https://iam.lab.internal/'));
    refused('MISSING_HOST_ADDRESSES', () => oidcIssuer('https://iam.lab.internal/', { cidrs: [] }));
  });
});

test('a public host name is the Internet, an address a CIDR', () => {
  expect(targetOf('https://iam.example.org/')).toEqual({ peer: { kind: 'internet' }, port: 443 });
  expect(hostTarget('192.0.2.7', 27000)).toEqual({ peer: { kind: 'addresses', cidrs: ['192.0.2.7/32'] }, port: 27000 });
});
