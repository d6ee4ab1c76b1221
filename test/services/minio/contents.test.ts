import { App, Testing } from 'cdk8s';
import { oidcIssuer } from '../../../lib/endpoints';
import { ledgerOf } from '../../../lib/kubernetes';
import {
  type Bucket,
  MinIO,
  type MinIOProps,
  type MinIOUser,
  type PolicyStatement,
  type StoreLogin,
  type StoreMetrics,
} from '../../../lib/services/minio';
import { secret, storageClass } from '../../../lib/site';
import { mayConnect, podsOf } from '../../fixtures/network';
import { briefly, existing, type Manifest, nodes, only } from '../../fixtures/site';

const site = existing({ storage: { default: storageClass('local-path') } });
const store = (props: Partial<MinIOProps> = {}) => new MinIO(new App(), 'minio', { site, on: nodes, servers: 4, ...props });
const rendered = (chart: MinIO) => Testing.synth(chart) as Manifest[];
const of = (chart: MinIO, kind: string) => rendered(chart).filter((one) => one.kind === kind);
const files = (props: Partial<MinIOProps>): Record<string, string> => of(store(props), 'ConfigMap')[0]?.data;
const problems = (chart: MinIO) => ledgerOf(chart).problems.all;
const container = (chart: MinIO) => of(chart, 'StatefulSet')[0]?.spec.template.spec.containers[0];
const variable = (chart: MinIO, name: string) => container(chart).env.find((one: { name: string }) => one.name === name);

test('a bucket with every option', () => {
  const bucket: Required<Bucket> = {
    name: 'archive',
    versioning: true,
    objectLock: { mode: 'governance', keep: '30d' },
    quota: '50GiB',
    lifecycle: [{ prefix: 'tmp/', expire: '7d', expireNoncurrent: '3d' }],
    anonymous: 'download',
  };
  const data = files({ buckets: [{ name: 'scratch' }, bucket, { name: 'locked', objectLock: true }] });
  expect(data).toMatchObject({
    buckets: 'scratch plain\narchive locked\nlocked locked\n',
    retentions: 'archive governance 30d\nlocked none\n',
    quotas: `scratch none\narchive ${50 * 2 ** 30}\nlocked none\n`,
    anonymous: 'scratch private\narchive download\nlocked private\n',
  });
  expect(JSON.parse(data['lifecycle-archive.json'] ?? '')).toEqual({
    Rules: [
      {
        ID: 'rule-1',
        Status: 'Enabled',
        Filter: { Prefix: 'tmp/' },
        Expiration: { Days: 7 },
        NoncurrentVersionExpiration: { NoncurrentDays: 3 },
      },
    ],
  });
  expect(data).not.toHaveProperty('lifecycle-scratch.json');
});

test('a user with every option', () => {
  const user: Required<MinIOUser> = {
    name: 'alice',
    access: [{ actions: ['s3:GetObject'], resources: ['scratch/public/*'], conditions: { StringEquals: { 's3:prefix': 'public/' } } }],
    buckets: ['scratch'],
    serviceAccounts: [{ name: 'pipeline' }, { name: 'viewer', access: [{ effect: 'Deny', actions: ['admin:ServerInfo'] }] }],
  };
  const chart = store({ users: [user] });
  const data = files({ users: [user] });
  expect(data).toMatchObject({ users: 'alice\n', accounts: 'alice pipeline\nalice viewer\n' });
  expect(JSON.parse(data['alice.json'] ?? '').Statement).toEqual([
    {
      Effect: 'Allow',
      Action: ['s3:GetObject'],
      Resource: ['arn:aws:s3:::scratch/public/*'],
      Condition: { StringEquals: { 's3:prefix': 'public/' } },
    },
  ]);
  expect(JSON.parse(data['account-viewer.json'] ?? '').Statement).toEqual([{ Effect: 'Deny', Action: ['admin:ServerInfo'] }]);
  expect(data).not.toHaveProperty('account-pipeline.json');
  expect(ledgerOf(chart).secrets.map(({ secret: { name, key } }) => `${name}/${key}`)).toEqual(
    expect.arrayContaining(['minio-alice/access-key', 'minio-pipeline/secret-key', 'minio-viewer/secret-key']),
  );
  expect(chart.endpointFor(user, user.serviceAccounts[0])).toMatchObject({ accessKey: { name: 'minio-pipeline' }, bucket: 'scratch' });
});

test('writeonly users can neither list nor read', () => {
  const { Statement } = JSON.parse(files({ users: [{ name: 'drop-box', access: 'writeonly' }] })['drop-box.json'] ?? '');
  const actions = Statement.flatMap(({ Action }: { Action: string[] }) => Action);
  expect(actions).toContain('s3:PutObject');
  expect(actions).not.toEqual(expect.arrayContaining(['s3:GetObject']));
  expect(actions).not.toEqual(expect.arrayContaining(['s3:ListBucket']));
});

test('login with policies by name, or by a claim', () => {
  const login: Required<StoreLogin> = {
    issuer: oidcIssuer('https://iam.example.org/', { cidrs: ['203.0.113.0/28'] }),
    client: 'store',
    clientSecret: secret('iam-client', 'secret'),
    policies: ['auditor', 'readonly'],
    scopes: ['openid', 'profile'],
    title: 'INDIGO IAM',
  };
  const policies = [{ name: 'auditor', statements: [{ actions: ['s3:ListBucket'] }] }] as const;
  const chart = store({ login, policies });
  const variables = container(chart).env.filter(({ name }: { name: string }) => name.startsWith('MINIO_IDENTITY_OPENID_'));
  expect(
    Object.fromEntries(
      variables.map(({ name, value, valueFrom }: any) => [
        name.slice('MINIO_IDENTITY_OPENID_'.length),
        value ?? valueFrom.secretKeyRef.name,
      ]),
    ),
  ).toEqual({
    CONFIG_URL: 'https://iam.example.org/.well-known/openid-configuration',
    CLIENT_ID: 'store',
    CLIENT_SECRET: 'iam-client',
    SCOPES: 'openid,profile',
    DISPLAY_NAME: 'INDIGO IAM',
    ROLE_POLICY: 'auditor,readonly',
  });
  expect(files({ login, policies }).policies).toBe('auditor\n');
  const [server] = podsOf(rendered(chart));
  expect(server && mayConnect(rendered(chart), server, { name: 'iam', address: '203.0.113.3' }, 443)).toBe(true);
  expect(variable(store({ login: { ...login, policies: { claim: 'wlcg.groups' } } }), 'MINIO_IDENTITY_OPENID_CLAIM_NAME').value).toBe(
    'wlcg.groups',
  );
});

test('metrics are open only to the given pods, with or without a token', () => {
  const metrics: Required<StoreMetrics> = {
    from: { kind: 'pods', namespace: 'monitoring', labels: { app: 'prometheus' } },
    auth: 'public',
  };
  const chart = store({ metrics });
  const [server] = podsOf(rendered(chart));
  const policy = of(chart, 'NetworkPolicy').find(({ metadata }) => metadata.name === 'minio');
  expect(JSON.stringify(policy?.spec.ingress)).toContain('"app":"prometheus"');
  expect(server?.ports.map(({ port }) => port)).toEqual([9000, 9001]);
  expect(variable(chart, 'MINIO_PROMETHEUS_AUTH_TYPE').value).toBe('public');
  expect(variable(store({ metrics: { from: metrics.from } }), 'MINIO_PROMETHEUS_AUTH_TYPE').value).toBe('jwt');
  expect(variable(store({ console: false }), 'MINIO_BROWSER').value).toBe('off');
});

test('serverTls: certificate for all host names, HTTPS probes, and the CA certificate in the endpoint', () => {
  const chart = store({ serverTls: {}, pools: [{}, {}], host: 's3.example.org' });
  const { args, readinessProbe, volumeMounts } = container(chart);
  expect(args).toEqual(
    expect.arrayContaining(['--certs-dir', '/etc/minio/certs', 'https://minio-{0...3}.minio.minio.svc.cluster.local:9000/export-0']),
  );
  expect(readinessProbe.httpGet.scheme).toBe('HTTPS');
  expect(volumeMounts).toContainEqual({ name: 'certificates', mountPath: '/etc/minio/certs', readOnly: true });
  expect(chart.endpoint).toMatchObject({
    url: 'https://minio-s3.minio.svc.cluster.local:9000',
    authority: { name: 'minio-ca', key: 'ca.crt' },
  });
  const origins = ledgerOf(chart).secrets.map(({ secret: { name, key }, origin }) => [`${name}/${key}`, origin] as const);
  const inside = 'minio.svc.cluster.local';
  expect(Object.fromEntries(origins)).toMatchObject({
    'minio-tls/tls.key': {
      kind: 'certificate',
      hosts: [`minio-s3.${inside}`, `*.minio.${inside}`, `*.minio-pool-2.${inside}`, 's3.example.org'],
    },
    'minio-ca/ca.crt': { kind: 'same', as: { name: 'minio-tls', key: 'tls.crt' } },
  });
  const own = store({ serverTls: { secret: 'from-cert-manager', authority: secret('from-cert-manager', 'ca.crt') } });
  expect(own.endpoint.authority).toEqual({ name: 'from-cert-manager', key: 'ca.crt' });
});

describe('invalid buckets, users and policies', () => {
  const lists: PolicyStatement = { actions: ['s3:ListBucket'] };
  test.each<[string, string, Partial<MinIOProps>]>([
    ['INVALID_MINIO_QUOTA', 'cosenza/minio/buckets/big/quota', { buckets: [{ name: 'big', quota: '1TiB' }] }],
    ['INVALID_MINIO_LIFECYCLE', 'cosenza/minio/buckets/one/lifecycle', { buckets: [{ name: 'one', lifecycle: [{}] }] }],
    [
      'INVALID_MINIO_LIFECYCLE',
      'cosenza/minio/buckets/one/lifecycle',
      { buckets: [{ name: 'one', lifecycle: [{ expireNoncurrent: '3d' }] }] },
    ],
    ['INVALID_MINIO_LIFECYCLE', 'cosenza/minio/buckets/one/lifecycle', { buckets: [{ name: 'one', lifecycle: [{ expire: '0.5d' }] }] }],
    [
      'INVALID_MINIO_LIFECYCLE',
      'cosenza/minio/buckets/one/objectLock',
      { buckets: [{ name: 'one', objectLock: { mode: 'compliance', keep: '0d' } }] },
    ],
    ['DUPLICATE_MINIO_NAME', 'cosenza/minio/buckets/one', { buckets: [{ name: 'one' }, { name: 'one' }] }],
    ['DUPLICATE_MINIO_NAME', 'cosenza/minio/users/alice', { users: [{ name: 'alice' }, { name: 'alice', access: 'readonly' }] }],
    [
      'DUPLICATE_MINIO_NAME',
      'cosenza/minio/policies/alice',
      { users: [{ name: 'alice' }], policies: [{ name: 'alice', statements: [lists] }] },
    ],
    [
      'DUPLICATE_MINIO_NAME',
      'cosenza/minio/policies/auditor',
      {
        policies: [
          { name: 'auditor', statements: [lists] },
          { name: 'auditor', statements: [lists] },
        ],
      },
    ],
    [
      'DUPLICATE_MINIO_NAME',
      'cosenza/minio/users/alice/serviceAccounts/alice',
      { users: [{ name: 'alice', serviceAccounts: [{ name: 'alice' }] }] },
    ],
    [
      'DUPLICATE_MINIO_NAME',
      'cosenza/minio/users/bob/serviceAccounts/pipeline',
      {
        users: [
          { name: 'alice', serviceAccounts: [{ name: 'pipeline' }] },
          { name: 'bob', serviceAccounts: [{ name: 'pipeline' }] },
        ],
      },
    ],
    ['INVALID_USER', 'cosenza/minio/users/alice/serviceAccounts/A', { users: [{ name: 'alice', serviceAccounts: [{ name: 'A' }] }] }],
    ['INVALID_USER', 'cosenza/minio/policies/A', { policies: [{ name: 'A', statements: [lists] }] }],
    ['RESERVED_MINIO_NAME', 'cosenza/minio/users/readonly', { users: [{ name: 'readonly', access: 'readonly' }] }],
    ['RESERVED_MINIO_NAME', 'cosenza/minio/policies/diagnostics', { policies: [{ name: 'diagnostics', statements: [lists] }] }],
    ['RESERVED_MINIO_NAME', 'cosenza/minio/users/root', { users: [{ name: 'root' }] }],
    [
      'RESERVED_MINIO_NAME',
      'cosenza/minio/users/alice/serviceAccounts/tls',
      { users: [{ name: 'alice', serviceAccounts: [{ name: 'tls' }] }] },
    ],
    ['MISSING_MINIO_ENTRIES', 'cosenza/minio/users', { users: [] }],
    ['MISSING_MINIO_ENTRIES', 'cosenza/minio/buckets', { buckets: [] }],
    ['MISSING_MINIO_ENTRIES', 'cosenza/minio/users/alice/buckets', { users: [{ name: 'alice', buckets: [] }] }],
    ['MISSING_MINIO_ENTRIES', 'cosenza/minio/users/alice/access', { users: [{ name: 'alice', access: [] }] }],
    ['MISSING_MINIO_ENTRIES', 'cosenza/minio/users/alice/access/0/actions', { users: [{ name: 'alice', access: [{ actions: [] }] }] }],
    [
      'MISSING_MINIO_ENTRIES',
      'cosenza/minio/users/alice/access/1/resources',
      { users: [{ name: 'alice', access: [lists, { actions: ['s3:*'], resources: [] }] }] },
    ],
    [
      'MISSING_MINIO_ENTRIES',
      'cosenza/minio/users/alice/serviceAccounts/viewer/access',
      { users: [{ name: 'alice', serviceAccounts: [{ name: 'viewer', access: [] }] }] },
    ],
    ['MISSING_MINIO_ENTRIES', 'cosenza/minio/policies/auditor/statements', { policies: [{ name: 'auditor', statements: [] }] }],
    [
      'UNKNOWN_MINIO_POLICY',
      'cosenza/minio/login/policies',
      { login: { issuer: oidcIssuer('https://iam.example.org'), client: 'c', policies: ['readonl'] } },
    ],
    [
      'UNKNOWN_MINIO_POLICY',
      'cosenza/minio/login/policies',
      { login: { issuer: oidcIssuer('https://iam.example.org'), client: 'c', policies: [] } },
    ],
  ])('%s at %s', (code, path, props) => {
    const chart = store(props);
    expect(briefly(problems(chart))).toEqual([`${code} at ${path}`]);
    only(problems(chart), code);
  });

  test('all findings are reported at once, with given, allowed and fix', () => {
    const chart = store({
      buckets: [{ name: 'one' }, { name: 'one' }],
      users: [{ name: 'alice', buckets: [] }, { name: 'alice' }, { name: 'readwrite' }],
    });
    const text = Object.fromEntries(problems(chart).map(({ path, given, allowed, fix }) => [path, { given, allowed, fix }]));
    expect(text).toEqual({
      'cosenza/minio/buckets/one': {
        given: "duplicate name 'one'",
        allowed: 'unique names of buckets, and unique names among all users, service accounts and policies',
        fix: 'rename one of them',
      },
      'cosenza/minio/users/alice': {
        given: "duplicate name 'alice'",
        allowed: 'unique names of buckets, and unique names among all users, service accounts and policies',
        fix: 'rename one of them',
      },
      'cosenza/minio/users/alice/buckets': {
        given: 'an empty list',
        allowed: 'at least one bucket',
        fix: 'remove `buckets`: the default is all buckets of the store',
      },
      'cosenza/minio/users/readwrite': {
        given: "name 'readwrite'",
        allowed: 'names other than the reserved ones: consoleAdmin, diagnostics, readonly, readwrite, writeonly',
        fix: 'choose another name',
      },
    });
  });
});
