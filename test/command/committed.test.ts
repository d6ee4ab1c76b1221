import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkCommitted } from '../../lib/command/committed';
import { type Acceptance, type Problem, Problems } from '../../lib/errors';
import { Facility, type FacilityOutput } from '../../lib/facility';
import { ServiceChart, StatefulSet, scratch } from '../../lib/kubernetes';
import { MinIO, type MinIOProps } from '../../lib/services/minio';
import { storageClass } from '../../lib/site';
import { raw } from '../fixtures/facility';
import { briefly, existing, nodes, only } from '../fixtures/site';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'committed-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const site = existing({ storage: { default: storageClass('local-path'), classes: [storageClass('fast')] } });

/** A facility with only this object store, or with none. */
function facility(props?: Partial<MinIOProps>): Facility {
  const made = new Facility(site, { outdir: join(folder, site.name) });
  if (props) new MinIO(made, 'minio', { on: nodes, servers: 3, drivesPerServer: 2, ...props });
  return made;
}

function problemsOf(output: FacilityOutput): readonly Problem[] {
  const problems = new Problems();
  checkCommitted(output, folder, problems);
  return problems.all;
}

/** Findings of the comparison of the output with committed manifests. */
function found(before: Partial<MinIOProps> | undefined, after: Partial<MinIOProps> | undefined): readonly Problem[] {
  facility(before).synth();
  return problemsOf(facility(after).output());
}

const SET = 'cosenza/minio/StatefulSet/minio';

describe('a committed object store', () => {
  test.each<[string, Partial<MinIOProps>]>([
    ['stays as it is', {}],
    [
      'gets another image, more memory, other buckets',
      { image: 'registry.example/minio:2', resources: { cpu: 2, memory: '8GiB' }, buckets: [{ name: 'more' }] },
    ],
    ['grows by a pool', { pools: [{}, { servers: 3, drivesPerServer: 4, driveSize: '1TiB' }] }],
    ['is known by another host name', { host: 's3.example.org' }],
  ])('%s', (_, after) => expect(found({}, after)).toEqual([]));

  test.each<[string, Partial<MinIOProps>, Partial<MinIOProps>]>([
    ['3 servers with 4 drives each', {}, { drivesPerServer: 4 }],
    ['2 servers with 2 drives each', {}, { servers: 2 }],
    ['1 server with 2 drives each, alone', {}, { servers: 1 }],
    ['3 servers with 4 drives each', {}, { pools: [{ drivesPerServer: 4 }, { drivesPerServer: 4 }] }],
    ['1 server with 4 drives each', { servers: 1, drivesPerServer: 4 }, { pools: [{ servers: 1, drivesPerServer: 4 }, {}] }],
  ])('is not made anew with %s', (shape, before, after) => {
    const problems = found(before, after);
    expect(briefly(problems)).toEqual([`IMMUTABLE_LAYOUT at ${SET}`]);
    const { given, allowed, fix } = only(problems, 'IMMUTABLE_LAYOUT');
    expect(fix).toMatch(
      /run `kubectl delete statefulset minio -n minio && kubectl label persistentvolumeclaims -n minio -l [^`]+ analysis-facility.io\/data- && kubectl delete persistentvolumeclaims -n minio -l [^`]+`, then remove the object from dist\/manifests\/cosenza\/minio\.k8s\.yaml /,
    );
    expect(given).toContain(`'${shape}'`);
    expect(allowed).toMatch(/'\d servers? with \d drives each(, alone)?'/);
  });

  test('must not lose a pool', () => {
    const problems = found({ pools: [{}, { drivesPerServer: 4 }] }, {});
    expect(briefly(problems)).toEqual(['MISSING_COMMITTED_DATA at cosenza/minio/StatefulSet/minio-pool-2']);
    expect(only(problems, 'MISSING_COMMITTED_DATA').given).toBe(
      'no StatefulSet/minio/minio-pool-2, which the committed manifests contain with 3 servers with 4 drives each',
    );
  });

  test.each<[string, Partial<MinIOProps>, string]>([
    ['size', { driveSize: '200GiB' }, "resources.requests.storage from '100Gi' to '200Gi'"],
    ['class', { storageClass: storageClass('fast') }, "storageClassName from 'local-path' to 'fast'"],
  ])('keeps the %s of its drives', (_, after, change) => {
    const problems = found({}, after);
    expect(briefly(problems)).toEqual([`IMMUTABLE_FIELD at ${SET}`]);
    const { given, fix } = only(problems, 'IMMUTABLE_FIELD');
    expect(given).toBe(`StatefulSet minio with ${[0, 1].map((drive) => `spec.volumeClaimTemplates.${drive}.spec.${change}`).join(', ')}`);
    expect(fix).toContain('kubectl delete statefulset --cascade=orphan minio -n minio');
  });

  test('must not be removed with its namespace', () => {
    const problems = found({}, undefined);
    expect(briefly(problems)).toEqual(['MISSING_COMMITTED_DATA at cosenza/00-cluster/Namespace/minio']);
    expect(problems[0]).toMatchObject({
      given:
        'no Namespace/minio, which the committed manifests contain with StatefulSet minio, all volumes that were created there at run time',
      fix: "restore it under its old name, or, after its data have been copied or are no longer needed, write new Facility(site, { retired: { 'Namespace/minio': '<reason>' } })",
    });
  });

  test('reports a committed file that is not YAML', () => {
    facility({}).synth();
    const file = join(folder, site.name, 'minio.k8s.yaml');
    writeFileSync(file, `<<<<<<< ours\n${readFileSync(file, 'utf8')}`);
    const problems = problemsOf(facility({}).output());
    expect(briefly(problems)).toEqual(['INVALID_COMMITTED_FILE at cosenza/manifests/minio.k8s.yaml']);
    only(problems, 'INVALID_COMMITTED_FILE');
  });

  test('does not affect a new site or files of other programs', () => {
    expect(problemsOf(facility({}).output())).toEqual([]);
    mkdirSync(join(folder, site.name));
    writeFileSync(join(folder, site.name, 'notes.yaml'), '# kind: StatefulSet\n---\nnull\n');
    writeFileSync(join(folder, site.name, 'README.md'), 'kind: StatefulSet\n');
    expect(problemsOf(facility({}).output())).toEqual([]);
  });
});

/** A StatefulSet without data: changes that Kubernetes would reject are reported. */
class Bench extends ServiceChart {
  constructor(made: Facility, replicas: number, parallel: boolean) {
    super(made, 'bench', {}, { name: 'bench' });
    const main = {
      image: 'registry.example/one:1',
      resources: { cpu: 1, memory: '1GiB' },
      mounts: { '/tmp': scratch('tmp', '1GiB') },
    } as const;
    new StatefulSet(this, 'set', { on: nodes, replicas, parallel, containers: { main }, exceptions: { 'no-probe': 'a test' } });
  }
}

test('a StatefulSet without data may have more replicas, but no other policy', () => {
  const bench = (replicas: number, parallel: boolean) => {
    const made = facility();
    new Bench(made, replicas, parallel);
    return made;
  };
  bench(1, false).synth();
  expect(problemsOf(bench(2, false).output())).toEqual([]);
  expect(briefly(problemsOf(bench(1, true).output()))).toEqual(['IMMUTABLE_FIELD at cosenza/bench/StatefulSet/bench-set']);
});

describe('an object that is deleted and created again', () => {
  const path = 'cosenza/raw/Service/web';
  const service = (spec: object) => ({ kind: 'Service', metadata: { name: 'web' }, spec: { ports: [{ port: 80 }], ...spec } });
  const claim = (mode: string) => ({
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data' },
    spec: { accessModes: [mode], storageClassName: 'local-path', resources: { requests: { storage: '1Gi' } } },
  });
  const outputOf = (object: object, accept: readonly Acceptance[] = []) => {
    const made = new Facility(existing({ accept, storage: { default: storageClass('local-path') } }), { outdir: join(folder, site.name) });
    raw(made, 'raw', object as never);
    return made;
  };
  const change = (before: object, after: object, accept: readonly Acceptance[]) => {
    outputOf(before).synth();
    const problems = new Problems();
    checkCommitted(outputOf(after, accept).output(), folder, problems);
    return problems;
  };
  const reason = 'recreated on Monday';

  test('is accepted by code and exact path, and then a warning', () => {
    const found = change(service({ clusterIP: 'None' }), service({}), [{ code: 'IMMUTABLE_FIELD', path, reason }]);
    expect(found.all).toEqual([]);
    expect(briefly(found.warnings)).toEqual([`IMMUTABLE_FIELD at ${path}`]);
  });

  test.each([[[]], [[{ code: 'IMMUTABLE_FIELD', path: 'cosenza/*', reason }]], [[{ code: 'IMMUTABLE_FIELD', path: `${path}s`, reason }]]])(
    'is an error with accept: %j',
    (accept) => expect(briefly(change(service({ clusterIP: 'None' }), service({}), accept).all)).toEqual([`IMMUTABLE_FIELD at ${path}`]),
  );

  test('is never a claim', () => {
    const at = 'cosenza/raw/PersistentVolumeClaim/data';
    const found = change(claim('ReadWriteOnce'), claim('ReadWriteMany'), [{ code: 'IMMUTABLE_FIELD', path: at, reason }]);
    expect(briefly(found.all)).toEqual([`IMMUTABLE_FIELD at ${at}`]);
  });
});
