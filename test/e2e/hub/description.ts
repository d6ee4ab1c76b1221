/** The facility of the suite: `node --import tsx description.ts FOLDER LOGIN` writes its manifests to FOLDER. */
import {
  choice,
  defineSite,
  environment,
  existingCluster,
  Facility,
  JupyterHub,
  nodePool,
  oidc,
  oidcIssuer,
  option,
  secret,
  sharedVolume,
  size,
  storageClass,
} from '../../../lib';
import { mig } from '../../../lib/gpu';
import { dummy, type Login } from '../../../lib/services/jupyterhub';

export const HOST = 'jupyter.example.org';
export const ISSUER = 'http://iam.example.org:9400/';
export const GROUPS: Readonly<Record<string, readonly string[]>> = { cms: ['alice'], ops: ['root'] };

const plain = nodePool('plain', { count: 3, flavor: { vcpus: 32, memory: '128GiB' }, labels: { pool: 'plain' } });
const cards = nodePool('cards', {
  flavor: { vcpus: 64, memory: '512GiB' },
  labels: { pool: 'cards' },
  taints: [{ key: 'example.org/card', value: 'yes', effect: 'NoSchedule' }],
  gpus: mig('a100-80gb', { perNode: 2, layout: { '3g.40gb': 2 } }),
});

export const environments = [
  environment('python', { title: 'Python {% raw %}', env: { BRACES: '{"a": {}}' } }),
  environment('heavy', {
    groups: ['cms'],
    image: 'registry.example.org/heavy:1',
    env: { HEAVY: 'yes' },
    volumes: [sharedVolume('data', { at: '/data', from: { claim: 'data' } })],
    share: { servers: 2 },
  }),
];
export const sizes = [
  size('small', { cpu: 1, memory: '2GiB' }),
  size('large', { cpu: 4, cpuLimit: 8, memory: '16GiB', disk: '20GiB', groups: ['cms'], cull: { after: '10s' } }),
];
export const card = option('card', {
  title: 'Card',
  choices: [choice('none'), choice('one', { groups: ['cms'], accelerator: { ...cards.slice('3g.40gb'), env: { CARDS: 'all' } } })],
});

const LOGINS: Readonly<Record<string, Login>> = {
  dummy: dummy({ allowedUsers: ['alice', 'bob'], admins: ['root'], groups: GROUPS }),
  oidc: oidc({
    issuer: oidcIssuer(ISSUER),
    client: 'hub',
    clientSecret: secret('nb-oidc', 'client-secret'),
    allowedGroups: ['cms', 'guests'],
  }),
};

function main([folder = '.', login = 'dummy']: readonly string[]): void {
  const facility = new Facility(
    defineSite('lab', {
      test: true,
      cluster: existingCluster({
        version: '1.31',
        apiServers: ['198.51.100.7:443'],
        ingress: { className: 'nginx', namespace: 'ingress-nginx' },
      }),
      pools: [plain, cards],
      storage: { default: storageClass('fast') },
    }),
    { outdir: folder },
  );
  new JupyterHub(facility, 'nb', {
    on: plain,
    host: HOST,
    login: LOGINS[login] ?? dummy({}),
    environments,
    sizes,
    options: [card],
    namedServers: 2,
    metrics: { from: { kind: 'pods', namespace: 'monitoring', labels: { app: 'prometheus' } } },
    texts: { announcement: 'Down on {{ Monday }}' },
    cull: { after: '25s', every: '5s', kernels: { after: '20m' } },
    // A short interval, so that servers are stopped within the duration of the suite.
    settings: { JupyterHub: { last_activity_interval: 3 } },
  });
  facility.synth();
}

if (require.main === module) main(process.argv.slice(2));
