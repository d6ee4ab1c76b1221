import { App } from 'cdk8s';
import {
  type Access,
  claim,
  configFiles,
  Deployment,
  hostPath,
  ledgerOf,
  onlyFile,
  type Patch,
  type ServiceProps,
  StatefulSet,
  scratch,
  secretFiles,
} from '../../lib/kubernetes';
import { dask } from '../../lib/services/dask/description';
import { storageClass } from '../../lib/site';
import { briefly, existing, nodes, only, refused, worker } from '../fixtures/site';
import { Bench, basic, object, one, podOf, problems, rendered, WHY } from '../fixtures/workload';

describe('access to the Kubernetes API', () => {
  const access: Required<Access> = {
    rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'create'] }],
    clusterRules: [{ apiGroups: [''], resources: ['nodes'], verbs: ['get'] }],
    elsewhere: [{ namespace: 'jobs', rules: [{ apiGroups: ['batch'], resources: ['jobs'], verbs: ['create'] }] }],
  };
  const chart = new Bench((bench) => void new Deployment(bench, 'part', { ...basic, access }));

  test('is a ServiceAccount with a Role, a ClusterRole and a token', () => {
    const account = { kind: 'ServiceAccount', name: 'bench-part', namespace: 'bench' };
    expect(object(chart, 'Role', 'bench-part')).toMatchObject({
      metadata: { name: 'bench-part', namespace: 'bench' },
      rules: access.rules,
    });
    expect(object(chart, 'RoleBinding', 'bench-part')).toMatchObject({
      subjects: [account],
      roleRef: { kind: 'Role', name: 'bench-part' },
    });
    expect(rendered(chart).filter(({ metadata: { namespace } }) => namespace === 'jobs')).toMatchObject([
      { kind: 'Role', metadata: { name: 'bench-bench-part' }, rules: access.elsewhere[0]?.rules },
      { kind: 'RoleBinding', subjects: [account], roleRef: { kind: 'Role', name: 'bench-bench-part' } },
    ]);
    expect(object(chart, 'ClusterRole')).toMatchObject({ metadata: { name: 'bench-bench-part' }, rules: access.clusterRules });
    expect(object(chart, 'ClusterRoleBinding')).toMatchObject({
      subjects: [account],
      roleRef: { kind: 'ClusterRole', name: 'bench-bench-part' },
    });
    expect(object(chart, 'Deployment').spec.template.spec.automountServiceAccountToken).toBe(true);
    expect(object(chart, 'ServiceAccount').automountServiceAccountToken).toBe(false);
    expect(object(chart, 'Deployment').metadata.annotations).toHaveProperty(['analysis-facility.io/exception.api-token']);
  });

  test('allows connections to the port of the API servers', () => {
    expect(object(chart, 'NetworkPolicy').spec.egress).toContainEqual({
      to: [{ ipBlock: { cidr: '10.0.0.10/32' } }],
      ports: [{ port: 6443, protocol: 'TCP' }],
    });
  });

  test('cluster-scoped objects have no namespace', () => {
    for (const kind of ['ClusterRole', 'ClusterRoleBinding']) expect(object(chart, kind).metadata.namespace).toBeUndefined();
  });

  test.each(['verbs', 'resources', 'apiGroups'])('a wildcard in %s is rejected', (field) => {
    for (const where of ['rules', 'clusterRules']) {
      const bench = new Bench(
        (each) => void new Deployment(each, 'part', { ...basic, access: { [where]: [{ ...access.rules[0], [field]: ['*'] }] } }),
      );
      expect(briefly(problems(bench))).toEqual(['INSECURE_WILDCARD_RULE at cosenza/bench/part/access']);
      only(problems(bench), 'INSECURE_WILDCARD_RULE');
    }
  });
});

describe('volumes', () => {
  test('all kinds of volumes and their mounts', () => {
    const pod = podOf({
      on: nodes,
      exceptions: { 'host-path': WHY },
      containers: {
        a: {
          ...one,
          mounts: {
            '/tmp': scratch('tmp', '1GiB'),
            '/keys': secretFiles('keys', { name: 'tokens', key: 'one' }, { name: 'tokens', key: 'two' }),
            '/dev': { ...hostPath('dev', '/dev'), propagation: 'HostToContainer' },
            '/etc/one': onlyFile(secretFiles('keys', { name: 'tokens', key: 'one' }, { name: 'tokens', key: 'two' }), 'one'),
          },
        },
        b: { ...one, mounts: { '/shared': scratch('tmp', '1GiB') } },
      },
    });
    expect(pod.volumes).toEqual([
      { name: 'tmp', emptyDir: { sizeLimit: '1Gi' } },
      {
        name: 'keys',
        secret: {
          secretName: 'tokens',
          defaultMode: 0o440,
          items: [
            { key: 'one', path: 'one' },
            { key: 'two', path: 'two' },
          ],
        },
      },
      { name: 'dev', hostPath: { path: '/dev', type: 'Directory' } },
    ]);
    expect(pod.containers[0].volumeMounts).toEqual([
      { name: 'tmp', mountPath: '/tmp' },
      { name: 'keys', mountPath: '/keys', readOnly: true },
      { name: 'dev', mountPath: '/dev', mountPropagation: 'HostToContainer' },
      { name: 'keys', mountPath: '/etc/one', readOnly: true, subPath: 'one' },
    ]);
    expect(pod.containers[1].volumeMounts).toEqual([{ name: 'tmp', mountPath: '/shared' }]);
  });

  const withFiles = (files: Record<string, string>) =>
    new Bench(
      (bench) =>
        void new Deployment(bench, 'part', {
          on: nodes,
          containers: { main: { ...one, mounts: { '/etc/it': configFiles(bench, 'part', files) } } },
        }),
    );

  test('the name of a ConfigMap contains a hash of its content, so that a change rolls the pods', () => {
    const nameOf = (files: Record<string, string>) => object(withFiles(files), 'ConfigMap').metadata.name;
    expect(nameOf({ a: '1' })).toMatch(/^bench-part-[0-9a-f]{8}$/);
    expect(nameOf({ a: '1' })).toBe(nameOf({ a: '1' }));
    expect(nameOf({ a: '1', b: '2' })).toBe(nameOf({ b: '2', a: '1' }));
    expect(new Set([nameOf({ a: '1' }), nameOf({ a: '2' }), nameOf({ b: '1' }), nameOf({ a: '1', b: '' })]).size).toBe(4);
    const chart = withFiles({ a: '1' });
    expect(object(chart, 'ConfigMap')).toMatchObject({ immutable: true, data: { a: '1' } });
    expect(object(chart, 'Deployment').spec.template.spec.volumes[0].configMap).toEqual({ name: object(chart, 'ConfigMap').metadata.name });
  });

  test('two sets of files in one pod are two volumes', () => {
    const chart = new Bench((bench) => {
      const mounts = { '/etc/a': configFiles(bench, 'a', { f: 'a' }), '/etc/b': configFiles(bench, 'b', { f: 'b' }) };
      new Deployment(bench, 'part', { on: nodes, containers: { main: { ...one, mounts } } });
    });
    const { volumes, containers } = object(chart, 'Deployment').spec.template.spec;
    const mapAt = (path: string) => {
      const { name } = containers[0].volumeMounts.find((mount: any) => mount.mountPath === path);
      return volumes.find((volume: any) => volume.name === name).configMap.name;
    };
    expect(mapAt('/etc/a')).toMatch(/^bench-a-/);
    expect(mapAt('/etc/b')).toMatch(/^bench-b-/);
  });

  test('a claim has the given storage class, or the default of the site', () => {
    const chart = new Bench((bench) => {
      const mounts = {
        '/a': claim(bench, 'a', { size: '10GiB' }),
        '/b': claim(bench, 'b', { size: '1TiB', storageClass: storageClass('fast') }),
      };
      new Deployment(bench, 'part', { on: nodes, containers: { main: { ...one, mounts } } });
    });
    expect(object(chart, 'PersistentVolumeClaim', 'bench-a').spec).toEqual({
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'local-path',
      resources: { requests: { storage: '10Gi' } },
    });
    expect(object(chart, 'PersistentVolumeClaim', 'bench-b').spec.storageClassName).toBe('fast');
    expect(object(chart, 'Deployment').spec.template.spec.volumes[0]).toEqual({
      name: 'a',
      persistentVolumeClaim: { claimName: 'bench-a' },
    });
  });

  test('a claim without a storage class is rejected if the site has no default', () => {
    const build = (bench: Bench) => {
      claim(bench, 'home', { size: '10GiB' });
      new StatefulSet(bench, 'part', { ...basic, claims: { data: { size: '1 TB' as never } } });
    };
    const none = new Bench(build, { site: existing({ storage: {} }) });
    const paths = ['cosenza/bench/home/storageClass', 'cosenza/bench/part/claims/data'];
    expect(briefly(problems(none))).toEqual([
      ...paths.map((path) => `MISSING_STORAGE_CLASS at ${path}`),
      `INVALID_QUANTITY at ${paths[1]}`,
    ]);
    expect(problems(none)[0]?.allowed).toBe('a storage class of the site: cinder() or storageClass(name)');
    const unnamed = new Bench((bench) => void claim(bench, 'home', { size: '1GiB' }), {
      site: existing({ storage: { classes: [storageClass('a'), storageClass('b')] } }),
    });
    expect(only(problems(unnamed), 'MISSING_STORAGE_CLASS').allowed).toBe('one of a, b');
  });
});

describe('patches', () => {
  const patched = (...patch: Patch[]) => new Bench((bench) => void new Deployment(bench, 'part', basic), { site: existing(), patch });
  const failing = (...operations: Patch['operations']) => {
    const chart = patched({ object: 'Deployment/bench-part', operations });
    expect(() => chart.toJson()).toThrow(/Validation failed/);
    return problems(chart);
  };

  test('change the rendered objects, in the given order', () => {
    const chart = patched(
      {
        object: 'Deployment/bench-part',
        operations: [
          { op: 'test', path: '/spec/replicas', value: 1 },
          { op: 'replace', path: '/spec/replicas', value: 5 },
        ],
      },
      {
        object: 'Deployment/bench-part',
        operations: [
          { op: 'remove', path: '/spec/revisionHistoryLimit' },
          { op: 'add', path: '/metadata/annotations', value: { 'a/b': 'c' } },
          { op: 'add', path: '/metadata/annotations/d~1e', value: 'f' },
        ],
      },
      { object: 'Service/bench-part', operations: [{ op: 'add', path: '/spec/ports/-', value: { name: 'x', port: 1 } }] },
    );
    const deployment = object(chart, 'Deployment');
    expect(deployment.spec.replicas).toBe(5);
    expect(deployment.spec).not.toHaveProperty('revisionHistoryLimit');
    expect(deployment.metadata.annotations).toEqual({ 'a/b': 'c', 'd/e': 'f' });
    expect(object(chart, 'Service').spec.ports).toHaveLength(2);
    expect(object(chart, 'Deployment').spec.replicas).toBe(5);
  });

  test('for an unknown object are rejected', () => {
    const chart = patched({ object: 'Deployment/bench-prt', operations: [] });
    expect(() => chart.toJson()).toThrow(/UNKNOWN_PATCH_OBJECT at cosenza\/bench\/patch/);
    expect(only(problems(chart), 'UNKNOWN_PATCH_OBJECT').fix).toBe("write 'Deployment/bench-part'");
  });

  test.each<[string, Patch['operations'][number]]>([
    ['replaces nothing', { op: 'replace', path: '/spec/replica', value: 2 }],
    ['removes nothing', { op: 'remove', path: '/spec/replica' }],
    ['adds to nothing', { op: 'add', path: '/spec/strategy/rollingUpdate/maxSurge', value: 1 }],
    ['adds behind the end of a list', { op: 'add', path: '/spec/template/spec/containers/7', value: {} }],
    ['tests something else', { op: 'test', path: '/spec/replicas', value: 9 }],
    ['is no pointer', { op: 'add', path: 'spec/replicas', value: 9 }],
    ['replaces everything', { op: 'replace', path: '', value: {} }],
  ])('one that %s is refused', (_, operation) => {
    expect(only(failing(operation), 'INVALID_PATCH').path).toBe('cosenza/bench/patch');
  });

  test.each<[Patch['operations'][number], string]>([
    [{ op: 'replace', path: '/spec/template/speck/a', value: 2 }, "'/spec/template' exists and has: metadata, spec"],
    [
      { op: 'add', path: '/spec/template/spec/containers/7', value: {} },
      "'/spec/template/spec/containers' is a list of 1 entries, starting with 0",
    ],
    [{ op: 'test', path: '/spec/replicas', value: 9 }, "'/spec/replicas' is 1"],
    [{ op: 'add', path: 'spec/replicas', value: 9 }, "paths start with '/', and the object has apiVersion, kind, metadata, spec"],
  ])('the fix for %j names what exists', (operation, existing) => {
    expect(only(failing(operation), 'INVALID_PATCH').fix).toBe(`write a path or value that exists: ${existing}`);
  });

  test('apply to the result of earlier operations', () => {
    expect(failing({ op: 'remove', path: '/spec/replicas' }, { op: 'replace', path: '/spec/replicas', value: 1 })).toHaveLength(1);
  });
});

describe('a service', () => {
  test('with every option, in an app that is not a Facility', () => {
    const props: Required<ServiceProps> = {
      namespace: 'space',
      site: existing(),
      patch: [{ object: 'Service/bench-part', operations: [] }],
    };
    const chart = new Bench((bench) => void new Deployment(bench, 'part', basic), props);
    expect(chart).toMatchObject({ namespace: 'space', facility: false });
    expect(new Set(rendered(chart).map(({ metadata }) => metadata.namespace))).toEqual(new Set(['space']));
    // Only a facility creates the PriorityClass.
    expect(object(chart, 'Deployment').spec.template.spec.priorityClassName).toBeUndefined();
    expect(chart.image('dask')).toBe(dask.images.dask);
  });

  test('requires a site', () => {
    expect(refused('MISSING_SITE', () => new Bench(() => undefined, {})).path).toBe('bench');
  });

  test('must have a valid name and a valid namespace', () => {
    const chart = new Bench(() => undefined, { site: existing(), namespace: 'My_Space' }, 'my_bench');
    expect(briefly(problems(chart))).toEqual(['INVALID_NAME at cosenza/my_bench', 'INVALID_NAME at cosenza/my_bench/namespace']);
    expect(briefly(problems(new Bench(() => undefined, { site: existing(), namespace: 'a' }, 'b'.repeat(41))))).toEqual([
      `EXCEEDS_NAME_LENGTH at cosenza/${'b'.repeat(41)}`,
    ]);
  });

  test('must have a unique id', () => {
    const app = new App();
    const bench = (id: string) => () => new Bench(() => undefined, { site: existing() }, id, app);
    for (const id of ['dask', 'hub']) bench(id)();
    expect(refused('DUPLICATE_SERVICE', bench('hub'))).toEqual({
      severity: 'error',
      code: 'DUPLICATE_SERVICE',
      path: 'hub',
      given: "a second service with id 'hub'",
      allowed: 'an id other than dask, hub',
      fix: 'change the id of one of the services',
    });
    expect(refused('INVALID_NAME', bench('')).given).toBe("''");
  });

  test('props of its workloads are validated', () => {
    const made = (props: object) => new Bench((bench) => void new Deployment(bench, 'part', { ...basic, ...props }));
    expect(only(problems(made({ replica: 2 })), 'UNKNOWN_PROP')).toMatchObject({
      path: 'cosenza/bench/part/replica',
      fix: "write 'replicas'",
    });
    expect(ledgerOf(made({ surplus: 2 })).problems.warnings).toMatchObject([
      { code: 'UNKNOWN_PROP', path: 'cosenza/bench/part/surplus', allowed: expect.stringMatching(/^access, /) },
    ]);
    expect(refused('INVALID_PROP_TYPE', () => made({ containers: { main: { ...one, args: '--verbose' } } }))).toMatchObject({
      path: 'cosenza/bench/part/containers/main/args',
      fix: "write a list: ['--verbose']",
    });
  });

  test('a part with the id of the service has the name of the service', () => {
    const chart = new Bench((bench) => void new Deployment(bench, 'bench', basic));
    expect(object(chart, 'Deployment').metadata.name).toBe('bench');
  });

  test('reports its errors to cdk8s, and those of the site once', () => {
    const app = new App();
    const site = existing({ pools: [nodes, nodes] });
    const props = { site };
    const wrong = (bench: Bench) => void new Deployment(bench, 'part', { ...basic, on: worker() });
    new Bench(wrong, props, 'dask', app);
    new Bench(wrong, props, 'dask2', app);
    const text = ((): string => {
      try {
        app.synthYaml();
        return '';
      } catch (error) {
        return String(error);
      }
    })();
    const count = (pattern: RegExp) => text.match(pattern)?.length;
    expect(count(/UNKNOWN_POOL at cosenza\/dask\/part/g)).toBe(1);
    expect(count(/UNKNOWN_POOL at cosenza\/dask2\/part/g)).toBe(1);
    expect(count(/DUPLICATE_POOL at cosenza\/pools/g)).toBe(1);
    expect(text).toMatch(/given pool 'worker'; allowed: the pools of site 'cosenza'.*; fix: /);
  });
});
