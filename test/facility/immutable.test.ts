import { Problems } from '../../lib/errors';
import { checkImmutable, IMMUTABLE_FIELDS } from '../../lib/facility/immutable';
import type { BuiltObject } from '../../lib/kubernetes';
import { CHANGES } from '../fixtures/immutable';
import { briefly } from '../fixtures/site';

function found(before: BuiltObject, after: BuiltObject, minor = 30) {
  const problems = new Problems();
  checkImmutable({ chart: 'one', path: 'cosenza/one', object: after }, before, minor, problems);
  return problems.all;
}

const [refused, accepted] = [true, false].map((which) => CHANGES.filter((change) => change.refused === which));

test.each(refused?.map((change) => [change.what, change] as const) ?? [])('rejected: %s', (_, { before, after, acceptedFrom }) => {
  expect(briefly(found(before, after))).toEqual(['IMMUTABLE_FIELD at cosenza/one']);
  if (acceptedFrom !== undefined) expect(found(before, after, acceptedFrom)).toEqual([]);
});

test.each(accepted?.map((change) => [change.what, change] as const) ?? [])('accepted: %s', (_, { before, after }) =>
  expect(found(before, after)).toEqual([]),
);

test('every field of the table is covered by a case that the suite `apiserver` runs', () => {
  const changed = refused?.flatMap(({ before, after }) => found(before, after).map(({ given }) => `${before.kind}: ${given}`));
  for (const [key, { fields }] of Object.entries(IMMUTABLE_FIELDS)) {
    const kind = key.split('/')[1];
    for (const { field } of fields) expect(changed?.filter((one) => one.startsWith(`${kind}: `) && one.includes(field))).not.toEqual([]);
  }
});

const storageClass = (fields: object) => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'cinder' },
  provisioner: 'cinder.csi.openstack.org',
  ...fields,
});

test('the message names each field with the value before and after, and the command that replaces the object', () => {
  const [problem] = found(storageClass({ reclaimPolicy: 'Delete' }), storageClass({ reclaimPolicy: 'Retain' }));
  expect(problem).toEqual({
    severity: 'error',
    path: 'cosenza/one',
    code: 'IMMUTABLE_FIELD',
    given: "StorageClass cinder with reclaimPolicy from 'Delete' to 'Retain'",
    allowed: 'the committed value: this field is immutable in Kubernetes',
    fix: 'revert the change; or suspend syncing (README, GitOps), run `kubectl delete storageclass cinder` (existing volumes keep the old settings; or add a second class with another name), add this code and path with a reason to `accept` of the site, run `npx facility synth`, and commit; remove the entry afterwards',
  });
  expect(found(storageClass({ parameters: { type: 'ssd' } }), storageClass({}))[0]?.given).toBe(
    "StorageClass cinder with parameters.type from 'ssd' to unset",
  );
});

test('a nested field is reported by its path, and long lists of changes are shortened', () => {
  const job = (image: string, env: object[] = []) => ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'load', namespace: 'data' },
    spec: { template: { spec: { containers: [{ name: 'main', image, env }] } } },
  });
  const [image] = found(job('one:1'), job('one:2'));
  expect(image?.given).toBe("Job load with spec.template.spec.containers.0.image from 'one:1' to 'one:2'");
  expect(image?.fix).toContain(
    'run `kubectl delete job load -n data` (it runs again), add this code and path with a reason to `accept` of the site',
  );
  const [env] = found(job('one:1'), job('one:1', [{ name: 'A' }, { name: 'B' }]));
  expect(env?.given).toBe('Job load with spec.template.spec.containers.0.env from [] to [A, B]');
  const [many] = found(storageClass({ parameters: { a: '1', b: '1', c: '1', d: '1', e: '1' } }), storageClass({}));
  expect(many?.given).toMatch(/parameters\.c from '1' to unset, 2 more$/);
  const [long] = found(storageClass({ parameters: { a: 'x'.repeat(100) } }), storageClass({}));
  expect(long?.given).toContain(`parameters.a from '${'x'.repeat(57)}...' to unset`);
});

test('the value of a Secret is not printed', () => {
  const secret = (value: string) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'keys', namespace: 'hub' },
    immutable: true,
    stringData: { password: value },
  });
  const [problem] = found(secret('hunter2'), secret('hunter3'));
  expect(problem?.given).toBe('Secret keys with stringData.password');
  expect(JSON.stringify(problem)).not.toContain('hunter');
});

describe('the size of a claim', () => {
  const claim = (storage: string) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'hub-database', namespace: 'hub' },
    spec: { resources: { requests: { storage } } },
  });

  test('may be increased, or written in another unit', () => {
    expect(found(claim('10Gi'), claim('20Gi'))).toEqual([]);
    expect(found(claim('1Gi'), claim('1024Mi'))).toEqual([]);
  });

  test('must not be decreased', () => {
    expect(found(claim('10Gi'), claim('9999Mi'))).toEqual([
      expect.objectContaining({
        code: 'IMMUTABLE_CLAIM_SIZE',
        given: 'PersistentVolumeClaim hub-database with 9999Mi instead of 10Gi',
        allowed: '10Gi or more: volumes cannot be shrunk',
        fix: "revert the change; or declare a second claim, copy the data of 'hub-database', then remove it",
      }),
    ]);
  });

  test('must be a valid quantity', () => expect(found(claim('10Gi'), claim('much')).map(({ code }) => code)).toEqual(['INVALID_QUANTITY']));
});

test('objects of other kinds, also of the same kind name in another API group, may change', () => {
  const role = (rules: object[]) => ({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name: 'one' }, rules });
  expect(found(role([]), role([{ verbs: ['get'] }]))).toEqual([]);
  const job = (template: string) => ({ apiVersion: 'example.org/v1', kind: 'Job', metadata: { name: 'one' }, spec: { template } });
  expect(found(job('a'), job('b'))).toEqual([]);
});

test('a headless Service without `clusterIP: None` would stay headless, which is reported', () => {
  const service = (spec: object) => ({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'one', namespace: 'data' }, spec });
  const [problem] = found(service({ clusterIP: 'None' }), service({}));
  expect(problem?.given).toBe("Service one with spec.clusterIP from 'None' to unset");
  expect(problem?.fix).toContain('run `kubectl delete service one -n data`');
  expect(found(service({ clusterIP: 'None' }), service({ type: 'ExternalName', externalName: 'a.example.org' }))).toEqual([]);
  expect(found(service({}), service({}))).toEqual([]);
});
