import { type Endpoint, endpoint, externalS3, prefixed } from '../../../lib/endpoints';
import { daskEndpoint } from '../../../lib/services/dask';
import { choice, environment, option, sharedVolume, size } from '../../../lib/services/jupyterhub';
import { hostTarget, secret } from '../../../lib/site';
import { dask, errors, gateway, hub, reached } from '../../fixtures/hub';
import { mayConnect } from '../../fixtures/network';

const store = (name: string) =>
  externalS3({
    name,
    url: `https://${name}.example.org`,
    accessKey: secret(name, 'access'),
    secretKey: secret(name, 'secret'),
    authority: secret(name, 'ca.crt'),
    cidrs: ['192.0.2.7/32'],
  });

test('two object stores: variables of the second have a prefix; without a prefix they conflict', () => {
  const { facts } = hub({ uses: [store('scratch'), prefixed('ARCHIVE', store('archive'))] });
  const { environment, volume_mounts } = facts.notebooks.base;
  expect(environment).toMatchObject({
    AWS_ENDPOINT_URL: 'https://scratch.example.org',
    AWS_CA_BUNDLE: '/etc/s3-authority/ca.crt',
    ARCHIVE_AWS_ENDPOINT_URL: 'https://archive.example.org',
    ARCHIVE_AWS_ACCESS_KEY_ID: { valueFrom: { secretKeyRef: { name: 'archive', key: 'access' } } },
    ARCHIVE_AWS_CA_BUNDLE: '/etc/archive/etc/s3-authority/ca.crt',
  });
  expect(volume_mounts).toMatchObject({
    's3-authority': { mountPath: '/etc/s3-authority', readOnly: true },
    'archive-s3-authority': { mountPath: '/etc/archive/etc/s3-authority', readOnly: true },
  });
  expect(errors({ uses: [store('scratch'), store('archive')] })).toEqual(['CONFLICTING_ENDPOINTS napoli/jupyterhub/uses/archive']);
});

test('a custom endpoint sets variables, mounts files, allows a page in jupyter-server-proxy, and opens a connection', () => {
  const licenses = endpoint({
    name: 'licenses',
    variables: { LM_LICENSE_FILE: '27000@192.0.2.8', PORTAL: { inNotebook: '{JUPYTERHUB_SERVICE_PREFIX}proxy/192.0.2.8' } },
    mounts: { '/etc/licenses': { volume: 'licenses', files: { 'server.txt': '192.0.2.8\n' } } },
    reach: [hostTarget('192.0.2.8', 27000)],
    pages: ['http://192.0.2.8'],
  });
  const { facts, objects, policy } = hub({ internet: false, uses: [dask, licenses] });
  expect(facts.notebooks.base.environment).toMatchObject({
    LM_LICENSE_FILE: '27000@192.0.2.8',
    PORTAL: '{JUPYTERHUB_SERVICE_PREFIX}proxy/192.0.2.8',
  });
  expect(facts.notebooks.base.volume_mounts['licenses-files']).toEqual({
    name: 'licenses-files',
    mountPath: '/etc/licenses',
    readOnly: true,
  });
  const files = objects.flatMap(({ kind, data }) => (kind === 'ConfigMap' ? [data] : []));
  expect(files).toContainEqual({ 'server.txt': '192.0.2.8\n' });
  const config = files.flatMap((data) => data['jupyter_server_config.json'] ?? []).map((text: string) => JSON.parse(text));
  expect(config).toEqual([
    { ServerProxy: { host_allowlist: ['localhost', '127.0.0.1', 'dask-scheduler.dask.svc.cluster.local', '192.0.2.8'] } },
  ]);
  expect(reached(policy('user').egress)['192.0.2.8/32']).toEqual([27000]);
});

test('without pages of endpoints there is no jupyter-server-proxy configuration', () => {
  const { objects, facts } = hub({ uses: [store('scratch')] });
  expect(objects.filter(({ kind, data }) => kind === 'ConfigMap' && data['jupyter_server_config.json'])).toEqual([]);
  expect(Object.keys(facts.notebooks.base.volume_mounts)).toEqual(['s3-authority']);
});

test('the ServiceAccount token is mounted only if an endpoint has RBAC rules', () => {
  const rules = [{ apiGroups: ['batch'], resources: ['jobs'], verbs: ['create', 'get', 'list', 'delete'] }];
  const jobs = endpoint({ name: 'jobs', rights: [{ rules }] });
  const { facts, object, policy } = hub({ uses: [jobs] });
  expect(facts.notebooks.base.automount_service_account_token).toBe(true);
  expect(object('Role', 'jupyterhub-user')).toMatchObject({ rules });
  expect(object('RoleBinding', 'jupyterhub-user').subjects).toEqual([
    { kind: 'ServiceAccount', name: 'jupyterhub-user', namespace: 'jupyterhub' },
  ]);
  expect(reached(policy('user').egress)['10.0.0.10/32']).toEqual([6443]);
  expect(hub({ uses: [dask] }).facts.notebooks.base).not.toHaveProperty('automount_service_account_token');
});

test('endpoints with an identity are services of the hub; an unknown scope is UNKNOWN_HUB_SCOPE', () => {
  const booking = (scope: string) =>
    endpoint({
      name: 'booking',
      identity: {
        service: 'booking',
        scopes: ['access:services!service=booking', scope],
        hub: { id: 'jupyterhub', namespace: 'jupyterhub' },
      },
    });
  expect(hub({ uses: [gateway(), booking('read:users:name!user')] }).facts.identities).toEqual([
    { service: 'dask-gateway', scopes: ['access:services!service=dask-gateway', 'read:users:name!user', 'read:users:groups!user'] },
    { service: 'booking', scopes: ['access:services!service=booking', 'read:users:name!user'] },
  ]);
  expect(hub().facts.identities).toEqual([]);
  expect(errors({ uses: [booking('read:user')] })).toEqual(['UNKNOWN_HUB_SCOPE napoli/jupyterhub/uses/booking']);
});

test('an endpoint that opens the API server is INSECURE_HUB_REACH', () => {
  const open = endpoint({ name: 'open', reach: [hostTarget('10.0.0.10', 6443)] });
  expect(errors({ uses: [open] })).toEqual(['INSECURE_HUB_REACH napoli/jupyterhub/uses']);
});

test('the compatibility check of an endpoint covers the images of all choices', () => {
  const versioned = daskEndpoint({ ...dask, name: 'dask', reach: [], version: '2025.11.0' });
  const image = 'registry.example.org/dask-tool:2024.1.0';
  expect(
    errors({
      uses: [versioned],
      environments: [environment('python', { image })],
      sizes: [size('small', { cpu: 1, memory: '2GiB', image })],
      options: [option('kind', { choices: [choice('a', { image }), choice('b', { image: 'ghcr.io/dask/dask-notebook:2025.11.0' })] })],
    }),
  ).toEqual([
    'CONFLICTING_DASK_VERSIONS napoli/jupyterhub/environments/python/image',
    'CONFLICTING_DASK_VERSIONS napoli/jupyterhub/sizes/small/image',
    'CONFLICTING_DASK_VERSIONS napoli/jupyterhub/options/kind/a/image',
  ]);
});

test('mount paths of endpoints conflict with volumes of the hub and with the home directory', () => {
  const at = sharedVolume('own', { at: '/etc/s3-authority', from: { claim: 'own' } });
  expect(errors({ uses: [store('scratch')], volumes: [at] })).toEqual(['DUPLICATE_HUB_MOUNT napoli/jupyterhub/volumes']);
  const home = endpoint({ name: 'data', mounts: { '/home/jovyan': { volume: 'data', claim: 'data' } } });
  expect(errors({ uses: [home] })).toEqual(['CONFLICTING_ENDPOINT_MOUNT napoli/jupyterhub/uses/data']);
  expect(errors({ uses: [home], home: 'none' })).toEqual([]);
});

describe('endpoints of one environment', () => {
  const own = endpoint({
    name: 'tomography',
    variables: { TOMOGRAPHY_URL: 'https://192.0.2.9', SCAN_TOKEN: secret('tomography', 'token') },
    mounts: { '/etc/tomography': { volume: 'tomography', files: { 'settings.json': '{}\n' } } },
    reach: [hostTarget('192.0.2.9', 443)],
    pages: ['https://192.0.2.9'],
  });
  const environments = [environment('python'), environment('tomography', { uses: [own] })];
  const label = { 'analysis-facility.io/environment': 'tomography' };

  test('set variables, files and a label only in servers of the environment', () => {
    const { facts } = hub({ environments });
    expect(facts.profiles.map((profile: { kubespawner_override: object }) => profile.kubespawner_override)).toEqual([
      {},
      {
        extra_labels: label,
        environment: {
          TOMOGRAPHY_URL: 'https://192.0.2.9',
          SCAN_TOKEN: { valueFrom: { secretKeyRef: { name: 'tomography', key: 'token' } } },
        },
        volumes: {
          'tomography-files': {
            name: 'tomography-files',
            configMap: { name: expect.stringMatching(/^jupyterhub-tomography-[0-9a-f]{8}$/) },
          },
        },
        volume_mounts: { 'tomography-files': { name: 'tomography-files', mountPath: '/etc/tomography', readOnly: true } },
      },
    ]);
    expect(facts.notebooks.base.environment).not.toHaveProperty('TOMOGRAPHY_URL');
  });

  test('allow connections only from servers of the environment, which a NetworkPolicy selects by label', () => {
    const { objects, ledger } = hub({ environments, internet: false });
    const party = (labels: Record<string, string>) => ({
      name: 'notebook',
      namespace: 'jupyterhub',
      labels: { 'app.kubernetes.io/instance': 'jupyterhub-user', ...labels },
    });
    const server = { name: 'server', address: '192.0.2.9' };
    const policies = objects.filter(({ kind }) => kind === 'NetworkPolicy') as never;
    expect(mayConnect(policies, party(label), server, 443)).toBe(true);
    expect(mayConnect(policies, party({ 'analysis-facility.io/environment': 'python' }), server, 443)).toBe(false);
    expect(mayConnect(policies, party({}), server, 443)).toBe(false);
    // They keep the permissions of all servers.
    const dns = { name: 'dns', namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } };
    for (const labels of [{}, label]) expect(mayConnect(policies, party(labels), dns, 53)).toBe(true);
    expect(
      ledger.runtimePods.filter(({ labels }) => labels['analysis-facility.io/environment'] === 'tomography').map(({ what }) => what),
    ).toEqual(["notebook server 'small' of 'tomography'", "notebook server 'large' of 'tomography'"]);
  });

  test('grant RBAC permissions only to servers of the environment: no other server mounts the token', () => {
    const rules = [{ apiGroups: ['batch'], resources: ['jobs'], verbs: ['create'] }];
    const { facts, object } = hub({ environments: [environment('jobs', { uses: [endpoint({ name: 'jobs', rights: [{ rules }] })] })] });
    expect(facts.profiles[0].kubespawner_override.automount_service_account_token).toBe(true);
    expect(facts.notebooks.base).not.toHaveProperty('automount_service_account_token');
    expect(object('RoleBinding', 'jupyterhub-environment-jobs')).toMatchObject({
      subjects: [{ kind: 'ServiceAccount', name: 'jupyterhub-user', namespace: 'jupyterhub' }],
      roleRef: { kind: 'Role', name: 'jupyterhub-environment-jobs' },
    });
    expect(object('Role', 'jupyterhub-environment-jobs').rules).toEqual(rules);
  });

  test('add their pages and identities to the hub', () => {
    const { facts, objects } = hub({ uses: [dask], environments: [environment('python', { uses: [gateway()] })] });
    expect(facts.identities.map(({ service }: { service: string }) => service)).toEqual(['dask-gateway']);
    const config = objects.flatMap(({ kind, data }) => (kind === 'ConfigMap' && data['jupyter_server_config.json']) || []);
    expect(JSON.parse(config[0]).ServerProxy.host_allowlist).toEqual([
      ...['localhost', '127.0.0.1', 'dask-scheduler.dask.svc.cluster.local', 'gateway-proxy.gateway.svc.cluster.local'],
    ]);
  });

  test('may not conflict with those of the hub, and are validated in the same way', () => {
    const volumes = [sharedVolume('own', { at: '/etc/s3-authority', from: { claim: 'own' } })];
    const closed = endpoint({ name: 'open', reach: [hostTarget('169.254.169.254', 80)] });
    const of = (uses: readonly Endpoint[], size_ = {}) => [
      environment('python', { uses, sizes: [size('small', { cpu: 1, memory: '2GiB', ...size_ })] }),
    ];
    expect(errors({ uses: [store('scratch')], environments: of([store('archive')]) })).toEqual([
      'CONFLICTING_ENDPOINTS napoli/jupyterhub/environments/python/uses/archive',
    ]);
    expect(errors({ uses: [store('scratch')], environments: of([store('scratch')]) })).toEqual([]);
    expect(errors({ environments: of([store('archive')], { volumes }) })).toEqual(['DUPLICATE_HUB_MOUNT napoli/jupyterhub/sizes/small']);
    expect(errors({ environments: of([gateway({ id: 'other', namespace: 'other' }), closed]) })).toEqual([
      'INSECURE_HUB_REACH napoli/jupyterhub/environments/python/uses',
      'CONFLICTING_HUB_IDENTITY napoli/jupyterhub/environments/python/uses/gateway',
    ]);
    expect(errors({ environments: of([store('archive')], { env: { AWS_ACCESS_KEY_ID: 'text' } }) })).toEqual([
      'CONFLICTING_HUB_VARIABLE napoli/jupyterhub/env',
    ]);
  });
});
