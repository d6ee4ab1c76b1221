import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Testing } from 'cdk8s';
import { parseAllDocuments } from 'yaml';
import { Facility, type FacilityProps, type Quota, summary } from '../../lib/facility';
import { Deployment, ledgerOf, type Patch, place, SpawnedPods } from '../../lib/kubernetes';
import { CinderCsi } from '../../lib/services/cinder-csi';
import { DaskCluster } from '../../lib/services/dask';
import { MinIO } from '../../lib/services/minio';
import { cinder, nodePool } from '../../lib/site';
import {
  asking,
  Bench,
  deployment,
  facilityOf,
  hostPort,
  manifests,
  one,
  problemsIn,
  raw,
  runtimeSpec,
  service,
} from '../fixtures/facility';
import { briefly, existing, type Manifest, nodes, problemsOf, provisioned, refused } from '../fixtures/site';

describe('the output of a facility', () => {
  const minimal = () =>
    facilityOf(
      (each) =>
        void new DaskCluster(each, 'dask', { on: nodes, workers: 4, worker: { cpu: '1500m', memory: '2GiB' }, memoryLimit: '1GiB' }),
    );
  const named = (objects: readonly Manifest[], kind: string, name?: string) =>
    objects.filter((each) => each.kind === kind && (name === undefined || each.metadata.name === name));

  test('one file per service, namespaces first', () => {
    const { files, charts } = minimal().output();
    expect([...files.keys()]).toEqual(['00-cluster.k8s.yaml', 'dask.k8s.yaml']);
    expect(charts).toEqual([...files.keys()]);
    const kinds = parseAllDocuments(files.get('00-cluster.k8s.yaml') ?? '').map((document) => document.toJS().kind);
    expect(kinds).toEqual(['PriorityClass', 'PriorityClass', 'PriorityClass', 'PriorityClass', 'Namespace', 'ResourceQuota', 'LimitRange']);
  });

  test('is reproducible', () => {
    const [first, second] = [minimal(), minimal()].map((facility) => [...facility.output().files]);
    expect(first).toEqual(second);
    expect(minimal().synthYaml()).toBe(minimal().synthYaml());
    expect(parseAllDocuments(minimal().synthYaml())).toHaveLength(minimal().output().objects.length);
  });

  test('namespaces have Pod Security level restricted and a quota', () => {
    const objects = manifests(minimal());
    expect(named(objects, 'Namespace')[0]?.metadata).toMatchObject({
      name: 'dask',
      labels: {
        'pod-security.kubernetes.io/enforce': 'restricted',
        'pod-security.kubernetes.io/audit': 'restricted',
        'pod-security.kubernetes.io/warn': 'restricted',
      },
    });
    // Scheduler 1 + 4 × 1.5, and one more worker during a rollout; 4 GiB + 5 × 2 GiB.
    expect(named(objects, 'ResourceQuota')[0]).toMatchObject({
      metadata: { namespace: 'dask' },
      spec: { hard: { 'requests.cpu': '9', 'requests.memory': '14Gi', 'services.loadbalancers': '0', 'services.nodeports': '0' } },
    });
    expect(named(objects, 'LimitRange')[0]?.spec.limits[0]).toMatchObject({ type: 'Container', defaultRequest: { cpu: '100m' } });
  });

  test('the quota counts load balancers and node ports of the Services of the namespace, and allows no others', () => {
    const ports = [
      { name: 'a', port: 1 },
      { name: 'b', port: 2 },
    ];
    const specs = {
      inside: { ports },
      nodes: { type: 'NodePort', ports },
      balanced: { type: 'LoadBalancer', ports },
      direct: { type: 'LoadBalancer', allocateLoadBalancerNodePorts: false, ports },
    } as const;
    const facility = facilityOf(
      (each) =>
        void new Bench(each, 'bench', (chart) => {
          for (const [name, spec] of Object.entries(specs)) place(chart, name, 'v1/Service', { metadata: { name }, spec });
        }),
    );
    expect(named(manifests(facility), 'ResourceQuota')[0]?.spec.hard).toMatchObject({
      'services.loadbalancers': '2',
      'services.nodeports': '4',
    });
  });

  test('a given quota is used unchanged', () => {
    const props: Required<FacilityProps> = {
      outdir: 'unused',
      quotas: { dask: { cpu: 20, memory: '40GiB' } satisfies Required<Quota> },
      retired: { 'Namespace/old': 'a test' },
      cinderCsi: { replicas: 3 },
      cloudController: { clusterName: 'other' },
    };
    const facility = facilityOf((each) => void new DaskCluster(each, 'dask', { on: nodes }), existing(), props);
    expect(facility.outdir).toBe('unused');
    expect(named(manifests(facility), 'ResourceQuota')[0]?.spec.hard).toMatchObject({ 'requests.cpu': '20', 'requests.memory': '40Gi' });
  });

  test('a quota equal to the requests is accepted, also in tenths of cores', () => {
    const build = (each: Facility) => raw(each, 'raw', deployment('a', asking('100m', '1Gi'), 0));
    const three = (each: Facility) =>
      void new Bench(each, 'bench', (chart) => {
        for (const id of ['a', 'b', 'c'])
          new Deployment(chart, id, {
            on: nodes,
            strategy: 'Recreate',
            exceptions: { recreate: 'a rollout would want a second pod' },
            containers: { main: { ...one, resources: { cpu: '100m', memory: '1GiB' } } },
          });
      });
    expect(briefly(problemsIn(build))).toEqual([]);
    expect(briefly(problemsIn(three, existing(), { quotas: { bench: { cpu: '300m', memory: '3GiB' } } }))).toEqual([]);
  });

  test('the quota includes pods that users may start, up to the capacity of the nodes', () => {
    const quota = (most?: number) => {
      const facility = facilityOf(
        (each) =>
          void new Bench(each, 'bench', (chart) => {
            const { labels } = new SpawnedPods(chart, 'user');
            ledgerOf(chart).runtimePods.push({
              what: 'x',
              namespace: 'bench',
              labels,
              spec: runtimeSpec(chart.site, [nodes], { cpu: 2, memory: '1Gi' }),
              path: 'x',
              ...(most ? { most } : {}),
            });
          }),
      );
      return named(manifests(facility), 'ResourceQuota')[0]?.spec.hard['requests.cpu'];
    };
    expect(quota(5)).toBe('10');
    expect(quota()).toBe('47');
  });

  test('pods have a PriorityClass of the site', () => {
    const objects = manifests(minimal());
    expect(named(objects, 'PriorityClass').map(({ metadata, value }) => [metadata.name, value])).toEqual([
      ['cosenza-system', 1_000_000],
      ['cosenza-service', 100_000],
      ['cosenza-user', 10_000],
      ['cosenza-batch', 1000],
    ]);
    expect(named(objects, 'Deployment', 'dask-worker')[0]?.spec.template.spec.priorityClassName).toBe('cosenza-service');
  });

  test('two services in one namespace share it', () => {
    const facility = facilityOf((each) => {
      for (const id of ['a', 'b']) new DaskCluster(each, id, { on: nodes, namespace: 'shared' });
    });
    expect(named(manifests(facility), 'Namespace').map(({ metadata }) => metadata.name)).toEqual(['shared']);
  });

  test('on OpenStack, the driver and the storage classes of the site are installed', () => {
    const site = provisioned({ storage: { default: cinder() } }, { cloudController: true });
    const facility = new Facility(site);
    expect(briefly(facility.problems())).toEqual([]);
    expect(facility.output().charts).toEqual(['00-cluster.k8s.yaml', 'cinder-csi.k8s.yaml', 'openstack-cloud-controller.k8s.yaml']);
    const objects = manifests(facility);
    expect(named(objects, 'Namespace').map(({ metadata }) => metadata.labels['pod-security.kubernetes.io/enforce'])).toEqual([
      'privileged',
      'privileged',
    ]);
    expect(named(objects, 'StorageClass').map(({ metadata }) => metadata.name)).toEqual(['cinder']);
    const configured = manifests(new Facility(site, { cinderCsi: { replicas: 3 }, cloudController: { clusterName: 'other' } }));
    expect(named(configured, 'Deployment', 'cinder-csi-controller')[0]?.spec.replicas).toBe(3);
    expect(named(configured, 'DaemonSet', 'openstack-cloud-controller-manager')[0]?.spec.template.spec.containers[0].args).toContain(
      '--cluster-name=other',
    );
    expect(new Facility(provisioned()).output().charts).toEqual(['00-cluster.k8s.yaml']);
    const again = refused('DUPLICATE_SERVICE', () => new CinderCsi(new Facility(site), 'cinder-csi', {}));
    expect(again.fix).toBe('remove it: the facility installs it automatically, configured by its prop `cinderCsi`');
  });

  test('ports that services open on nodes are listed for the security groups', () => {
    const facility = facilityOf((each) =>
      raw(each, 'raw', deployment('a', hostPort(8443)), {
        ...service('a', { app: 'a' }),
        spec: {
          type: 'NodePort',
          selector: { app: 'a' },
          ports: [{ name: 'web', port: 80, nodePort: 30080 }],
          loadBalancerSourceRanges: ['192.0.2.0/24'],
        },
      }),
    );
    expect(facility.exposures()).toEqual([
      { protocol: 'tcp', first: 8443, last: 8443, from: ['0.0.0.0/0'], purpose: 'raw/a' },
      { protocol: 'tcp', first: 30080, last: 30080, from: ['192.0.2.0/24'], purpose: 'raw/a web' },
    ]);
  });

  test('pods on the network of a node are exposed to those whom an annotation names, and to nobody else', () => {
    const onHost = (name: string, annotations: Record<string, string>) => {
      const made = deployment(name, { hostNetwork: true, containers: [{ name: 'a', ports: [{ containerPort: 9618 }] }] });
      return { ...made, metadata: { ...made.metadata, annotations } };
    };
    const exposed = { 'analysis-facility.io/exposed-to': '192.0.2.0/24,198.51.100.7/32' };
    const ports = { type: 'NodePort', selector: { app: 'a' }, ports: [{ name: 'web', port: 80, nodePort: 30080 }] };
    const outside = service('c', { app: 'a' });
    const facility = facilityOf((each) =>
      raw(each, 'raw', onHost('a', exposed), onHost('b', {}), {
        ...outside,
        metadata: { ...outside.metadata, annotations: exposed },
        spec: ports,
      }),
    );
    expect(facility.exposures()).toEqual([
      { protocol: 'tcp', first: 9618, last: 9618, from: ['192.0.2.0/24', '198.51.100.7/32'], purpose: 'raw/a' },
      { protocol: 'tcp', first: 30080, last: 30080, from: ['192.0.2.0/24', '198.51.100.7/32'], purpose: 'raw/c web' },
    ]);
  });

  test('the summary reports if disk space limits the number of runtime pods', () => {
    const room = (disk: '100GiB' | undefined, asked: number, cpu = 1) => {
      const pool = nodePool('p', { count: 2, flavor: { vcpus: 16, memory: '64GiB', disk }, labels: { a: 'b' } });
      const facility = facilityOf(
        (each) => {
          new Bench(each, 'bench', (chart) => {
            const { labels } = new SpawnedPods(chart, 'user');
            const requests = { cpu, memory: 4 * 2 ** 30 * cpu, ...(asked > 0 ? { 'ephemeral-storage': `${asked}Gi` } : {}) };
            const spec = runtimeSpec(chart.site, [pool], requests);
            ledgerOf(chart).runtimePods.push({ what: 'notebook', namespace: 'bench', labels, spec, path: 'x' });
          });
        },
        existing({ pools: [pool] }),
      );
      return summary(facility.output())
        .split('\n')
        .find((line) => line.includes('capacity  '));
    };
    expect(room('100GiB', 10)).toBe('  capacity   16 × notebook at a time, if no other pods run on p; limited by disk space, otherwise 30');
    expect(room('100GiB', 5)).toBe('  capacity   30 × notebook at a time, if no other pods run on p');
    expect(room(undefined, 10)).toBe('  capacity   30 × notebook at a time, if no other pods run on p');
    // The kubelet accepts at most 110 pods of any size.
    expect(room(undefined, 0, 0.1)).toBe('  capacity   220 × notebook at a time, if no other pods run on p');
  });

  test('the summary for operators', () => {
    const facility = facilityOf((each) => {
      new MinIO(each, 'minio', { on: nodes, servers: 1, host: 's3.example.org' });
      new Bench(each, 'bench', (chart) => {
        const { labels } = new SpawnedPods(chart, 'user');
        ledgerOf(chart).runtimePods.push({
          what: 'notebook',
          namespace: 'bench',
          labels,
          spec: runtimeSpec(chart.site, [nodes], { cpu: 4, memory: '16Gi', 'ephemeral-storage': '10Gi' }),
          path: 'x',
        });
      });
    });
    expect(summary(facility.output()).split('\n')).toEqual([
      '  nodes      3, existing 1.30: analysis 3 × 16 cores, 64GiB',
      expect.stringMatching(/^ {2}charts {5}3, \d+ objects$/),
      '  requests   1.1 of 46.5 cores, 4.3 GiB of 184.2 GiB',
      '  capacity   9 × notebook at a time, if no other pods run on analysis',
      '  minio      usable 100 GiB of 100 GiB',
      '  url        https://s3.example.org',
      '  warning    MISSING_MINIO_PARITY at cosenza/minio/parity: parity 0: the failure of one drive loses objects',
      '             fix: set servers: 4 and remove parity (only before the first deployment; later, copy the objects to a new store), or store only data that has another copy',
    ]);
  });

  test('checks read patched objects', () => {
    const patch: Patch[] = [{ object: 'Deployment/dask-worker', operations: [{ op: 'replace', path: '/spec/replicas', value: 3000 }] }];
    const facility = facilityOf((each) => void new DaskCluster(each, 'dask', { on: nodes, patch }));
    expect(briefly(facility.problems())).toEqual(['EXCEEDS_CAPACITY at cosenza/dask/Deployment/dask-worker']);
    const fine = facilityOf(
      (each) =>
        void new DaskCluster(each, 'dask', {
          on: nodes,
          patch: [{ object: 'Deployment/dask-worker', operations: [{ op: 'replace', path: '/spec/replicas', value: 3 }] }],
        }),
    );
    expect(named(manifests(fine), 'Deployment', 'dask-worker')[0]?.spec.replicas).toBe(3);
  });

  test('charts that are added after synthesis are rejected', () => {
    const facility = minimal();
    facility.problems();
    expect(() => new DaskCluster(facility, 'late', { on: nodes })).toThrow();
  });

  test('a single chart can be rendered, for snapshot tests', () => {
    const facility = new Facility(existing());
    const dask = new DaskCluster(facility, 'dask', { on: nodes });
    expect((Testing.synth(dask) as Manifest[]).map(({ kind }) => kind)).toContain('Deployment');
  });

  describe('in a folder', () => {
    const folder = mkdtempSync(join(tmpdir(), 'facility-test-'));
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    test('replaces all files; an error leaves the folder unchanged', () => {
      const outdir = join(folder, 'deep', 'cosenza');
      mkdirSync(outdir, { recursive: true });
      writeFileSync(join(outdir, 'old.k8s.yaml'), 'old');
      facilityOf((each) => void new DaskCluster(each, 'dask', { on: nodes, workers: 0 }), existing(), { outdir }).problems();
      expect(
        problemsOf(() =>
          facilityOf((each) => void new DaskCluster(each, 'dask', { on: nodes, workers: 0 }), existing(), { outdir }).synth(),
        ),
      ).toHaveLength(1);
      expect(readdirSync(outdir)).toEqual(['old.k8s.yaml']);
      facilityOf((each) => void new DaskCluster(each, 'dask', { on: nodes }), existing(), { outdir }).synth();
      expect(readdirSync(outdir)).toEqual(['00-cluster.k8s.yaml', 'dask.k8s.yaml']);
      expect(readdirSync(join(folder, 'deep'))).toEqual(['cosenza']);
      expect(existsSync(join(outdir, 'old.k8s.yaml'))).toBe(false);
    });
  });
});
