import {
  type EndpointProps,
  type ExternalHttpProps,
  type ExternalPostgresqlProps,
  type ExternalS3Props,
  endpoint,
  externalHttp,
  externalPostgresql,
  externalS3,
  type OidcIssuerProps,
  oidcIssuer,
} from '../../lib/endpoints';
import { hostTarget, secret } from '../../lib/site';
import { briefly, problemsOf, refused, untyped } from '../fixtures/site';

const operator = (name: string, key: string, what: string) => ({ secret: { name, key }, origin: { kind: 'operator', what } });

describe('externalS3', () => {
  const props: Required<ExternalS3Props> = {
    url: 'https://s3.example.org/',
    name: 'archive',
    region: 'cern',
    accessKey: secret('s3', 'access'),
    secretKey: secret('s3', 'secret'),
    bucket: 'atlas',
    authority: secret('lab-ca', 'ca.crt'),
    cidrs: ['192.0.2.0/28'],
  };

  test('with every option', () => {
    expect(externalS3(props)).toEqual({
      kind: 'endpoint',
      protocol: 's3',
      name: 'archive',
      url: 'https://s3.example.org',
      region: 'cern',
      accessKey: { name: 's3', key: 'access' },
      secretKey: { name: 's3', key: 'secret' },
      bucket: 'atlas',
      authority: { name: 'lab-ca', key: 'ca.crt' },
      binding: {
        variables: {
          AWS_ENDPOINT_URL: 'https://s3.example.org',
          AWS_DEFAULT_REGION: 'cern',
          AWS_ACCESS_KEY_ID: { name: 's3', key: 'access' },
          AWS_SECRET_ACCESS_KEY: { name: 's3', key: 'secret' },
          AWS_CA_BUNDLE: '/etc/s3-authority/ca.crt',
          S3_BUCKET: 'atlas',
        },
        mounts: { '/etc/s3-authority': { volume: 's3-authority', secret: [{ name: 'lab-ca', key: 'ca.crt' }] } },
        secrets: [
          operator('s3', 'access', 'access of https://s3.example.org'),
          operator('s3', 'secret', 'secret of https://s3.example.org'),
          operator('lab-ca', 'ca.crt', 'ca.crt of https://s3.example.org'),
        ],
        reach: [{ peer: { kind: 'addresses', cidrs: ['192.0.2.0/28'] }, port: 443 }],
      },
    });
  });

  test('with required props only', () => {
    const { url, accessKey, secretKey } = props;
    expect(externalS3({ url, accessKey, secretKey })).toMatchObject({
      name: 's3.example.org',
      region: 'us-east-1',
      binding: { mounts: {}, reach: [{ peer: { kind: 'internet' }, port: 443 }] },
    });
    expect(() => externalS3({ ...props, url: 's3.example.org' })).toThrow("INVALID_URL at externalS3/url\n  given:   's3.example.org'");
  });
});

describe('oidcIssuer', () => {
  test('uses the paths of INDIGO IAM by default', () => {
    expect(oidcIssuer('https://iam.example.org')).toEqual({
      kind: 'endpoint',
      protocol: 'oidc',
      name: 'iam.example.org',
      issuer: 'https://iam.example.org',
      authorizeUrl: 'https://iam.example.org/authorize',
      tokenUrl: 'https://iam.example.org/token',
      userinfoUrl: 'https://iam.example.org/userinfo',
      binding: { reach: [{ peer: { kind: 'internet' }, port: 443 }] },
    });
  });

  test('with every option', () => {
    const props: Required<OidcIssuerProps> = {
      authorizeUrl: 'https://a.example/auth',
      tokenUrl: 'https://b.example:8443/t',
      userinfoUrl: 'https://c.example/u',
      cidrs: ['198.51.100.7/32'],
    };
    expect(oidcIssuer('https://a.example/realm/', props)).toMatchObject({
      issuer: 'https://a.example/realm/',
      authorizeUrl: props.authorizeUrl,
      tokenUrl: props.tokenUrl,
      userinfoUrl: props.userinfoUrl,
      // Clients connect to the token endpoint; browsers connect to the others.
      binding: { reach: [{ peer: { kind: 'addresses', cidrs: props.cidrs }, port: 8443 }] },
    });
    // The other URLs are derived from the issuer, and its error is reported only once.
    expect(briefly(problemsOf(() => oidcIssuer('iam.example.org', { tokenUrl: props.tokenUrl })))).toEqual([
      'INVALID_URL at oidcIssuer/issuer',
    ]);
  });
});

describe('externalPostgresql', () => {
  const props: Required<ExternalPostgresqlProps> = {
    host: 'db.example.org',
    name: 'bookings',
    port: 6432,
    database: 'booking',
    user: 'booking',
    password: secret('booking-db', 'password'),
    authority: secret('lab-ca', 'ca.crt'),
    cidrs: ['192.0.2.40/32'],
  };

  test('with every option sets the variables of libpq, and verifies connections with the CA certificate', () => {
    expect(externalPostgresql(props)).toMatchObject({
      kind: 'endpoint',
      protocol: 'postgresql',
      name: 'bookings',
      binding: {
        variables: {
          PGHOST: 'db.example.org',
          PGPORT: '6432',
          PGDATABASE: 'booking',
          PGUSER: 'booking',
          PGPASSWORD: { name: 'booking-db', key: 'password' },
          PGSSLMODE: 'verify-full',
          PGSSLROOTCERT: '/etc/postgresql-authority/ca.crt',
        },
        mounts: { '/etc/postgresql-authority': { volume: 'postgresql-authority', secret: [secret('lab-ca', 'ca.crt')] } },
        secrets: [
          operator('booking-db', 'password', 'password of database booking on db.example.org'),
          operator('lab-ca', 'ca.crt', 'ca.crt of database booking on db.example.org'),
        ],
        reach: [{ peer: { kind: 'addresses', cidrs: ['192.0.2.40/32'] }, port: 6432 }],
      },
    });
  });

  test('with required props only, and the user name from a Secret', () => {
    const user = secret('db', 'user');
    const { name, binding } = externalPostgresql({ host: '192.0.2.40', database: 'a', user, password: secret('db', 'password') });
    expect(name).toBe('192.0.2.40');
    expect(binding.variables).toEqual({
      PGHOST: '192.0.2.40',
      PGPORT: '5432',
      PGDATABASE: 'a',
      PGUSER: user,
      PGPASSWORD: secret('db', 'password'),
    });
    expect(binding.secrets?.map(({ secret }) => secret.key)).toEqual(['user', 'password']);
    expect(binding.reach).toEqual([{ peer: { kind: 'addresses', cidrs: ['192.0.2.40/32'] }, port: 5432 }]);
  });

  test.each([0, 65536, 54.5])('port %p is rejected', (port) => {
    refused('INVALID_POSTGRESQL_PORT', () => externalPostgresql({ ...props, port }));
  });
});

test('externalHttp with every option', () => {
  const props: Required<ExternalHttpProps> = {
    url: 'https://catalogue.example.org:8443/api',
    name: 'catalogue',
    variable: 'CATALOGUE_URL',
    variables: { CATALOGUE_TOKEN: secret('catalogue', 'token') },
    page: true,
    cidrs: ['192.0.2.9/32'],
  };
  expect(externalHttp(props)).toEqual({
    kind: 'endpoint',
    protocol: 'http',
    name: 'catalogue',
    url: props.url,
    binding: {
      variables: { CATALOGUE_URL: props.url, CATALOGUE_TOKEN: secret('catalogue', 'token') },
      reach: [{ peer: { kind: 'addresses', cidrs: ['192.0.2.9/32'] }, port: 8443 }],
      pages: [props.url],
    },
  });
  expect(externalHttp({ url: 'http://192.0.2.9' }).binding).toEqual({
    variables: {},
    reach: [{ peer: { kind: 'addresses', cidrs: ['192.0.2.9/32'] }, port: 80 }],
    pages: [],
  });
  expect(briefly(problemsOf(() => externalHttp({ url: 'catalogue' })))).toEqual(['INVALID_URL at externalHttp/url']);
});

describe('a custom endpoint', () => {
  test('with every option', () => {
    const binding: Omit<Required<EndpointProps>, 'name' | 'protocol' | 'origin' | 'external'> = {
      variables: { LM_LICENSE_FILE: '27000@192.0.2.7', PAGE: { inNotebook: '{JUPYTERHUB_SERVICE_PREFIX}proxy/a' } },
      mounts: { '/etc/licences': { volume: 'licences', files: { 'server.txt': '192.0.2.7\n' } } },
      secrets: [{ secret: secret('licences'), origin: { kind: 'random', bytes: 16 } }],
      reach: [hostTarget('192.0.2.7', 27000)],
      callers: [{ from: { kind: 'pods', namespace: 'licences', labels: {} }, port: 8000 }],
      tokens: [{ file: '.licence', secret: secret('licences', 'token'), origin: { kind: 'operator', what: 'a token' } }],
      pages: ['http://192.0.2.7'],
      rights: [{ namespace: 'jobs', rules: [{ apiGroups: ['batch'], resources: ['jobs'], verbs: ['create'] }] }],
      identity: { service: 'licences', scopes: ['read:users:name!user'], hub: { id: 'hub', namespace: 'hub' } },
      check: () => undefined,
    };
    const external = endpoint({ name: 'licences' });
    const origin = { site: 'cosenza', service: 'licences' };
    expect(endpoint({ name: 'licences', protocol: 'flexlm', origin, external, ...binding })).toEqual({
      kind: 'endpoint',
      name: 'licences',
      protocol: 'flexlm',
      origin,
      external,
      binding,
    });
    expect(endpoint({ name: 'a' })).toEqual({ kind: 'endpoint', name: 'a', protocol: 'custom', binding: {} });
  });

  test('names of variables and mount paths are validated in one pass', () => {
    const files = { volume: 'a', files: {} };
    const make = () =>
      endpoint({
        name: 'a',
        variables: { OK: '', '1ST': '', 'A-B': '' },
        mounts: { '/etc/a': files, etc: files, '/': files, '/b/': files },
      });
    expect(problemsOf(make).map(({ code, path, given }) => `${code} ${path}: ${given}`)).toEqual([
      "INVALID_ENDPOINT_MOUNT endpoint/a/mounts: the mount path 'etc'",
      "INVALID_ENDPOINT_MOUNT endpoint/a/mounts: the mount path '/'",
      "INVALID_ENDPOINT_MOUNT endpoint/a/mounts: the mount path '/b/'",
      "INVALID_ENDPOINT_VARIABLE endpoint/a/variables: the environment variable '1ST'",
      "INVALID_ENDPOINT_VARIABLE endpoint/a/variables: the environment variable 'A-B'",
    ]);
  });

  test('a missing or misspelt prop is an error', () => {
    expect(briefly(problemsOf(() => endpoint(untyped({ variables: {} }))))).toEqual(['MISSING_PROP at endpoint']);
    expect(briefly(problemsOf(() => endpoint(untyped({ name: 'a', variable: {} }))))).toEqual(['UNKNOWN_PROP at endpoint/variable']);
  });
});

/** Not executed: each expression must be a compile error. */
const compileErrors = () => [
  // @ts-expect-error an endpoint without a name
  endpoint({ variables: {} }),
  // @ts-expect-error a number as the value of a variable
  endpoint({ name: 'a', variables: { PORT: 80 } }),
  // @ts-expect-error a mount without a source
  endpoint({ name: 'a', mounts: { '/a': { volume: 'a' } } }),
  // @ts-expect-error a URL as a target
  endpoint({ name: 'a', reach: ['https://a.example'] }),
  // @ts-expect-error S3 without keys
  externalS3({ url: 'https://s3.example.org' }),
];
test('compile errors are listed with their reasons', () => expect(compileErrors).toBeInstanceOf(Function));
