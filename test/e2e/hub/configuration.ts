/** What JupyterHub and KubeSpawner make of settings that an operator adds, and of accounts by user and group. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { App } from 'cdk8s';
import { defineSite, endpoint, environment, existingCluster, JupyterHub, nodePool, size, storageClass } from '../../../lib';
import { dummy } from '../../../lib/services/jupyterhub';
import type { Told } from './stories';

type Json = Record<string, any>;

const USERS = [
  { name: 'ada', groups: ['cms', 'atlas'], chosen: { profile: 'scans' } },
  { name: 'bob', groups: ['atlas'] },
  { name: 'eve', groups: [] },
];

export function configuration(python: string): Told {
  const folder = mkdtempSync(join(tmpdir(), 'configuration-'));
  try {
    write(join(folder, 'hub'));
    const input = JSON.stringify({ config: join(folder, 'hub'), users: USERS });
    const { stdout, stderr } = spawnSync(`${python}/bin/python`, [join(__dirname, 'configuration.py')], { input, encoding: 'utf8' });
    if (!stdout.startsWith('{')) return { checks: 0, wrong: [stderr.slice(-2000)] };
    return judged(JSON.parse(stdout));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function judged({ roles, services, admin_access, pods, labels }: Json): Told {
  const account = ({ securityContext, containers: [container] }: Json) => [
    container.securityContext.runAsUser,
    container.securityContext.runAsGroup,
    securityContext.fsGroup,
    securityContext.supplementalGroups ?? [],
  ];
  const variables = (spec: Json) => Object.fromEntries(spec.containers[0].env.map(({ name, value }: Json) => [name, value]));
  const expected: readonly (readonly [string, unknown, unknown])[] = [
    ['the role of the culler keeps its scopes', roles['cull-idle'].includes('delete:servers'), true],
    ['a role of the operator is added', roles.readers, ['list:users']],
    ['a service of the operator is added', services, ['cull-idle', 'catalogue', 'scans', 'booking']],
    [
      'tokens of notebooks have the scopes of all endpoints that ask the hub',
      roles.server,
      [
        'access:servers!server',
        'access:services!service=catalogue',
        'read:users:groups!user',
        'read:users:name!user',
        'users:activity!user',
      ],
    ],
    ['users may use the services themselves', roles.user, ['access:services!service=catalogue', 'self']],
    [
      'what a notebook expands reaches it as it is',
      pods.map((spec: Json) => variables(spec).PAGE),
      Array.from(pods, () => '{JUPYTERHUB_SERVICE_PREFIX}proxy/catalogue'),
    ],
    [
      'variables of an environment are set in its servers alone',
      pods.map((spec: Json) => variables(spec).SCANS ?? ''),
      ['192.0.2.9', '', ''],
    ],
    [
      'files of an environment are mounted in its servers alone',
      pods.map((spec: Json) => spec.containers[0].volumeMounts.some(({ mountPath }: Json) => mountPath === '/etc/scans')),
      [true, false, false],
    ],
    [
      'only servers whose endpoint brings rights mount the token',
      pods.map((spec: Json) => spec.automountServiceAccountToken ?? false),
      [true, false, false],
    ],
    [
      'the label by which NetworkPolicies know them',
      labels.map((one: Json) => one['analysis-facility.io/environment'] ?? ''),
      ['scans', '', ''],
    ],
    ['another value replaces that of the library', admin_access, false],
    [
      'a variable of the operator stands beside those of the library',
      [variables(pods[0]).LICENCE, variables(pods[0]).KEPT],
      ['there', 'yes'],
    ],
    ['a volume given as a list stands beside the home', pods[1].volumes.map(({ name }: Json) => name).sort(), ['home', 'licences']],
    ['a user has the ids of its own entry, then of its groups', account(pods[0]), [5001, 7000, 7000, [7001, 8001]]],
    ['a member of one group has those of the group', account(pods[1]), [1000, 8000, 8000, [8001]]],
    ['everybody else has the default', account(pods[2]), [1000, 100, 100, []]],
  ];
  const wrong = expected.flatMap(([what, got, wanted]) =>
    isDeepStrictEqual(got, wanted) ? [] : [`${what}: ${JSON.stringify(got)}, not ${JSON.stringify(wanted)}`],
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
