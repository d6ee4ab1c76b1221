import { externalPostgresql } from '../../../lib/endpoints';
import {
  environment,
  type HubMetricsProps,
  type HubServiceProps,
  hubService,
  type JupyterHubProps,
  type PostgresDatabase,
  type SharedHomeProps,
  type SharedVolumeProps,
  sharedVolume,
  size,
} from '../../../lib/services/jupyterhub';
import { accelerator, secret, storageClass } from '../../../lib/site';
import { gpuOption, hub, type Json, large, monitoring, reached } from '../../fixtures/hub';

describe('hub and proxy', () => {
  test('use the names of their Services', () => {
    const { container, facts, object } = hub();
    expect(facts.hubUrl).toBe('http://jupyterhub-hub.jupyterhub.svc.cluster.local:8081');
    expect(facts.proxyApi).toBe('http://jupyterhub-proxy.jupyterhub.svc.cluster.local:8001');
    expect(container('proxy').args).toContain(`--default-target=${facts.hubUrl}`);
    expect(object('Service', 'jupyterhub-hub').spec.ports).toMatchObject([{ name: 'http', port: 8081 }]);
    expect(object('Service', 'jupyterhub-proxy').spec.ports).toMatchObject([
      { name: 'http', port: 8000 },
      { name: 'api', port: 8001 },
    ]);
  });

  test('a change of the hub’s configuration restarts the hub, not the proxy', () => {
    const before = hub();
    const after = hub({ cull: 'never' });
    expect(after.object('Deployment', 'jupyterhub-proxy')).toEqual(before.object('Deployment', 'jupyterhub-proxy'));
    expect(after.object('Deployment', 'jupyterhub-hub')).not.toEqual(before.object('Deployment', 'jupyterhub-hub'));
  });

  test('the Role of the hub has the permissions that KubeSpawner needs, in its namespace', () => {
    const rules = (home: JupyterHubProps['home']) =>
      hub({ home })
        .object('Role', 'jupyterhub-hub')
        .rules.map((rule: Json) => `${rule.resources}: ${rule.verbs}`);
    expect(rules({})).toEqual(['pods: list,watch,create,delete', 'events: list,watch', 'persistentvolumeclaims: get,create']);
    expect(rules({ deleteWithUser: true })[2]).toBe('persistentvolumeclaims: get,create,delete');
    expect(rules('none')).toHaveLength(2);
    expect(hub().objects.filter(({ kind }) => kind.startsWith('Cluster'))).toEqual([]);
  });

  test('have one replica each, with strategy Recreate', () => {
    const { object } = hub();
    for (const name of ['jupyterhub-hub', 'jupyterhub-proxy']) {
      expect(object('Deployment', name).spec).toMatchObject({ replicas: 1, strategy: { type: 'Recreate' } });
      expect(Object.keys(object('Deployment', name).metadata.annotations)).toEqual(
        expect.arrayContaining(['analysis-facility.io/exception.singleton', 'analysis-facility.io/exception.recreate']),
      );
    }
  });

  test('the startup probe allows 15 minutes for a migration of the database', () => {
    const { startupProbe, livenessProbe, readinessProbe, args } = hub().container('hub');
    expect(startupProbe.periodSeconds * startupProbe.failureThreshold).toBe(900);
    expect(livenessProbe.httpGet).not.toEqual(readinessProbe.httpGet);
    expect(args).toEqual(['jupyterhub', '--config', '/etc/jupyterhub/jupyterhub_config.py', '--upgrade-db']);
  });

  test('secrets are references; hub and proxy use the same token', () => {
    const { container, ledger, files } = hub();
    const from = (part: string, name: string) =>
      container(part).env.find((variable: Json) => variable.name === name).valueFrom.secretKeyRef;
    expect(from('hub', 'CONFIGPROXY_AUTH_TOKEN')).toEqual({ name: 'jupyterhub-keys', key: 'proxy-token' });
    expect(from('proxy', 'CONFIGPROXY_AUTH_TOKEN')).toEqual(from('hub', 'CONFIGPROXY_AUTH_TOKEN'));
    expect(from('hub', 'OIDC_CLIENT_SECRET')).toEqual({ name: 'jupyterhub-oidc', key: 'client-secret' });
    expect(ledger.secrets.map(({ secret, origin }) => `${secret.name}/${secret.key} ${origin.kind}`)).toEqual([
      'jupyterhub-keys/proxy-token random',
      'jupyterhub-keys/cookie-secret random',
      'jupyterhub-keys/crypt-key random',
      'jupyterhub-oidc/client-secret shared',
      'jupyterhub-web-tls/tls.key certificate',
    ]);
    expect(files['hub.json']).not.toMatch(/secret"/i);
  });
});

describe('storage and database', () => {
  const nfs = storageClass('nfs', { shared: true });

  test('home directories on a shared file system', () => {
    const all: Required<SharedHomeProps> = { shared: { size: '1TiB', storageClass: nfs }, subPath: 'home/{username}' };
    const { facts, object } = hub({ home: all });
    expect(facts.notebooks.home).toEqual({ claim: 'jupyterhub-home', subPath: 'home/{username}' });
    expect(object('PersistentVolumeClaim', 'jupyterhub-home').spec).toMatchObject({
      accessModes: ['ReadWriteMany'],
      storageClassName: 'nfs',
    });
    expect(object('Role', 'jupyterhub-hub').rules).toHaveLength(2);
    expect(hub({ home: { shared: { claim: 'homes' } } }).facts.notebooks.home).toEqual({ claim: 'homes', subPath: '{username}' });
  });

  test('every prop of a shared volume; a claim for several choices is created once', () => {
    const all: Required<SharedVolumeProps> = { at: '/scratch', from: { size: '10TiB', storageClass: nfs }, subPath: 'a', writable: true };
    const scratch = sharedVolume('scratch', all);
    const { facts, objects } = hub({ volumes: [scratch], environments: [environment('python', { volumes: [scratch] })] });
    expect(facts.notebooks.base.volume_mounts['volume-scratch']).toEqual({ name: 'volume-scratch', mountPath: '/scratch', subPath: 'a' });
    expect(facts.notebooks.base.volumes['volume-scratch'].persistentVolumeClaim).toEqual({ claimName: 'jupyterhub-volume-scratch' });
    expect(objects.filter(({ metadata }) => metadata.name === 'jupyterhub-volume-scratch')).toHaveLength(1);
  });

  test('every prop of a PostgreSQL database: no volume, the URL from a Secret, egress to its address', () => {
    const all: Required<PostgresDatabase> = {
      url: secret('hub-db', 'url'),
      reach: { peer: { kind: 'addresses', cidrs: ['192.0.2.50/32'] }, port: 5432 },
      upgrade: false,
    };
    const { facts, container, object, policy } = hub({ database: all });
    expect(facts.database).toBe('');
    expect(container('hub').env).toContainEqual({ name: 'HUB_DATABASE', valueFrom: { secretKeyRef: { name: 'hub-db', key: 'url' } } });
    expect(container('hub').args).not.toContain('--upgrade-db');
    expect(object('PersistentVolumeClaim', 'jupyterhub-hub')).toEqual({});
    expect(reached(policy('hub').egress)).toMatchObject({ '192.0.2.50/32': [5432] });
  });
});

test('a database endpoint: the URL has only the driver, everything else is in variables of libpq', () => {
  const database = externalPostgresql({
    host: '192.0.2.51',
    database: 'hub',
    user: 'hub',
    password: secret('hub-db', 'password'),
    authority: secret('lab-ca', 'ca.crt'),
  });
  const { facts, container, object, policy, ledger } = hub({ database });
  expect(facts.database).toBe('postgresql+psycopg2://');
  const { env, volumeMounts, args } = container('hub');
  expect(env.filter(({ name }: Json) => name.startsWith('PG'))).toEqual([
    { name: 'PGHOST', value: '192.0.2.51' },
    { name: 'PGPORT', value: '5432' },
    { name: 'PGDATABASE', value: 'hub' },
    { name: 'PGUSER', value: 'hub' },
    { name: 'PGPASSWORD', valueFrom: { secretKeyRef: { name: 'hub-db', key: 'password' } } },
    { name: 'PGSSLMODE', value: 'verify-full' },
    { name: 'PGSSLROOTCERT', value: '/etc/postgresql-authority/ca.crt' },
  ]);
  expect(env.some(({ name }: Json) => name === 'HUB_DATABASE')).toBe(false);
  expect(volumeMounts.at(-1)).toEqual({ name: 'postgresql-authority', mountPath: '/etc/postgresql-authority', readOnly: true });
  expect(args).toContain('--upgrade-db');
  expect(object('PersistentVolumeClaim', 'jupyterhub-hub')).toEqual({});
  expect(reached(policy('hub').egress)).toMatchObject({ '192.0.2.51/32': [5432] });
  expect(ledger.secrets.filter(({ secret: { name } }) => name === 'hub-db').map(({ namespace }) => namespace)).toEqual(['jupyterhub']);
  expect(ledger.problems.all).toEqual([]);
});

describe('metrics and services', () => {
  test('access to metrics with a token, or without authentication', () => {
    const byToken = hub({ metrics: { from: monitoring } });
    expect(byToken.facts).toMatchObject({ openMetrics: false, services: [{ name: 'metrics', scopes: ['read:metrics'] }] });
    expect(reached(byToken.policy('hub').ingress)).toMatchObject({ 'monitoring/prometheus': [8081] });
    const open: Required<HubMetricsProps> = { from: monitoring, access: 'open' };
    expect(hub({ metrics: open }).facts).toMatchObject({ openMetrics: true, services: [] });
  });

  test('every prop of a service', () => {
    const all: Required<HubServiceProps> = { scopes: ['servers'], token: secret('booking', 'token'), from: monitoring };
    const { facts, container, policy } = hub({ services: [hubService('booking-desk', all)] });
    expect(facts.services).toEqual([{ name: 'booking-desk', scopes: ['servers'], tokenVariable: 'HUB_SERVICE_BOOKING_DESK' }]);
    const variable = container('hub').env.find(({ name }: Json) => name === 'HUB_SERVICE_BOOKING_DESK');
    expect(variable.valueFrom.secretKeyRef).toEqual({ name: 'booking', key: 'token' });
    expect(Object.keys(reached(policy('hub').ingress))).toContain('monitoring/prometheus');
  });
});

test('images are pulled only on the pools where they are used', () => {
  const environments = [
    environment('python'),
    environment('root', { image: 'registry.example.org/root:6', on: large, options: [] }),
    environment('own', { sizes: [size('own', { cpu: 1, memory: '1GiB', image: 'registry.example.org/own:1' })] }),
  ];
  const { object } = hub({ environments, options: [gpuOption], pullImages: true });
  const pulled = (pool: string) =>
    object('DaemonSet', `jupyterhub-pull-${pool}`).spec.template.spec.initContainers.map(({ image }: Json) => image);
  const plain = 'ghcr.io/dask/dask-notebook:2025.11.0';
  expect(pulled('worker')).toEqual([plain, 'registry.example.org/own:1']);
  expect(pulled('large')).toEqual([plain, 'registry.example.org/own:1', 'registry.example.org/root:6']);
});

test('INVALID_ACCELERATOR: a resource without a vendor prefix, and invalid counts', () => {
  expect(accelerator('example.com/gpu', { count: 2 })).toMatchObject({ kind: 'accelerator', resource: 'example.com/gpu', count: 2 });
  for (const [resource, count] of [
    ['gpu', 1],
    ['kubernetes.io/gpu', 1],
    ['example.com/gpu', 0],
    ['example.com/gpu', 1.5],
  ] as const) {
    expect(() => accelerator(resource, { count })).toThrow('INVALID_ACCELERATOR');
  }
});
