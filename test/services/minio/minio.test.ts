import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { App, Testing } from 'cdk8s';
import fc from 'fast-check';
import { oidcIssuer } from '../../../lib/endpoints';
import { ledgerOf } from '../../../lib/kubernetes';
import { erasureCode, MinIO, type MinIOProps, type MinIOUser } from '../../../lib/services/minio';
import { storageClass } from '../../../lib/site';
import { mayConnect, podsOf } from '../../fixtures/network';
import { briefly, existing, type Manifest, nodes, only, problemsOf, refused } from '../../fixtures/site';

const site = existing({ storage: { default: storageClass('local-path'), classes: [storageClass('fast')] } });
const store = (props: Partial<MinIOProps> = {}, id = 'minio') => new MinIO(new App(), id, { site, on: nodes, ...props });
const rendered = (chart: MinIO) => Testing.synth(chart) as Manifest[];
const problems = (chart: MinIO) => ledgerOf(chart).problems.all;

function object(chart: MinIO, kind: string, name: string | RegExp = /^/): Manifest {
  const [found, ...more] = rendered(chart).filter(
    (one) => one.kind === kind && (typeof name === 'string' ? one.metadata.name === name : name.test(one.metadata.name)),
  );
  if (!found || more.length > 0) throw new Error(`not exactly one ${kind} ${name}`);
  return found;
}

const server = (chart: MinIO) => object(chart, 'StatefulSet').spec.template.spec.containers[0];
const env = (container: any, name: string) => container.env.find((one: any) => one.name === name);

describe('erasure code', () => {
  const shapes = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 16 }));

  /** Valid sizes of erasure sets by the documentation: 2 to 16 drives that divide the total, evenly distributed over the servers. */
  function validSetSizes(servers: number, drives: number): number[] {
    const total = servers * drives;
    const sizes: number[] = [];
    for (let size = 2; size <= 16; size++) {
      const divides = Number.isInteger(total / size);
      const even = Number.isInteger(size / servers) || Number.isInteger(servers / size);
      if (divides && even) sizes.push(size);
    }
    return sizes;
  }

  test('has the largest valid set size; other numbers of drives are rejected', () => {
    fc.assert(
      fc.property(shapes, ([servers, drives]) => {
        const sizes = servers * drives === 1 ? [1] : validSetSizes(servers, drives);
        if (sizes.length === 0) return void refused('INVALID_MINIO_DRIVES', () => erasureCode(servers, drives));
        const code = erasureCode(servers, drives);
        expect(code.setSize).toBe(Math.max(...sizes));
        expect(code.sets * code.setSize).toBe(servers * drives);
      }),
    );
  });

  test('with the stated number of failed servers, each set has quorum; with one more, not', () => {
    fc.assert(
      fc.property(shapes, fc.option(fc.nat(8), { nil: undefined }), ([servers, drives], parity) => {
        fc.pre(problemsOf(() => erasureCode(servers, drives, parity)).length === 0);
        const code = erasureCode(servers, drives, parity);
        // Drives of one set on each of its servers.
        const width = Math.min(code.setSize, servers);
        const left = (lost: number) => code.setSize - (code.setSize / width) * Math.min(lost, width);
        expect(left(code.serversLostReading)).toBeGreaterThanOrEqual(code.readQuorum);
        expect(left(code.serversLostReading + 1)).toBeLessThan(code.readQuorum);
        expect(left(code.serversLostWriting)).toBeGreaterThanOrEqual(code.writeQuorum);
        expect(left(code.serversLostWriting + 1)).toBeLessThan(code.writeQuorum);
      }),
    );
  });

  test('write quorums overlap, and a write quorum is enough to read', () => {
    fc.assert(
      fc.property(shapes, fc.option(fc.nat(8), { nil: undefined }), ([servers, drives], parity) => {
        fc.pre(problemsOf(() => erasureCode(servers, drives, parity)).length === 0);
        const code = erasureCode(servers, drives, parity);
        expect(2 * code.writeQuorum).toBeGreaterThan(code.setSize);
        expect(code.readQuorum + code.parity).toBe(code.setSize);
        expect(code.writeQuorum).toBeGreaterThanOrEqual(code.readQuorum);
        expect(code.usable).toBeCloseTo((code.setSize - code.parity) / code.setSize);
      }),
    );
  });

  test.each([
    [[1, 1], { setSize: 1, parity: 0, serversLostWriting: 0, usable: 1 }],
    [[4, 1], { setSize: 4, sets: 1, parity: 2, readQuorum: 2, writeQuorum: 3, serversLostReading: 2, serversLostWriting: 1, usable: 0.5 }],
    [[4, 4], { setSize: 16, sets: 1, parity: 4, serversLostReading: 1, serversLostWriting: 1, usable: 0.75 }],
    [[5, 1], { setSize: 5, parity: 2, serversLostReading: 2, serversLostWriting: 2 }],
    [[8, 4], { setSize: 16, sets: 2, parity: 4, serversLostReading: 2 }],
    [[3, 8], { setSize: 12, sets: 2, parity: 4, serversLostReading: 1 }],
  ])('%j servers and drives', ([servers, drives], code) => expect(erasureCode(servers as number, drives as number)).toMatchObject(code));

  test('parity is at most half of the set', () => {
    expect(erasureCode(4, 1, 0)).toMatchObject({ parity: 0, usable: 1, serversLostReading: 0 });
    expect(refused('INVALID_MINIO_PARITY', () => erasureCode(4, 1, 3)).allowed).toBe('an integer from 0 to 2');
    for (const parity of [-1, 1.5, '2' as never]) refused('INVALID_MINIO_PARITY', () => erasureCode(4, 1, parity));
    for (const servers of [0, 1.5, 17, '4' as never, Number.NaN]) refused('INVALID_MINIO_DRIVES', () => erasureCode(servers, 1));
    refused('INVALID_MINIO_DRIVES', () => erasureCode(4, 1e9));
  });
});

describe('a store with default options', () => {
  const chart = store();

  test('has four servers that start in parallel on different nodes', () => {
    const { spec } = object(chart, 'StatefulSet');
    expect(spec).toMatchObject({ replicas: 4, serviceName: 'minio', podManagementPolicy: 'Parallel' });
    expect(spec.template.spec.affinity.podAntiAffinity).toHaveProperty('requiredDuringSchedulingIgnoredDuringExecution');
    expect(
      spec.volumeClaimTemplates.map((claim: Manifest) => [
        claim.metadata.name,
        claim.spec.storageClassName,
        claim.spec.resources.requests.storage,
      ]),
    ).toEqual([['export-0', 'local-path', '100Gi']]);
    const [{ metadata }] = spec.volumeClaimTemplates;
    expect(metadata.labels).toEqual({ 'app.kubernetes.io/instance': 'minio', 'analysis-facility.io/data': 'keep' });
    expect(metadata.annotations).toEqual({
      'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false',
      'kustomize.toolkit.fluxcd.io/prune': 'disabled',
    });
    expect(object(chart, 'PodDisruptionBudget').spec.maxUnavailable).toBe(1);
    expect(briefly(problems(chart))).toEqual([]);
  });

  test('server arguments use the names of the headless Service', () => {
    expect(server(chart).args.at(-1)).toBe('http://minio-{0...3}.minio.minio.svc.cluster.local:9000/export-0');
    expect(object(chart, 'Service', 'minio').spec.clusterIP).toBe('None');
  });

  test('clients connect through a Service of ready servers', () => {
    const { spec } = object(chart, 'Service', 'minio-s3');
    expect(spec.publishNotReadyAddresses).toBeUndefined();
    expect(spec.clusterIP).toBeUndefined();
    expect(spec.selector).toEqual(object(chart, 'StatefulSet').spec.selector.matchLabels);
    expect(chart.endpoint).toMatchObject({
      kind: 'endpoint',
      protocol: 's3',
      name: 'minio',
      origin: { site: 'cosenza', service: 'minio' },
      url: 'http://minio-s3.minio.svc.cluster.local:9000',
      region: 'us-east-1',
      accessKey: { name: 'minio-analysis', key: 'access-key' },
      secretKey: { name: 'minio-analysis', key: 'secret-key' },
      bucket: 'scratch',
    });
    expect(chart.endpoint.external).toBeUndefined();
    expect(chart.endpoint.binding.reach).toEqual([
      { peer: { kind: 'pods', namespace: 'minio', labels: { 'app.kubernetes.io/instance': 'minio' } }, port: 9000 },
    ]);
  });

  test('the startup probe waits for the other servers; the headless Service publishes addresses that are not ready', () => {
    const { startupProbe, readinessProbe, livenessProbe } = server(chart);
    expect(startupProbe.periodSeconds * startupProbe.failureThreshold).toBeGreaterThanOrEqual(600);
    expect(readinessProbe.httpGet.path).toBe('/minio/health/ready');
    expect(livenessProbe.httpGet.path).toBe('/minio/health/live');
  });

  test('manifests contain no secrets; each Secret has an origin', () => {
    expect(env(server(chart), 'MINIO_ROOT_PASSWORD')).toEqual({
      name: 'MINIO_ROOT_PASSWORD',
      valueFrom: { secretKeyRef: { name: 'minio-root', key: 'password' } },
    });
    expect(rendered(chart).map(({ kind }) => kind)).not.toContain('Secret');
    expect(ledgerOf(chart).secrets.map(({ secret, origin }) => `${secret.name}/${secret.key} ${origin.kind}`)).toEqual([
      'minio-root/user random',
      'minio-root/password random',
      'minio-analysis/access-key fixed',
      'minio-analysis/secret-key random',
    ]);
  });

  test('NetworkPolicies allow only flows from servers and Job to the servers', () => {
    const objects = rendered(chart);
    const open = podsOf(objects).flatMap((from) =>
      podsOf(objects).flatMap((to) =>
        [9000, 9001, 443].filter((port) => mayConnect(objects, from, to, port)).map((port) => `${from.name} ${to.name} ${port}`),
      ),
    );
    expect(open).toEqual(['minio minio 9000', 'minio-setup minio 9000']);
  });

  test('the summary states fault tolerance and capacity', () => {
    expect(ledgerOf(chart).summaryNotes).toEqual([
      {
        service: 'minio',
        text: 'tolerates the failure of 1 of 4 servers (reads: 2), or of 1 of 4 drives of a set (reads: 2); usable 200 GiB of 400 GiB',
      },
    ]);
    expect(ledgerOf(chart).problems.warnings).toEqual([]);
  });
});

describe('buckets and users', () => {
  const users: MinIOUser[] = [{ name: 'analysis' }, { name: 'reader', access: 'readonly', buckets: ['results'] }];
  const chart = store({ buckets: [{ name: 'scratch' }, { name: 'results', versioning: true }], users });
  const files = object(chart, 'ConfigMap').data;

  test('are files of the Job', () => {
    expect(files.buckets).toBe('scratch plain\nresults versioned\n');
    expect(files.users).toBe('analysis\nreader\n');
    const job = object(chart, 'Job').spec.template.spec;
    expect(job.containers[0].volumeMounts.map(({ mountPath }: any) => mountPath)).toEqual([
      '/etc/store',
      '/tmp',
      '/secrets/analysis',
      '/secrets/reader',
    ]);
    expect(job.volumes[0].configMap.name).toBe(object(chart, 'ConfigMap').metadata.name);
  });

  test('a readonly user can only read the given buckets', () => {
    const policy = JSON.parse(files['reader.json']);
    const actions = policy.Statement.flatMap((one: any) => one.Action);
    expect(actions).toEqual(['s3:GetBucketLocation', 's3:ListBucket', 's3:GetObject']);
    expect(policy.Statement.map((one: any) => one.Resource)).toEqual([['arn:aws:s3:::results'], ['arn:aws:s3:::results/*']]);
  });

  test('a readwrite user can write to all buckets', () => {
    const policy = JSON.parse(files['analysis.json']);
    expect(policy.Statement.flatMap((one: any) => one.Action)).toEqual(
      expect.arrayContaining(['s3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload']),
    );
    expect(policy.Statement[0].Resource).toEqual(['arn:aws:s3:::scratch', 'arn:aws:s3:::results']);
    expect(JSON.stringify(policy)).not.toMatch(/"s3:\*"|"\*"/);
  });

  test('each user has an endpoint', () => {
    expect(chart.endpoint).toMatchObject({ bucket: 'scratch', accessKey: { name: 'minio-analysis' } });
    expect(chart.endpointFor(users[1] ?? users[0] ?? { name: '' })).toMatchObject({
      bucket: 'results',
      accessKey: { name: 'minio-reader' },
    });
  });

  test('the Job is renamed only if the contents change', () => {
    const name = (buckets: MinIOProps['buckets']) => object(store({ buckets }), 'Job').metadata.name;
    expect(name([{ name: 'scratch' }])).toBe(object(store(), 'Job').metadata.name);
    expect(name([{ name: 'scratch' }, { name: 'more' }])).not.toBe(name([{ name: 'scratch' }]));
  });

  test('the script of the Job has valid shell syntax', () => {
    expect(() => execFileSync('sh', ['-n', join(__dirname, '../../../lib/services/minio/setup.sh')])).not.toThrow();
    expect(files['setup.sh']).toMatch(/^#!\/bin\/sh\n/);
  });
});

test('a store with every option', () => {
  const props: Required<MinIOProps> = {
    site,
    namespace: 'data',
    patch: [{ object: 'StatefulSet/store', operations: [{ op: 'add', path: '/metadata/labels/team', value: 'cms' }] }],
    on: nodes,
    servers: 3,
    drivesPerServer: 2,
    driveSize: '1TiB',
    storageClass: storageClass('fast'),
    parity: 3,
    apart: 'preferred',
    resources: { cpu: 2, memory: '8GiB' },
    buckets: [{ name: 'atlas' }],
    users: [{ name: 'prod' }],
    region: 'cern',
    host: 's3.example.org',
    consoleHost: 'console.example.org',
    console: false,
    pools: [{}],
    policies: [{ name: 'auditor', statements: [{ actions: ['s3:ListBucket'] }] }],
    login: { issuer: oidcIssuer('https://iam.example.org'), client: 'store', policies: ['auditor'] },
    metrics: { from: { kind: 'pods', namespace: 'monitoring', labels: {} } },
    serverTls: {},
    tls: { secret: 'wildcard' },
    image: 'registry.example/minio:1',
  };
  const chart = store(props, 'store');
  const set = object(chart, 'StatefulSet');

  expect(set).toMatchObject({ metadata: { name: 'store', namespace: 'data', labels: { team: 'cms' } }, spec: { replicas: 3 } });
  expect(
    set.spec.volumeClaimTemplates.map((one: Manifest) => [
      one.metadata.name,
      one.spec.storageClassName,
      one.spec.resources.requests.storage,
    ]),
  ).toEqual([
    ['export-0', 'fast', '1Ti'],
    ['export-1', 'fast', '1Ti'],
  ]);
  expect(set.spec.template.spec.affinity.podAntiAffinity).toHaveProperty('preferredDuringSchedulingIgnoredDuringExecution');
  expect(server(chart)).toMatchObject({ image: 'registry.example/minio:1', resources: { requests: { cpu: '2', memory: '8Gi' } } });
  expect(server(chart).args.at(-1)).toBe('https://store-{0...2}.store.data.svc.cluster.local:9000/export-{0...1}');
  expect(server(chart).volumeMounts.map(({ mountPath }: any) => mountPath)).toEqual(['/tmp', '/etc/minio/certs', '/export-0', '/export-1']);
  expect(env(server(chart), 'MINIO_STORAGE_CLASS_STANDARD').value).toBe('EC:3');
  expect(env(server(chart), 'MINIO_REGION').value).toBe('cern');
  expect(env(server(chart), 'MINIO_BROWSER_REDIRECT_URL').value).toBe('https://console.example.org');
  expect(chart.endpoint).toMatchObject({ region: 'cern', bucket: 'atlas', url: 'https://store-s3.data.svc.cluster.local:9000' });
  const ingresses = rendered(chart).filter(({ kind }) => kind === 'Ingress');
  expect(
    ingresses.map(({ metadata, spec }) => [
      metadata.name,
      spec.rules[0].host,
      spec.rules[0].http.paths[0].backend.service,
      spec.tls[0].secretName,
    ]),
  ).toEqual([
    ['store-s3', 's3.example.org', { name: 'store-s3', port: { name: 's3' } }, 'wildcard'],
    ['store-console', 'console.example.org', { name: 'store-s3', port: { name: 'console' } }, 'wildcard'],
  ]);
  expect(briefly(ledgerOf(chart).problems.warnings)).toEqual(['MISSING_MINIO_SPREAD at cosenza/store/apart']);
  expect(briefly(problems(chart))).toEqual([]);
});

test('MISSING_MINIO_PARITY: a single drive has no redundancy', () => {
  const chart = store({ servers: 1 });
  expect(server(chart).args.at(-1)).toBe('/export-0');
  expect(object(chart, 'StatefulSet').metadata.annotations).toHaveProperty(['analysis-facility.io/exception.singleton']);
  expect(briefly(ledgerOf(chart).problems.warnings)).toEqual(['MISSING_MINIO_PARITY at cosenza/minio/parity']);
  expect(rendered(chart).map(({ kind }) => kind)).not.toContain('PodDisruptionBudget');
  expect(server(store({ servers: 1, drivesPerServer: 4 })).args.at(-1)).toBe('/export-{0...3}');
});

describe('findings have the path of the prop', () => {
  test.each<[string, string, Partial<MinIOProps>]>([
    ['INVALID_MINIO_DRIVES', 'cosenza/minio/servers', { servers: 17 }],
    ['INVALID_MINIO_DRIVES', 'cosenza/minio/servers', { servers: 0 }],
    ['INVALID_MINIO_PARITY', 'cosenza/minio/servers', { parity: 3 }],
    ['INVALID_BUCKET', 'cosenza/minio/buckets', { buckets: [{ name: 'My_Bucket' }] }],
    ['INVALID_BUCKET', 'cosenza/minio/buckets', { buckets: [{ name: 'ab' }] }],
    ['INVALID_BUCKET', 'cosenza/minio/users/analysis', { users: [{ name: 'analysis', buckets: ['other'] }] }],
    ['INVALID_USER', `cosenza/minio/users/${'x'.repeat(21)}`, { users: [{ name: 'x'.repeat(21) }] }],
    ['MISSING_STORAGE_CLASS', 'cosenza/minio/minio/claims/export-0', { site: existing({ storage: {} }) }],
    ['INVALID_HOST', 'cosenza/minio/s3/host', { host: 'https://s3.example.org' }],
    ['MISSING_INGRESS', 'cosenza/minio/console', { consoleHost: 'c.example.org', site: existing({}, { ingress: undefined }) }],
  ])('%s at %s', (code, path, props) => {
    const chart = store(props);
    expect(briefly(problems(chart))).toEqual([`${code} at ${path}`]);
    only(problems(chart), code);
  });

  test('an invalid quantity', () => {
    const codes = problems(store({ driveSize: '500 gigs' as never })).map(({ code }) => code);
    expect(new Set(codes)).toEqual(new Set(['INVALID_QUANTITY']));
  });
});
