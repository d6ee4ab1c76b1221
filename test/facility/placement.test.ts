import { DaskGateway, environment, Facility, type FacilityProps, JupyterHub, nodePool, type Site, size } from '../../lib';
import type { Problem } from '../../lib/errors';
import { accelerator } from '../../lib/gpu';
import { ledgerOf } from '../../lib/kubernetes';
import { effectiveRequests } from '../../lib/scheduling';
import { asking, Bench, deployment, facilityOf, hostPort, problemsIn, raw, runtimeSpec } from '../fixtures/facility';
import { iam } from '../fixtures/hub';
import { briefly, cloud, existing, nodes, only, provisioned, worker } from '../fixtures/site';

/** A site of one existing node with 64 cores and 512 GiB. */
const big = nodePool('big', { flavor: { vcpus: 64, memory: '512GiB' }, labels: { kind: 'big' } });
const one = existing({ pools: [big] });
const problemsOf = (spec: object, replicas = 1, site: Site = existing(), props: FacilityProps = {}): readonly Problem[] =>
  problemsIn((facility) => raw(facility, 'raw', deployment('web', spec, replicas)), site, props);
const container = (name: string, requests: object) => ({ name, image: 'x.example/y:1', resources: { requests } });
const near = (kind: string, matchLabels: object, more: object = {}) => ({
  affinity: {
    [kind]: {
      requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels }, ...more }],
    },
  },
});

describe('regressions: pods that cannot be scheduled', () => {
  test('EXCEEDS_CAPACITY: 300 pods on one node whose kubelet takes 110', () => {
    expect(only(problemsOf(asking('1m', '1Mi'), 300, one), 'EXCEEDS_CAPACITY')).toMatchObject({
      code: 'EXCEEDS_CAPACITY',
      path: 'cosenza/raw/Deployment/web',
      given: '300 pods of web, of which 110 can be scheduled: 0/1 nodes are available: 1 Too many pods (cosenza-big-1)',
      allowed: 'at most 110 pods, even with nothing else on these nodes except DaemonSets and system pods',
      fix: 'lower the number of pods to 110; or: add nodes: cosenza-big-1 has reached its maximum number of pods',
    });
    expect(problemsOf(asking('1m', '1Mi'), 110, one)).toEqual([]);
  });

  test.each([
    ['1Pi', '1 PiB'],
    ['1e15', '909.4 TiB'],
    ['1E', '888.1 PiB'],
  ])('EXCEEDS_NODE: memory %s is a number like others', (memory, text) => {
    expect(only(problemsOf(asking('1', memory), 1, one), 'EXCEEDS_NODE')).toMatchObject({
      given: `web requests 1 core and ${text}: 0/1 nodes are available: 1 Insufficient memory (cosenza-big-1)`,
      allowed: 'at most the free resources of the closest matching node: 63.5 cores and 502.4 GiB on cosenza-big-1',
      fix: 'lower its requests to memory: 514460Mi (free on cosenza-big-1), or add larger nodes',
    });
  });

  test('EXCEEDS_NODE: two containers of 60 cores in one pod on 64 cores', () => {
    const containers = [container('a', { cpu: '60', memory: '1Gi' }), container('b', { cpu: 60, memory: '1Gi' })];
    expect(only(problemsOf({ containers }, 1, one), 'EXCEEDS_NODE')).toMatchObject({
      given: 'web requests 120 cores and 2 GiB: 0/1 nodes are available: 1 Insufficient cpu (cosenza-big-1)',
      fix: 'lower its requests to cpu: 63500m (free on cosenza-big-1), or add larger nodes',
    });
  });

  test('MISSING_AFFINITY_TARGET: pod affinity without a target', () => {
    expect(only(problemsOf(near('podAffinity', { app: 'nobody' })), 'MISSING_AFFINITY_TARGET')).toMatchObject({
      path: 'cosenza/raw/Deployment/web',
      given: 'web has a required pod affinity to pods with {"matchLabels":{"app":"nobody"}} in namespace raw, which do not exist',
    });
    expect(problemsOf(near('podAffinity', { app: 'web' }))).toEqual([]);
    // A workload without replicas.
    const two = problemsIn((facility) =>
      raw(facility, 'raw', deployment('web', near('podAffinity', { app: 'db' })), deployment('db', {}, 0)),
    );
    expect(briefly(two)).toEqual(['MISSING_AFFINITY_TARGET at cosenza/raw/Deployment/web']);
  });

  test('MISSING_NODE: an accelerator of a hub with a label that no node has', () => {
    const fpga = accelerator('example.com/fpga', { labels: { shell: 'u55c' } });
    const facility = facilityOf((each) => {
      const offer = { environments: [environment('fpga', { accelerator: fpga, cull: { after: '1h' } })] };
      new JupyterHub(each, 'hub', {
        on: nodes,
        host: 'hub.example.org',
        login: iam(),
        sizes: [size('s', { cpu: 1, memory: '2GiB' })],
        ...offer,
      });
    });
    expect(only(facility.problems(), 'MISSING_NODE')).toMatchObject({
      path: 'cosenza/hub/sizes/s',
      given:
        "notebook server 's' of 'fpga' matches no node: 0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector (cosenza-analysis-1, cosenza-analysis-2, cosenza-analysis-3)",
      fix: 'add the label shell=u55c to the pool, or correct the node selector: cosenza-analysis-1 has no shell; place the pod on nodes with example.com/fpga, or change `gpus` of the pool of cosenza-analysis-1',
    });
  });
});

describe('invalid quantities and selectors', () => {
  test.each(['1 Gi', '4GB', 'lots', '1Zi'])('INVALID_QUANTITY: memory %p', (memory) => {
    expect(only(problemsOf(asking('1', memory)), 'INVALID_QUANTITY')).toMatchObject({
      path: 'cosenza/raw/Deployment/web/containers/main/resources/requests/memory',
      given: `'${memory}' as a Kubernetes quantity`,
    });
  });

  test('INVALID_QUANTITY: NaN in an object that was written by hand', () => {
    expect(briefly(problemsOf(asking('NaN', '1Gi')))).toEqual([
      'INVALID_QUANTITY at cosenza/raw/Deployment/web/containers/main/resources/requests/cpu',
    ]);
  });

  test('INVALID_QUANTITY: the path leads to each container and resource', () => {
    const bad = (name: string, resources: object) => ({ name, image: 'x.example/y:1', resources });
    const containers = [bad('a', { limits: { memory: '1 gig' } }), bad('b', { requests: { cpu: 'two', memory: '2gig' } })];
    expect([...briefly(problemsOf({ containers }))].sort()).toEqual([
      'INVALID_QUANTITY at cosenza/raw/Deployment/web/containers/a/resources/limits/memory',
      'INVALID_QUANTITY at cosenza/raw/Deployment/web/containers/b/resources/requests/cpu',
      'INVALID_QUANTITY at cosenza/raw/Deployment/web/containers/b/resources/requests/memory',
    ]);
  });

  test('EXCEEDS_REPLICAS: a billion pods are refused without placing them', () => {
    expect(only(problemsOf(asking('1m', '1Mi'), 1e9), 'EXCEEDS_REPLICAS')).toMatchObject({
      path: 'cosenza/raw/Deployment/web',
      given: '1000000000 pods',
      allowed: 'at most 150000 pods in a cluster, which Kubernetes supports',
    });
  });

  test('INVALID_RESOURCE_REQUEST: a negative request', () => {
    expect(briefly(problemsOf(asking('-1', '1Gi')))).toEqual(['INVALID_RESOURCE_REQUEST at cosenza/raw/Deployment/web']);
  });

  test.each([
    ['replicas', { replicas: 'three' }],
    ['replicas', { replicas: 1.5 }],
    ['replicas', { replicas: -1 }],
    ['maxSurge', { strategy: { rollingUpdate: { maxSurge: 'some' } } }],
  ])('INVALID_REPLICAS: %s of %j', (field, spec) => {
    const given = deployment('web');
    const problems = problemsIn((facility) => raw(facility, 'raw', { ...given, spec: { ...given.spec, ...spec } }));
    expect(only(problems, 'INVALID_REPLICAS')).toMatchObject({
      path: 'cosenza/raw/Deployment/web',
      fix: `write e.g. ${field}: 1`,
    });
  });

  const claim = (storage: unknown) => ({ accessModes: ['ReadWriteOnce'], storageClassName: 'fast', resources: { requests: { storage } } });
  test.each<[string, { readonly [field: string]: unknown }]>([
    ['INVALID_QUANTITY', { kind: 'PersistentVolumeClaim', spec: claim('10GiB') }],
    ['INVALID_OBJECT_QUANTITY', { kind: 'PersistentVolumeClaim', spec: claim('0') }],
    ['INVALID_OBJECT_QUANTITY', { kind: 'PersistentVolumeClaim', spec: claim('-1Gi') }],
    ['INVALID_OBJECT_QUANTITY', { kind: 'ResourceQuota', spec: { hard: { pods: '-1' } } }],
    ['INVALID_QUANTITY', { kind: 'ResourceQuota', spec: { hard: { 'requests.memory': '1 Gi' } } }],
    ['INVALID_QUANTITY', { kind: 'LimitRange', spec: { limits: [{ type: 'PersistentVolumeClaim', max: { storage: 'all' } }] } }],
  ])('%s: %j', (code, object) => {
    const problems = problemsIn((facility) => raw(facility, 'raw', { metadata: { name: 'q' }, ...object }));
    expect(problems).toContainEqual(
      expect.objectContaining({ code, path: expect.stringMatching(new RegExp(`^cosenza/raw/${object.kind}/q(/spec/.+)?$`)) }),
    );
  });

  test('INVALID_QUANTITY: scratch space, with the value that was meant', () => {
    const problems = problemsOf({ ...asking('1', '1Gi'), volumes: [{ name: 'tmp', emptyDir: { sizeLimit: '5GiB' } }] });
    expect(only(problems, 'INVALID_QUANTITY')).toMatchObject({
      path: 'cosenza/raw/Deployment/web/volumes/tmp/emptyDir/sizeLimit',
      fix: "write '5Gi'",
    });
  });

  test('EXCEEDS_RESOURCE_LIMIT: a request above its limit', () => {
    const resources = { requests: { memory: '4Gi' }, limits: { memory: '2048Mi' } };
    expect(only(problemsOf({ containers: [{ name: 'main', resources }] }), 'EXCEEDS_RESOURCE_LIMIT')).toMatchObject({
      given: "container 'main' that requests 4Gi of memory, above its limit of 2048Mi",
      fix: 'lower the request to 2048Mi, or raise the limit to 4Gi',
    });
  });

  test('a Job starts no more pods than it completes', () => {
    const job = (completions?: number) =>
      problemsIn((facility) =>
        raw(facility, 'raw', {
          apiVersion: 'batch/v1',
          kind: 'Job',
          metadata: { name: 'job' },
          spec: { parallelism: 400, completions, template: { spec: asking('1m', '1Mi') } },
        }),
      );
    expect(briefly(job(2)).join()).not.toContain('EXCEEDS_CAPACITY');
    expect(briefly(job()).join()).toContain('EXCEEDS_CAPACITY');
  });

  test('INVALID_QUANTITY: devices of a quota', () => {
    const spec = { hard: { 'requests.example.com/gpu': 'all' }, scopeSelector: { matchExpressions: [] } };
    const problems = problemsIn((facility) => raw(facility, 'raw', { kind: 'ResourceQuota', metadata: { name: 'q' }, spec }));
    expect(briefly(problems)).toEqual(['INVALID_QUANTITY at cosenza/raw/ResourceQuota/q/spec/hard/requests.example.com/gpu']);
  });

  test('INVALID_SELECTOR', () => {
    const terms = [{ matchExpressions: [{ key: 'a', operator: 'Near', values: ['b'] }] }];
    const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } } };
    expect(briefly(problemsOf({ affinity }))).toEqual(['INVALID_SELECTOR at cosenza/raw/Deployment/web']);
  });

  test('an invalid prop is reported once, with its path', () => {
    const facility = facilityOf((each) => {
      const sizes = [size('s', { cpu: 1, memory: '2 GiB' as never })];
      new JupyterHub(each, 'hub', { on: nodes, host: 'hub.example.org', login: iam(), sizes, environments: [environment('python')] });
    });
    expect(briefly(facility.problems()).filter((text) => text.startsWith('INVALID_QUANTITY'))).toEqual([
      'INVALID_QUANTITY at cosenza/hub/sizes/s/memory',
    ]);
  });
});

describe('requests that are added at admission', () => {
  test('EXCEEDS_NODE: overhead of a RuntimeClass', () => {
    const runtime = {
      apiVersion: 'node.k8s.io/v1',
      kind: 'RuntimeClass',
      metadata: { name: 'vm' },
      handler: 'kata',
      overhead: { podFixed: { cpu: '1' } },
    };
    const problems = (runtimeClassName?: string) =>
      problemsIn((facility) => raw(facility, 'raw', runtime, deployment('web', { ...asking('63', '1Gi'), runtimeClassName })), one);
    expect(briefly(problems())).toEqual([]);
    expect(briefly(problems('vm'))).toEqual(['EXCEEDS_NODE at cosenza/raw/Deployment/web']);
  });

  test('EXCEEDS_CAPACITY: default requests of a LimitRange', () => {
    const limits = {
      kind: 'LimitRange',
      metadata: { name: 'l' },
      spec: { limits: [{ type: 'Container', defaultRequest: { memory: '256Gi' } }] },
    };
    const problems = problemsIn((facility) => raw(facility, 'raw', limits, deployment('web', {}, 2)), one);
    expect(briefly(problems)).toEqual(['EXCEEDS_CAPACITY at cosenza/raw/Deployment/web']);
  });
});

describe('pods that other pods exclude from a node', () => {
  test('CONFLICTING_POD_AFFINITY: pools without a common topology domain', () => {
    const other = nodePool('other', { flavor: { vcpus: 8, memory: '32GiB' }, labels: { kind: 'other' } });
    const site = existing({ pools: [big, other] });
    const objects = [
      deployment('web', { ...near('podAffinity', { app: 'db' }), nodeSelector: { kind: 'big' } }),
      deployment('db', { nodeSelector: { kind: 'other' } }),
    ];
    expect(
      only(
        problemsIn((facility) => raw(facility, 'raw', ...objects), site),
        'CONFLICTING_POD_AFFINITY',
      ).given,
    ).toBe(
      'web has a required pod affinity to db, but no node of web can be in the same topology domain (kubernetes.io/hostname) as a node of db',
    );
  });

  test('affinity to pods outside of the facility is a warning', () => {
    const facility = facilityOf((each) =>
      raw(each, 'raw', deployment('web', near('podAffinity', { app: 'prometheus' }, { namespaces: ['monitoring'] }))),
    );
    expect(only(facility.output().warnings, 'UNKNOWN_AFFINITY_TARGET')).toMatchObject({
      severity: 'warning',
      path: 'cosenza/raw/Deployment/web',
      given:
        'web has a required pod affinity to pods with {"matchLabels":{"app":"prometheus"}} in namespace monitoring, which is not part of the facility',
    });
  });

  test('EXCEEDS_CAPACITY: pods with a host port, one for each node', () => {
    expect(only(problemsOf(hostPort(9999), 4), 'EXCEEDS_CAPACITY').given).toBe(
      "4 pods of web, of which 3 can be scheduled: 0/3 nodes are available: 3 node(s) didn't have free ports for the requested pod ports (cosenza-analysis-1, cosenza-analysis-2, cosenza-analysis-3)",
    );
    expect(problemsOf(hostPort(9999), 3)).toEqual([]);
  });

  test('CONFLICTING_PLACEMENT: topology spread by a label that no node has', () => {
    const topologySpreadConstraints = [
      { topologyKey: 'rack', maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { app: 'web' } } },
    ];
    expect(only(problemsOf({ topologySpreadConstraints }), 'CONFLICTING_PLACEMENT').fix).toBe('label the nodes with rack');
  });
});

describe('volumes of the cloud', () => {
  const claimed = (name: string, replicas: number) => ({
    ...deployment(name, asking('1m', '1Mi'), replicas),
    kind: 'StatefulSet',
    spec: {
      ...deployment(name, asking('1m', '1Mi'), replicas).spec,
      volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: { storageClassName: 'local', accessModes: ['ReadWriteOnce'] } }],
    },
  });
  const driver = {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'local' },
    provisioner: 'cinder.csi.openstack.org',
  };
  const site = (dataVolumes: number) =>
    provisioned({
      pools: [
        worker({
          count: 1,
          roles: ['controlplane', 'etcd', 'worker'],
          dataVolumes: Array.from({ length: dataVolumes }, (_, index) => ({ name: `v${index}`, size: '1GiB' as const })),
        }),
      ],
      storage: { default: { kind: 'existing', name: 'local', reclaim: 'Delete', shared: false } },
    });
  const problems = (replicas: number, dataVolumes = 0) =>
    problemsIn((facility) => raw(facility, 'raw', driver, claimed('db', replicas)), site(dataVolumes));

  test('EXCEEDS_CAPACITY: a machine has at most 26 disks, including its root disk', () => {
    expect(cloud().kind).toBe('openstack');
    expect(problems(25)).toEqual([]);
    expect(only(problems(26), 'EXCEEDS_CAPACITY').given).toBe(
      '26 pods of db, of which 25 can be scheduled: 0/1 nodes are available: 1 node(s) exceed max volume count (napoli-worker-1)',
    );
    expect(only(problems(25, 1), 'EXCEEDS_CAPACITY').given).toContain('of which 24 can be scheduled');
  });

  test('the claims of all workloads of a node are counted together', () => {
    const both = (second: number) =>
      problemsIn((facility) => raw(facility, 'raw', driver, claimed('one', 13), claimed('two', second)), site(0));
    expect(both(12)).toEqual([]);
    expect(briefly(both(13)).map((text) => text.replace(/ at .*/, ''))).toEqual(['EXCEEDS_CAPACITY']);
  });
});

describe('runtime pods are scheduled', () => {
  test('of a gateway: as its controller creates them, with requests equal to limits', () => {
    const facility = new Facility(existing());
    new JupyterHub(facility, 'jupyterhub', {
      on: nodes,
      host: 'hub.example.org',
      login: iam(),
      sizes: [size('s', { cpu: 1, memory: '2GiB' })],
      environments: [environment('python')],
    });
    new DaskGateway(facility, 'gateway', { on: nodes, worker: { cpu: 2, memory: '8GiB' }, spill: '20GiB' });
    const [pod] = ledgerOf(facility).runtimePods.filter(({ what }) => what === "worker of a user's Dask cluster");
    expect(pod?.spec).toMatchObject({
      nodeSelector: { 'node.example.org/purpose': 'analysis' },
      priorityClassName: 'cosenza-user',
      containers: [
        {
          name: 'dask-worker',
          resources: {
            requests: { cpu: '2', memory: '8Gi', 'ephemeral-storage': '20Gi' },
            limits: { cpu: '2', memory: '8Gi', 'ephemeral-storage': '20Gi' },
          },
        },
      ],
    });
    expect(effectiveRequests(pod?.spec ?? {})).toEqual({ cpu: 2000n, memory: 2n ** 33n, 'ephemeral-storage': 20n * 2n ** 30n, pods: 1n });
  });

  test('EXCEEDS_NODE: a server larger than any node, whatever else runs', () => {
    const facility = facilityOf((each) => {
      new Bench(each, 'bench', (chart) => {
        ledgerOf(chart).runtimePods.push({
          what: 'huge',
          namespace: 'bench',
          labels: {},
          spec: runtimeSpec(chart.site, [nodes], { cpu: 20, memory: '1Gi' }),
          path: 'cosenza/bench/huge',
        });
      });
    });
    expect(only(facility.problems(), 'EXCEEDS_NODE').given).toContain(
      'huge requests 20 cores and 1 GiB: 0/3 nodes are available: 3 Insufficient cpu',
    );
  });
});
