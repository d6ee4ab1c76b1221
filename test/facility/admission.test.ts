import type { Facility } from '../../lib/facility';
import type { Patch } from '../../lib/kubernetes';
import { DaskCluster } from '../../lib/services/dask';
import { checkImage, isPinned } from '../../lib/site';
import { facilityOf, problemsIn, raw } from '../fixtures/facility';
import { briefly, existing, nodes, only } from '../fixtures/site';

const patched =
  (operations: Patch['operations'], of = 'Deployment/dask-scheduler') =>
  (facility: Facility) =>
    void new DaskCluster(facility, 'dask', { on: nodes, patch: [{ object: of, operations }] });
const pod = '/spec/template/spec';
const scheduler = `${pod}/containers/0`;
const context = `${scheduler}/securityContext`;

describe('Pod Security', () => {
  test.each<[string, Patch['operations']]>([
    [
      'hostNetwork: true',
      [
        { op: 'add', path: `${pod}/hostNetwork`, value: true },
        { op: 'remove', path: `${scheduler}/ports` },
      ],
    ],
    ['hostPID: true', [{ op: 'add', path: `${pod}/hostPID`, value: true }]],
    ["hostPath (volume 'x')", [{ op: 'add', path: `${pod}/volumes/-`, value: { name: 'x', hostPath: { path: '/data' } } }]],
    ["privileged: true (container 'scheduler')", [{ op: 'add', path: `${context}/privileged`, value: true }]],
    ["hostPort: 9999 (container 'scheduler')", [{ op: 'add', path: `${scheduler}/ports/0/hostPort`, value: 9999 }]],
    ["capability SYS_ADMIN (container 'scheduler')", [{ op: 'add', path: `${context}/capabilities/add`, value: ['SYS_ADMIN'] }]],
    ["capability CHOWN (container 'scheduler')", [{ op: 'add', path: `${context}/capabilities/add`, value: ['CHOWN'] }]],
    ["nfs (volume 'x')", [{ op: 'add', path: `${pod}/volumes/-`, value: { name: 'x', nfs: { server: 'nfs.example.org', path: '/' } } }]],
    ["no allowPrivilegeEscalation: false (container 'scheduler')", [{ op: 'remove', path: `${context}/allowPrivilegeEscalation` }]],
    ["no runAsNonRoot: true (container 'scheduler')", [{ op: 'replace', path: `${context}/runAsNonRoot`, value: false }]],
    ["runAsUser: 0 (container 'scheduler')", [{ op: 'replace', path: `${context}/runAsUser`, value: 0 }]],
    ["capabilities without drop: [ALL] (container 'scheduler')", [{ op: 'remove', path: `${context}/capabilities` }]],
    [
      "no seccompProfile: RuntimeDefault (container 'scheduler')",
      [{ op: 'replace', path: `${context}/seccompProfile/type`, value: 'Unconfined' }],
    ],
  ])('%s is reported', (given, operations) => {
    const problem = only(problemsIn(patched(operations)), 'EXCEEDS_POD_SECURITY');
    expect(problem).toMatchObject({ path: 'cosenza/dask/Deployment/dask-scheduler' });
    expect(problem.given.split(', ')).toContain(given);
  });

  test('accepts pods that the level of their namespace allows', () => {
    const operations: Patch['operations'] = [
      { op: 'add', path: `${context}/capabilities/add`, value: ['NET_BIND_SERVICE'] },
      { op: 'remove', path: `${context}/seccompProfile` },
      { op: 'add', path: `${pod}/securityContext`, value: { seccompProfile: { type: 'RuntimeDefault' } } },
      { op: 'add', path: `${pod}/volumes/-`, value: { name: 'x', projected: { sources: [] } } },
    ];
    expect(briefly(problemsIn(patched(operations)))).toEqual([]);
    // The level of a namespace outside of the facility is unknown.
    const privileged = { kind: 'Pod', metadata: { name: 'a', namespace: 'elsewhere' }, spec: { hostPID: true, containers: [] } };
    expect(briefly(problemsIn((facility) => raw(facility, 'raw', privileged)))).toEqual([]);
  });
});

test('a Secret is reported with its keys, never with its values', () => {
  const secretOf = (more: object) => problemsIn((facility) => raw(facility, 'raw', { kind: 'Secret', metadata: { name: 'a' }, ...more }));
  const problem = only(secretOf({ stringData: { password: 'hunter2' }, data: { ca: 'aHVudGVyMg==' } }), 'INSECURE_SECRET_IN_MANIFEST');
  expect(problem).toMatchObject({ path: 'cosenza/raw/Secret/a', given: 'a Secret with values (ca, password)' });
  expect(JSON.stringify(problem)).not.toMatch(/hunter2|aHVudGVyMg/);
  expect(secretOf({ type: 'kubernetes.io/service-account-token', data: {} })).toEqual([]);
});

describe('images', () => {
  test.each([
    ['dask', false],
    ['dask:latest', false],
    ['localhost:5000/dask', false],
    ['ghcr.io/dask/dask', false],
    ['ghcr.io/dask/dask:2025.11.0', true],
    ['Harbor.example.org:5000/a/b_c/d-e__f.g:v1.2_3', true],
    [`ghcr.io/dask/dask@sha256:${'0a'.repeat(32)}`, true],
    [`ghcr.io/dask/dask:latest@sha256:${'0a'.repeat(32)}`, true],
  ])('%s can be pulled; the same tomorrow: %s', (image, pinned) => {
    expect(checkImage(image)).toBe(image);
    expect(isPinned(image)).toBe(pinned);
  });

  test.each([
    '',
    'Dask',
    'ghcr.io/Dask/dask',
    'ghcr.io/dask/dask:',
    'a b',
    'dask:-1',
    'https://ghcr.io/dask',
    'ghcr.io//dask',
    'dask@sha256:1',
  ])('%j can be pulled by nobody', (image) => expect(() => checkImage(image)).toThrow('INVALID_IMAGE'));

  test('of a facility are validated, with warnings for tags that are not fixed', () => {
    const dask = (image: string) => (facility: Facility) => void new DaskCluster(facility, 'dask', { on: nodes, image });
    expect(briefly(problemsIn(dask('ghcr.io/Dask/dask:1')))).toEqual([
      'INVALID_IMAGE at cosenza/dask/Deployment/dask-scheduler/scheduler',
      'INVALID_IMAGE at cosenza/dask/Deployment/dask-worker/worker',
    ]);
    expect(facilityOf(dask('ghcr.io/dask/dask')).output().warnings).toContainEqual(
      expect.objectContaining({
        code: 'INSECURE_IMAGE_TAG',
        path: 'cosenza/dask/Deployment/dask-scheduler/scheduler',
        fix: 'write ghcr.io/dask/dask:<version>, or append @sha256:<digest>',
      }),
    );
    expect(existing({ images: { dask: 'two words' }, registry: 'https://harbor.example.org' }).problems.map(({ path }) => path)).toEqual([
      'cosenza/images/dask',
      'cosenza/registry',
    ]);
  });
});
