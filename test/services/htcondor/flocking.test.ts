import { environment, JupyterHub, oidc, size } from '../../../lib';
import { oidcIssuer } from '../../../lib/endpoints';
import { Facility } from '../../../lib/facility';
import { externalPool, HTCondorPool, hostNetwork } from '../../../lib/services/htcondor';
import { nodePool, secret } from '../../../lib/site';
import { condorSite, find, heads, knobsOf, objectsOf, poolIn, smallPool, workers } from '../../fixtures/htcondor';
import { mayConnect, type Party } from '../../fixtures/network';
import { briefly, existing } from '../../fixtures/site';

const party = (chart: string, part: string): Party => ({
  name: part,
  namespace: chart,
  labels: { 'app.kubernetes.io/instance': `${chart}-${part}` },
});
const originOf = (facility: Facility, name: string) => facility.output().secrets.find(({ secret: one }) => one.name === name)?.origin;

describe('two modelled pools of one facility', () => {
  const facility = new Facility(condorSite());
  // The pool that takes jobs is described first, and does not name the other.
  const bari = new HTCondorPool(facility, 'bari', smallPool({ domain: 'bari.example' }));
  new HTCondorPool(facility, 'napoli', smallPool({ domain: 'napoli.example', flocksTo: [bari.endpoint] }));

  test('are configured at both ends by one statement', () => {
    expect(briefly(facility.problems())).toEqual([]);
    expect(knobsOf(facility, 'access-ap', 'napoli').FLOCK_TO).toBe('bari-manager-0.bari-manager.bari.svc.cluster.local:9618');
    expect(knobsOf(facility, 'access-ap', 'bari').FLOCK_TO).toBeUndefined();
    const { ALLOW_ADVERTISE_SCHEDD, ALLOW_ADVERTISE_MASTER, ALLOW_ADVERTISE_STARTD } = knobsOf(facility, 'manager', 'bari');
    expect(ALLOW_ADVERTISE_SCHEDD).toBe('ap-ap@bari.example, flock-napoli.example@bari.example');
    expect(ALLOW_ADVERTISE_MASTER).toContain('flock-napoli.example@bari.example');
    expect(ALLOW_ADVERTISE_STARTD).toBe('ep@bari.example');
    expect(knobsOf(facility, 'manager', 'napoli').ALLOW_ADVERTISE_SCHEDD).toBe('ap-ap@napoli.example');
  });

  test('the access point has a token of the other pool, which its key signs', () => {
    expect(originOf(facility, 'napoli-flock-bari')).toMatchObject({ kind: 'derived', from: { name: 'bari-signing-keys', key: 'POOL' } });
    const { volumes } = find(facility, 'StatefulSet', 'napoli-access-ap').spec.template.spec;
    expect(volumes.find(({ name }: { name: string }) => name === 'tokens').projected.sources).toEqual([
      { secret: { name: 'napoli-token-access-ap', items: [{ key: 'ap', path: 'ap' }] } },
      { secret: { name: 'napoli-flock-bari', items: [{ key: 'flock-bari', path: 'flock-bari' }] } },
    ]);
  });

  test('exactly the connections of flocking are open', () => {
    const objects = objectsOf(facility);
    const open = (from: Party, to: Party) => mayConnect(objects, from, to, 9618);
    expect(open(party('napoli', 'access-ap'), party('bari', 'manager'))).toBe(true);
    expect(open(party('bari', 'manager'), party('napoli', 'access-ap'))).toBe(true);
    expect(open(party('napoli', 'access-ap'), party('bari', 'execute-worker'))).toBe(true);
    expect(open(party('bari', 'execute-worker'), party('napoli', 'access-ap'))).toBe(true);
    expect(open(party('bari', 'access-ap'), party('napoli', 'manager'))).toBe(false);
    expect(open(party('napoli', 'execute-worker'), party('bari', 'manager'))).toBe(false);
    expect(open(party('napoli', 'access-ap'), party('bari', 'access-ap'))).toBe(false);
  });
});

describe('a pool of another facility', () => {
  const one = nodePool('one', { count: 1, flavor: { vcpus: 8, memory: '32GiB' }, labels: { role: 'one' }, addresses: ['10.0.0.41'] });
  const far = nodePool('far', { count: 1, flavor: { vcpus: 8, memory: '32GiB' }, labels: { role: 'far' }, addresses: ['10.9.0.41'] });
  const outside = hostNetwork({ from: ['198.51.100.0/24'] });

  test('is reached by its address outside, and allows the identity all the same', () => {
    const there = new Facility(existing({ pools: [far, workers] }, {}, 'bari'));
    const bari = new HTCondorPool(there, 'bari', smallPool({ domain: 'bari.example', on: far, manager: { addressing: outside } }));
    const here = new Facility(existing({ pools: [one, workers] }));
    const accessPoints = { ap: { on: one, addressing: outside } };
    new HTCondorPool(here, 'napoli', smallPool({ domain: 'napoli.example', on: one, accessPoints, flocksTo: [bari.endpoint] }));
    expect(briefly([...there.problems(), ...here.problems()])).toEqual([]);
    expect(knobsOf(here, 'access-ap', 'napoli').FLOCK_TO).toBe('10.9.0.41:9618');
    expect(knobsOf(there, 'manager', 'bari').ALLOW_ADVERTISE_SCHEDD).toContain('flock-napoli.example@bari.example');
    expect(originOf(here, 'napoli-flock-bari')).toEqual({
      kind: 'operator',
      what: 'IDTOKEN of bari.example for flock-napoli.example@bari.example with the scopes READ, ADVERTISE_MASTER, ADVERTISE_SCHEDD',
    });
  });

  test('UNSUPPORTED_FOREIGN_ENDPOINT if it has no address outside', () => {
    const there = new Facility(existing({ pools: [far, workers] }, {}, 'bari'));
    const bari = new HTCondorPool(there, 'bari', smallPool({ domain: 'bari.example', on: far }));
    const problems = poolIn({ flocksTo: [bari.endpoint] }).facility.problems();
    expect(problems.map(({ code, path }) => `${code} ${path}`)).toEqual(['UNSUPPORTED_FOREIGN_ENDPOINT cosenza/htcondor/flocksTo/bari']);
  });
});

test('a pool that somebody else runs is an endpoint value', () => {
  const pool = externalPool({
    collector: 'cm.example.org:9620',
    domain: 'example.org',
    schedds: ['ap@example.org'],
    reader: secret('far', 'token'),
  });
  expect(pool).toMatchObject({
    kind: 'endpoint',
    protocol: 'htcondor',
    name: 'cm-example-org',
    collectors: ['cm.example.org:9620'],
    domain: 'example.org',
    binding: { reach: [{ peer: { kind: 'internet' }, port: 9620 }] },
  });
  const mount = pool.binding.mounts?.['/etc/condor'];
  const files: Readonly<Record<string, string>> = mount && 'files' in mount ? mount.files : {};
  expect(files.condor_config).toContain('COLLECTOR_HOST = cm.example.org:9620\n');
  expect(files.condor_config).toContain('SCHEDD_HOST = ap@example.org\n');
  expect(pool.binding.tokens).toEqual([
    {
      file: '.condor/tokens.d/cm-example-org-reader',
      secret: { name: 'far', key: 'token' },
      origin: expect.objectContaining({ kind: 'operator' }),
    },
  ]);
  const named = externalPool({ collector: '192.0.2.50', domain: 'example.org', name: 'far', cidrs: ['192.0.2.48/28'] });
  expect([named.collectors, named.binding.reach]).toEqual([
    ['192.0.2.50:9618'],
    [{ peer: { kind: 'addresses', cidrs: ['192.0.2.48/28'] }, port: 9618 }],
  ]);
});

describe('notebooks of a hub', () => {
  const { facility, pool } = poolIn();
  new JupyterHub(facility, 'jupyterhub', {
    on: heads,
    notebooksOn: workers,
    host: 'jupyter.example.org',
    login: oidc({ issuer: oidcIssuer('https://iam.example.org/'), client: 'hub', allowedGroups: ['cms'] }),
    environments: [environment('python')],
    sizes: [size('small', { cpu: 1, memory: '2GiB' })],
    uses: [pool.endpoint],
  });
  const hub = () => {
    const found = objectsOf(facility).find(({ kind, data }) => kind === 'ConfigMap' && data['hub.json']);
    return JSON.parse(found?.data['hub.json'] ?? '{}');
  };

  test('have the configuration of commands, and the access point as default', () => {
    expect(briefly(facility.problems())).toEqual([]);
    const { environment: variables, volume_mounts: mounts } = hub().notebooks.base;
    expect(variables).toMatchObject({
      CONDOR_CONFIG: '/etc/condor/condor_config',
      DASK_JOBQUEUE__HTCONDOR__SUBMIT_COMMAND_EXTRA: '["-name","ap@pool.example","-spool"]',
      DASK_JOBQUEUE__HTCONDOR__SCHEDULER_OPTIONS: '{"port":8786}',
      USER_TOKEN_1: { valueFrom: { secretKeyRef: { name: 'htcondor-token-reader', key: 'reader' } } },
    });
    expect(JSON.stringify(mounts)).toContain('/etc/condor');
  });

  test('submit as their user: the hub signs a token for each, and cannot for names of daemons', () => {
    expect(hub().notebooks.userTokens).toEqual([
      { file: '.condor/tokens.d/htcondor-reader', variable: 'USER_TOKEN_1', environment: null, sign: null },
      {
        file: '.condor/tokens.d/htcondor-user',
        variable: 'USER_TOKEN_2',
        environment: null,
        sign: {
          keyVariable: 'USER_TOKEN_2_KEY',
          keyId: 'USERS',
          issuer: 'pool.example',
          subject: '{username}@pool.example',
          scope: 'condor:/READ condor:/WRITE',
          lifetime: 604_800,
          reserved: ['condor', 'root', 'ep', 'reader', 'ap-*', 'flock-*'],
        },
      },
    ]);
    const { env } = find(facility, 'Deployment', 'jupyterhub-hub').spec.template.spec.containers[0];
    expect(env).toContainEqual({ name: 'USER_TOKEN_2_KEY', valueFrom: { secretKeyRef: { name: 'htcondor-notebook-key', key: 'hs256' } } });
    // The signing key of the pool is not in the namespace of the hub, only what its tokens of users are signed with.
    const secrets = facility.output().secrets.filter(({ namespace }) => namespace === 'jupyterhub');
    expect(secrets.map(({ secret: one }) => `${one.name}/${one.key}`)).toEqual(
      expect.arrayContaining(['htcondor-token-reader/reader', 'htcondor-notebook-key/hs256']),
    );
    expect(secrets.map(({ secret: one }) => one.name)).not.toContain('htcondor-signing-keys');
  });

  test('reach manager and access point; workers in the pool reach the scheduler in a notebook and each other', () => {
    const objects = objectsOf(facility);
    const notebook: Party = { name: 'user', namespace: 'jupyterhub', labels: { 'app.kubernetes.io/instance': 'jupyterhub-user' } };
    const node = party('htcondor', 'execute-worker');
    const open = (from: Party, to: Party, port: number) => mayConnect(objects, from, to, port);
    expect([open(notebook, party('htcondor', 'manager'), 9618), open(notebook, party('htcondor', 'access-ap'), 9618)]).toEqual([
      true,
      true,
    ]);
    expect([open(node, notebook, 8786), open(notebook, node, 8788), open(node, node, 8797)]).toEqual([true, true, true]);
    expect([open(node, notebook, 8888), open(notebook, node, 9618), open(node, node, 8798)]).toEqual([false, false, false]);
  });
});
