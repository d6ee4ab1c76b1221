/** Additional settings, accounts by user and group, and endpoints, as the real JupyterHub and KubeSpawner evaluate them. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { App } from 'cdk8s';
import { defineSite, endpoint, environment, existingCluster, JupyterHub, nodePool, size, storageClass } from '../../../lib';
import { dummy } from '../../../lib/services/jupyterhub';
import type { Result } from './scenarios';

type Json = Record<string, any>;

const USERS = [
  { name: 'ada', groups: ['cms', 'atlas'], chosen: { profile: 'scans' } },
  { name: 'bob', groups: ['atlas'] },
  { name: 'eve', groups: [] },
];

export function configuration(python: string): Result {
  const folder = mkdtempSync(join(tmpdir(), 'configuration-'));
  try {
    write(join(folder, 'hub'));
    const input = JSON.stringify({ config: join(folder, 'hub'), users: USERS });
    const { stdout, stderr } = spawnSync(`${python}/bin/python`, [join(__dirname, 'configuration.py')], { input, encoding: 'utf8' });
    if (!stdout.startsWith('{')) return { checks: 0, wrong: [stderr.slice(-2000)] };
    return evaluate(JSON.parse(stdout));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function evaluate({ roles, services, admin_access, pods, labels }: Json): Result {
  const account = ({ securityContext, containers: [container] }: Json) => [
    container.securityContext.runAsUser,
    container.securityContext.runAsGroup,
    securityContext.fsGroup,
    securityContext.supplementalGroups ?? [],
  ];
  const variables = (spec: Json) => Object.fromEntries(spec.containers[0].env.map(({ name, value }: Json) => [name, value]));
  const expected: readonly (readonly [string, unknown, unknown])[] = [
    ['the role of the culler keeps its scopes', roles['cull-idle'].includes('delete:servers'), true],
    ['a role in `settings` is added', roles.readers, ['list:users']],
    ['a service in `settings` is added', services, ['cull-idle', 'catalogue', 'scans', 'booking']],
    [
      'tokens of notebook servers have the scopes of all endpoints with an identity',
      roles.server,
      [
        'access:servers!server',
        'access:services!service=catalogue',
        'read:users:groups!user',
        'read:users:name!user',
        'users:activity!user',
      ],
    ],
    ['users can access these services', roles.user, ['access:services!service=catalogue', 'self']],
    [
      'placeholders for the notebook server are not expanded by KubeSpawner',
      pods.map((spec: Json) => variables(spec).PAGE),
      Array.from(pods, () => '{JUPYTERHUB_SERVICE_PREFIX}proxy/catalogue'),
    ],
    [
      'variables of an environment are set only in its servers',
      pods.map((spec: Json) => variables(spec).SCANS ?? ''),
      ['192.0.2.9', '', ''],
    ],
    [
      'files of an environment are mounted only in its servers',
      pods.map((spec: Json) => spec.containers[0].volumeMounts.some(({ mountPath }: Json) => mountPath === '/etc/scans')),
      [true, false, false],
    ],
    [
      'only servers whose endpoint has RBAC rules mount the token',
      pods.map((spec: Json) => spec.automountServiceAccountToken ?? false),
      [true, false, false],
    ],
    ['the label that NetworkPolicies select', labels.map((one: Json) => one['analysis-facility.io/environment'] ?? ''), ['scans', '', '']],
    ['other values replace those of the library', admin_access, false],
    ['environment variables in `settings` are merged', [variables(pods[0]).LICENCE, variables(pods[0]).KEPT], ['there', 'yes']],
    ['volumes in `settings`, given as a list, are merged', pods[1].volumes.map(({ name }: Json) => name).sort(), ['home', 'licences']],
    ['the entry of a user takes precedence over those of groups', account(pods[0]), [5001, 7000, 7000, [7001, 8001]]],
    ['a member of one group has the ids of the group', account(pods[1]), [1000, 8000, 8000, [8001]]],
    ['all other users have the default', account(pods[2]), [1000, 100, 100, []]],
  ];
  const wrong = expected.flatMap(([what, got, wanted]) =>
    isDeepStrictEqual(got, wanted) ? [] : [`${what}: ${JSON.stringify(got)}, expected ${JSON.stringify(wanted)}`],
  );
  return { checks: expected.length, wrong };
}

function write(folder: string): void {
  const pool = nodePool('any', { flavor: { vcpus: 8, memory: '32GiB' } });
  const hub = new JupyterHub(new App(), 'hub', {
    site: defineSite('lab', {
      test: true,
      cluster: existingCluster({
        version: '1.31',
        apiServers: ['198.51.100.7:443'],
        ingress: { className: 'nginx', namespace: 'ingress' },
      }),
      pools: [pool],
      storage: { default: storageClass('fast') },
    }),
    on: pool,
    host: 'hub.example.org',
    login: dummy({ allowAll: true }),
    uses: [
      endpoint({
        name: 'catalogue',
        variables: { PAGE: { inNotebook: '{JUPYTERHUB_SERVICE_PREFIX}proxy/catalogue' } },
        identity: {
          service: 'catalogue',
          scopes: ['access:services!service=catalogue', 'read:users:name!user'],
          hub: { id: 'hub', namespace: 'hub' },
        },
      }),
    ],
    environments: [
      environment('python'),
      environment('scans', {
        uses: [
          endpoint({
            name: 'scans',
            variables: { SCANS: '192.0.2.9' },
            mounts: { '/etc/scans': { volume: 'scans', files: { 'a.txt': 'a\n' } } },
            rights: [{ rules: [{ apiGroups: ['batch'], resources: ['jobs'], verbs: ['create'] }] }],
            identity: {
              service: 'scans',
              scopes: ['read:users:name!user', 'read:users:groups!user'],
              hub: { id: 'hub', namespace: 'hub' },
            },
          }),
        ],
      }),
    ],
    sizes: [size('small', { cpu: 1, memory: '1GiB' })],
    env: { KEPT: 'yes' },
    accounts: {
      users: { Ada: { uid: 5001, supplementalGroups: [7001] } },
      groups: { '/cms': { gid: 7000 }, atlas: { gid: 8000, supplementalGroups: [8001] } },
    },
    settings: {
      JupyterHub: {
        admin_access: false,
        load_roles: [{ name: 'readers', scopes: ['list:users'] }],
        services: [{ name: 'booking', url: 'http://booking.example.org' }],
      },
      KubeSpawner: { environment: { LICENCE: 'there' }, volumes: [{ name: 'licences', emptyDir: {} }] },
    },
  });
  const { data } = hub.toJson().find((one: Json) => one.data?.['hub.json']) as Json;
  mkdirSync(folder);
  for (const [name, text] of Object.entries(data)) writeFileSync(join(folder, name), text as string);
}
