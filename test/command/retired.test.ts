import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkCommitted } from '../../lib/command/committed';
import { synthesis } from '../../lib/command/synthesis';
import { Problems } from '../../lib/errors';
import { Facility, type FacilityProps } from '../../lib/facility';
import { claim, Deployment, ServiceChart, type VolumeSource } from '../../lib/kubernetes';
import { DaskCluster } from '../../lib/services/dask';
import { JupyterHub, type JupyterHubProps } from '../../lib/services/jupyterhub';
import { MinIO } from '../../lib/services/minio';
import { existingCluster } from '../../lib/site';
import { manifests } from '../fixtures/facility';
import { minimal, site, workers } from '../fixtures/hub';
import { briefly, only } from '../fixtures/site';

let folder = 'unused';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'retired-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const ingress = { className: 'nginx', namespace: 'ingress-nginx' };

type Build = (facility: Facility) => void;

function facility(build: Build, props: FacilityProps = {}, of = site()): Facility {
  const made = new Facility(of, { outdir: join(folder, of.name), ...props });
  build(made);
  return made;
}

/** Findings of the comparison of the output with committed manifests. */
function compare(before: Facility, after: Facility) {
  before.synth();
  const problems = new Problems();
  problems.addAll(after.problems());
  if (problems.all.length === 0) checkCommitted(after.output(), folder, problems);
  return problems;
}

const hub =
  (id: string, props: Partial<JupyterHubProps> = {}): Build =>
  (made) =>
    void new JupyterHub(made, id, { ...minimal, site: undefined, ...props });

const dask: Build = (made) => void new DaskCluster(made, 'dask', { on: workers });

const KEPT = {
  labels: { 'analysis-facility.io/data': 'keep' },
  annotations: {
    'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false',
    'kustomize.toolkit.fluxcd.io/prune': 'disabled',
  },
};

describe('protection from pruning', () => {
  const objects = manifests(facility((made) => [hub('hub')(made), dask(made)]));
  const find = (kind: string, name: string) => objects.find((one) => one.kind === kind && one.metadata.name === name);

  test('the namespace of home directories and the claim of the database have it', () => {
    expect(find('Namespace', 'hub')?.metadata).toMatchObject(KEPT);
    expect(find('PersistentVolumeClaim', 'hub')?.metadata).toMatchObject(KEPT);
  });

  test('an admission policy denies their deletion where the cluster supports it', () => {
    const policies = (objects: ReturnType<typeof manifests>) =>
      objects.filter(({ kind }) => kind.startsWith('ValidatingAdmissionPolicy')).map(({ metadata }) => metadata.name);
    expect(policies(objects)).toEqual(['napoli-keep-data', 'napoli-keep-data']);
    expect(find('ValidatingAdmissionPolicy', 'napoli-keep-data')?.spec.matchConstraints.objectSelector.matchLabels).toEqual(KEPT.labels);
    expect(policies(manifests(facility(dask)))).toEqual([]);
    const old = site({ cluster: existingCluster({ version: '1.29', apiServers: ['10.0.0.10:6443'], ingress }) });
    expect(policies(manifests(facility(hub('hub'), {}, old)))).toEqual([]);
  });

  test('objects without data do not', () => {
    expect(find('Namespace', 'dask')?.metadata.annotations).toBeUndefined();
    const labelled = objects.filter(({ metadata }) => metadata.labels?.['analysis-facility.io/data']);
    expect(labelled.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort()).toEqual(['Namespace hub', 'PersistentVolumeClaim hub']);
  });

  test('a namespace with only home directories that the hub creates has it', () => {
    const url = { name: 'db', key: 'url' };
    const database = { url, reach: { peer: { kind: 'addresses', cidrs: ['192.0.2.5/32'] }, port: 5432 } } as const;
    const own = manifests(facility(hub('hub', { database })));
    expect(own.filter(({ kind }) => kind === 'PersistentVolumeClaim')).toEqual([]);
    expect(own.find(({ kind }) => kind === 'Namespace')?.metadata).toMatchObject(KEPT);
  });
});

describe('committed objects with data', () => {
  test('must not be removed when a hub is renamed, moved to another namespace or removed', () => {
    for (const after of [hub('jupyter'), hub('hub', { namespace: 'notebooks' }), () => {}]) {
      const { all } = compare(facility(hub('hub')), facility(after));
      expect(briefly(all)).toEqual(['MISSING_COMMITTED_DATA at napoli/00-cluster/Namespace/hub']);
      expect(all[0]?.given).toBe(
        'no Namespace/hub, which the committed manifests contain with PersistentVolumeClaim hub, all volumes that were created there at run time',
      );
    }
  });

  test('can be retired with a reason, and the summary lists the remaining data', () => {
    const after = facility(hub('jupyter'), { retired: { 'Namespace/hub': 'home directories were copied' } });
    const problems = compare(facility(hub('hub')), after);
    expect(problems.all).toEqual([]);
    expect(briefly(problems.warnings)).toContain('REMAINING_RETIRED_DATA at napoli/00-cluster/Namespace/hub');
    const warning = only(problems.warnings, 'REMAINING_RETIRED_DATA');
    expect(warning.given).toBe("Namespace/hub, which is no longer part of the facility ('home directories were copied')");
    expect(warning.fix).toBe(
      'when its data may be deleted, run: kubectl label namespace hub analysis-facility.io/data- && kubectl delete namespace hub',
    );
  });

  test('are reported for the command, on sites without a cloud as well', () => {
    facility(hub('hub')).synth();
    const after = facility(hub('jupyter'), { retired: { 'Namespace/hub': 'home directories were copied' } });
    const { sites } = synthesis([after], { manifests: folder, terraform: join(folder, 'none'), cluster: join(folder, 'none') });
    expect(sites[0]?.output.warnings.map(({ code }) => code)).toContain('REMAINING_RETIRED_DATA');
  });

  test('remain in a namespace that other services use', () => {
    const together: Build = (made) => [hub('hub', { namespace: 'lab' })(made), void new Cache(made, 'cache', true)];
    const after: Build = (made) => void new Cache(made, 'cache', true);
    // The home directories remain in the namespace, which is still protected; only the database is removed.
    expect(briefly(compare(facility(together), facility(after)).all)).toEqual([
      'MISSING_COMMITTED_DATA at napoli/hub/PersistentVolumeClaim/hub',
    ]);
    const retired = { 'PersistentVolumeClaim/lab/hub': 'no longer needed' };
    const { all, warnings } = compare(facility(together), facility(after, { retired }));
    expect(all).toEqual([]);
    expect(only(warnings, 'REMAINING_RETIRED_DATA').fix).toBe(
      'when its data may be deleted, run: kubectl label persistentvolumeclaims -n lab hub analysis-facility.io/data- && kubectl delete persistentvolumeclaims -n lab hub',
    );
  });

  test('keep the namespace protected', () => {
    const together: Build = (made) => [hub('hub', { namespace: 'lab' })(made), void new Cache(made, 'cache', false)];
    const after: Build = (made) => void new Cache(made, 'cache', false);
    expect(briefly(compare(facility(together), facility(after)).all)).toEqual([
      'MISSING_COMMITTED_DATA at napoli/00-cluster/Namespace/lab',
    ]);
    const { all, warnings } = compare(facility(together), facility(after, { retired: { 'Namespace/lab': 'moved' } }));
    expect(all).toEqual([]);
    expect(only(warnings, 'REMAINING_RETIRED_DATA').fix).toBe('list the remaining claims: kubectl get persistentvolumeclaims -n lab');
  });

  test('of a StatefulSet are listed by its labels', () => {
    const before: Build = (made) => [new MinIO(made, 's3', { on: workers, namespace: 'lab', servers: 1 }), new Cache(made, 'cache', true)];
    const after: Build = (made) => void new Cache(made, 'cache', true);
    const { all, warnings } = compare(facility(before), facility(after, { retired: { 'StatefulSet/lab/s3-pool-1': 'empty' } }));
    expect(all).toEqual([]);
    expect(only(warnings, 'REMAINING_RETIRED_DATA').fix).toBe(
      'when its data may be deleted, run: kubectl label persistentvolumeclaims -n lab -l app.kubernetes.io/instance=s3-pool-1 analysis-facility.io/data- && kubectl delete persistentvolumeclaims -n lab -l app.kubernetes.io/instance=s3-pool-1',
    );
  });

  test('are distinguished from services without data', () => {
    expect(
      compare(
        facility(dask),
        facility(() => {}),
      ).all,
    ).toEqual([]);
  });
});

test.each([
  ['INVALID_RETIRED_DATA', 'hub'],
  ['INVALID_RETIRED_DATA', 'PersistentVolumeClaim/hub'],
  ['CONFLICTING_RETIRED_DATA', 'Namespace/hub'],
  ['CONFLICTING_RETIRED_DATA', 'PersistentVolumeClaim/hub/hub'],
])('%s for %s', (code, key) => {
  const all = facility(hub('hub'), { retired: { [key]: 'why' } }).problems();
  expect(briefly(all)).toEqual([`${code} at napoli/retired/${key}`]);
  only(all, code);
});

/** A service in namespace `lab`, with a volume or without. */
class Cache extends ServiceChart {
  constructor(made: Facility, id: string, volume: boolean) {
    super(made, id, { namespace: 'lab' }, { name: 'cache' });
    const mounts: Record<string, VolumeSource> = volume ? { '/data': claim(this, 'data', { size: '1GiB' }) } : {};
    const main = {
      image: 'registry.example/one:1',
      resources: { cpu: 1, memory: '1GiB' },
      mounts,
    } as const;
    const exceptions = { 'no-probe': 'a test', singleton: 'a test', recreate: 'a test' };
    new Deployment(this, 'server', { on: workers, strategy: 'Recreate', containers: { main }, exceptions });
  }
}

test('a smaller volume and another storage class are rejected', () => {
  const database = (size: '1GiB' | '2GiB') => facility(hub('hub', { database: { size } }));
  const { all } = compare(database('2GiB'), database('1GiB'));
  expect(briefly(all)).toEqual(['IMMUTABLE_CLAIM_SIZE at napoli/hub/PersistentVolumeClaim/hub']);
  expect(compare(database('1GiB'), database('2GiB')).all).toEqual([]);
});
