import fc from 'fast-check';
import { oidcIssuer } from '../../../lib/endpoints';
import { Problems } from '../../../lib/errors';
import { Facility } from '../../../lib/facility';
import { externalPool, HTCondorPool, type HTCondorPoolProps, hostNetwork, nodePort, sharedVolume } from '../../../lib/services/htcondor';
import { checkQuotas } from '../../../lib/services/htcondor/accounting';
import { nodePool } from '../../../lib/site';
import { condorSite, heads, poolIn, smallPool, workers } from '../../fixtures/htcondor';
import { briefly, existing, only, problemsOf, refused, untyped } from '../../fixtures/site';

const told = (props: Partial<HTCondorPoolProps>) => poolIn(props).facility.problems();
const worker = { on: workers, cpu: 2, memory: '4GiB' } as const;
const dedicated = { nodeLabels: { condor: 'ccb' } } as const;

describe('names and addresses', () => {
  test('MISSING_CONDOR_DOMAIN: tokens would become invalid with a pod', () => {
    expect(only(told({ domain: '' }), 'MISSING_CONDOR_DOMAIN')).toMatchObject({
      path: 'cosenza/htcondor/domain',
      fix: "write domain: 'pool.example.org' with a name of yours",
    });
    const { domain: _, ...without } = smallPool();
    const facility = new Facility(condorSite());
    new HTCondorPool(facility, 'htcondor', untyped(without));
    only(facility.problems(), 'MISSING_CONDOR_DOMAIN');
  });

  test('INVALID_CONDOR_DOMAIN: a domain with blanks, commas, capitals or references', () => {
    for (const domain of ['a b', 'a,b', 'Pool.example', '$(FULL_HOSTNAME)', '*', 'a..b', '-a'])
      expect(only(told({ domain }), 'INVALID_CONDOR_DOMAIN').given).toBe(`the domain '${domain}'`);
  });

  test('DUPLICATE_HOST_PORT: two daemons on one port of one node, until one has another port or another node', () => {
    const host = (port?: number) => ({ addressing: hostNetwork(port === undefined ? {} : { port }) });
    const pool = (ap: object) => told({ manager: host(), accessPoints: { ap } });
    expect(only(pool(host()), 'DUPLICATE_HOST_PORT').path).toBe('cosenza/htcondor/StatefulSet/htcondor-access-ap');
    expect(briefly(pool(host(9619)))).toEqual([]);
    expect(briefly(pool({ addressing: hostNetwork(), on: workers }))).toEqual([]);
  });

  test('CONFLICTING_CONDOR_NODE_PORT: daemons advertise the port on which they listen', () => {
    const accessPoints = { ap: { addressing: nodePort(30618, { address: '192.0.2.10', listenPort: 9618 }) } };
    expect(only(told({ accessPoints }), 'CONFLICTING_CONDOR_NODE_PORT')).toMatchObject({
      given: 'node port 30618 for daemons that listen on 9618',
      path: 'cosenza/htcondor/accessPoints/ap/addressing',
    });
    const equal = { ap: { addressing: nodePort(30618, { address: '192.0.2.10', listenPort: 30618 }) } };
    expect(briefly(told({ accessPoints: equal }))).toEqual([]);
  });

  test('INVALID_CONDOR_PORT: outside of the range of node ports, or privileged', () => {
    const at = (addressing: ReturnType<typeof hostNetwork> | ReturnType<typeof nodePort>) => told({ manager: { addressing } });
    expect(only(at(nodePort(9618, { address: '192.0.2.10' })), 'INVALID_CONDOR_PORT').allowed).toBe('a whole number from 30000 to 32767');
    for (const port of [618, 70_000, 9618.5]) only(at(hostNetwork({ port })), 'INVALID_CONDOR_PORT');
  });

  test('UNKNOWN_CONDOR_NODE_LABELS: labels that no node of the pools has', () => {
    const addressing = hostNetwork({ nodeLabels: { condor: 'schedd' } });
    expect(only(told({ manager: { addressing } }), 'UNKNOWN_CONDOR_NODE_LABELS')).toMatchObject({
      given: "nodes with condor=schedd, of which the pools 'head' have none",
      path: 'cosenza/htcondor/manager/addressing/nodeLabels',
    });
    expect(briefly(told({ manager: { addressing: hostNetwork(dedicated) } }))).toEqual([]);
  });

  test('MISSING_CONDOR_NODE_ADDRESSES: a NetworkPolicy cannot select pods on the network of a node', () => {
    const unknown = nodePool('head', { count: 2, flavor: { vcpus: 8, memory: '32GiB' }, labels: { role: 'head' } });
    const site = existing({ pools: [unknown, workers] });
    const pool = (addressing: ReturnType<typeof hostNetwork>) => poolIn({ on: unknown, manager: { addressing } }, site).facility.problems();
    only(pool(hostNetwork()), 'MISSING_CONDOR_NODE_ADDRESSES');
    expect(briefly(pool(hostNetwork({ nodes: ['10.0.0.21/32'] })))).toEqual([]);
  });
});

describe('access points', () => {
  test('UNSUPPORTED_CONDOR_REPLICAS: the queue belongs to one process', () => {
    expect(only(told({ accessPoints: { ap: { replicas: 2 } } }), 'UNSUPPORTED_CONDOR_REPLICAS')).toMatchObject({
      path: 'cosenza/htcondor/accessPoints/ap/replicas',
      fix: 'remove replicas, or add another access point: accessPoints: { ap: …, ap2: … }',
    });
    expect(briefly(told({ accessPoints: { ap: { replicas: 1 }, second: {} } }))).toEqual([]);
  });

  test('MISSING_CONDOR_SPOOL: without a storage class the queue needs a volume, or must be called temporary', () => {
    const site = existing({ pools: [heads, workers], storage: {} });
    const pool = (spool?: 'temporary') => poolIn({ accessPoints: { ap: spool ? { spool } : {} } }, site).facility.problems();
    expect(only(pool(), 'MISSING_CONDOR_SPOOL').path).toBe('cosenza/htcondor/accessPoints/ap/spool');
    expect(pool('temporary').map(({ code }) => code)).not.toContain('MISSING_CONDOR_SPOOL');
    expect(briefly(told({ accessPoints: { ap: { spool: 'temporary' } } }))).toEqual([]);
  });

  test('INVALID_CONDOR_USER: reserved names, invalid names and ids, and ids that are there twice', () => {
    const users = (given: Readonly<Record<string, number>>) =>
      only(told({ accessPoints: { ap: { users: given } } }), 'INVALID_CONDOR_USER').given;
    expect(users({ condor: 1001 })).toBe("the user 'condor' with the id 1001: the name is reserved");
    expect(users({ root: 1001 })).toContain('reserved');
    expect(users({ 'Al ice': 1001 })).toContain('the name is invalid');
    expect(users({ alice: 64 })).toContain('the id is invalid');
    expect(users({ alice: 1001, bob: 1001 })).toBe("the user 'bob' with the id 1001: it is the id of 'alice'");
    expect(users({})).toContain('there is no user');
  });

  test('INVALID_CONDOR_LEASE: a pod needs time to move', () => {
    expect(only(told({ accessPoints: { ap: { jobLease: '2m' } } }), 'INVALID_CONDOR_LEASE').given).toBe('a job lease of 120 s');
  });

  test('INVALID_MOUNT_PATH: one pod serves several users', () => {
    const volume = sharedVolume('home', { at: '/home', from: { claim: 'homes' }, subPath: '{username}' });
    expect(only(told({ execute: { worker: { ...worker, volumes: [volume] } } }), 'INVALID_MOUNT_PATH').path).toBe(
      'cosenza/htcondor/execute/worker/volumes/home',
    );
  });
});

describe('execute nodes', () => {
  test('CONFLICTING_CONDOR_GRACE: a grace period shorter than the longest job', () => {
    expect(only(told({ execute: { worker: { ...worker, grace: '30m' } } }), 'CONFLICTING_CONDOR_GRACE')).toMatchObject({
      path: 'cosenza/htcondor/execute/worker/grace',
      allowed: 'at least 3780 s',
    });
  });

  test('INVALID_CONDOR_LONGEST_JOB', () => {
    only(told({ longestJob: '0s' }), 'INVALID_CONDOR_LONGEST_JOB');
  });

  test('INVALID_CONDOR_MEMORY: the daemons would get nothing', () => {
    expect(only(told({ execute: { worker: { ...worker, memory: '256MiB' } } }), 'INVALID_CONDOR_MEMORY')).toMatchObject({
      given: 'execute pods with 256MiB of memory',
      allowed: 'at least 512 MiB: 256 MiB are for the daemons',
    });
    expect(briefly(told({ execute: { worker: { ...worker, memory: '512MiB' } } }))).toEqual([]);
  });

  test('INVALID_CONDOR_CPU: a slot has whole cores', () => {
    expect(only(told({ execute: { worker: { ...worker, cpu: '1500m' } } }), 'INVALID_CONDOR_CPU').given).toBe(
      "execute pods with '1500m' cores",
    );
  });

  test('MISSING_CONDOR_EXECUTE: a pool that runs nothing', () => {
    only(told({ execute: {} }), 'MISSING_CONDOR_EXECUTE');
  });

  test('INVALID_CONDOR_MANAGERS', () => {
    only(told({ manager: { count: untyped(3) } }), 'INVALID_CONDOR_MANAGERS');
  });
});

describe('rights and keys', () => {
  test('INSECURE_CONDOR_ALLOW: nobody is let in by a wildcard', () => {
    const allow = (entry: string) => told({ security: { allow: { DAEMON: [entry] } } }).map(({ code }) => code);
    for (const entry of ['*', '*@*', '*@pool.example', '*/10.0.0.0/8', 'ep@pool.example/*', 'condor', ''])
      expect(allow(entry)).toEqual(['INSECURE_CONDOR_ALLOW']);
    expect(allow('glidein@pool.example')).toEqual([]);
    expect(only(told({ security: { allow: { READ: ['*'] } } }), 'INSECURE_CONDOR_ALLOW')).toMatchObject({
      given: "'*' in ALLOW_READ",
      path: 'cosenza/htcondor/security/allow/READ',
    });
    only(told({ security: { administrators: ['*'] } }), 'INSECURE_CONDOR_ALLOW');
  });

  test('INVALID_CONDOR_KEY: names that are no files, the key of notebooks, and keys that are there twice', () => {
    const keys = (sign: string, accept: readonly string[] = []) =>
      only(told({ security: { keys: { sign, accept } } }), 'INVALID_CONDOR_KEY').given;
    expect(keys('a/b')).toContain('the name is invalid');
    expect(keys('POOL', ['POOL'])).toContain('it is there twice');
    expect(keys('USERS')).toContain('it signs the tokens of notebooks');
  });

  test('INVALID_CONDOR_TOKEN_LIFETIME', () => {
    expect(only(told({ security: { tokenLifetime: '10m' } }), 'INVALID_CONDOR_TOKEN_LIFETIME').given).toBe(
      'tokens that are valid for 600 s',
    );
    only(told({ security: { userTokenLifetime: '1s' } }), 'INVALID_CONDOR_TOKEN_LIFETIME');
  });

  test('INVALID_CONDOR_SCITOKENS: users with rights of daemons, subjects that would be two', () => {
    const issuer = oidcIssuer('https://iam.example.org/');
    const users = (given: Readonly<Record<string, string>>) =>
      told({ security: { scitokens: { issuer, users: given } } }).map(({ code }) => code);
    expect(users({ 'a b': 'alice' })).toEqual(['INVALID_CONDOR_SCITOKENS']);
    expect(users({ a: 'condor' })).toEqual(['INVALID_CONDOR_SCITOKENS']);
    expect(users({ a: 'alice' })).toEqual([]);
  });
});

describe('accounting groups and tenants', () => {
  test('EXCEEDS_CONDOR_QUOTA: exactly if the groups of one parent have more than all of it', () => {
    const quotas = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(quotas, (hundredths) => {
        const problems = new Problems();
        checkQuotas(
          'pool',
          hundredths.map((one, index) => ({ name: `g${index}`, quota: one / 100, surplus: true })),
          problems,
        );
        const sum = hundredths.reduce((total, one) => total + one, 0);
        expect(problems.all.map(({ code }) => code)).toEqual(sum > 100 ? ['EXCEEDS_CONDOR_QUOTA'] : []);
      }),
    );
    const groups = { cms: { quota: 0.7 }, atlas: { quota: 0.4 }, 'cms.a': { quota: 0.5 }, 'cms.b': { quota: 0.5 } };
    expect(only(told({ groups }), 'EXCEEDS_CONDOR_QUOTA').given).toBe("quotas of 'atlas', 'cms' that add up to 1.1");
    const nested = { cms: { quota: 0.7 }, 'cms.a': { quota: 0.6 }, 'cms.b': { quota: 0.5 } };
    expect(only(told({ groups: nested }), 'EXCEEDS_CONDOR_QUOTA').given).toBe("quotas of 'cms.a', 'cms.b' that add up to 1.1 of 'cms'");
    only(told({ tenants: { cms: { quota: 0.7 } }, groups: { atlas: { quota: 0.4 } } }), 'EXCEEDS_CONDOR_QUOTA');
  });

  test('INVALID_CONDOR_GROUP: names, quotas, and children without parent', () => {
    const group = (name: string, quota = 0.5) => only(told({ groups: { [name]: { quota } } }), 'INVALID_CONDOR_GROUP').given;
    expect(group('c m s')).toContain('the name is invalid');
    expect(group('cms', 0)).toContain('a quota of 0');
    expect(group('cms', 1.5)).toContain('a quota of 1.5');
    expect(group('cms.a')).toContain("there is no group 'cms'");
  });

  test('UNKNOWN_CONDOR_TENANT, with what was probably meant', () => {
    const execute = { worker: { ...worker, tenants: ['cmss'] } };
    expect(only(told({ tenants: { cms: {} }, execute }), 'UNKNOWN_CONDOR_TENANT')).toMatchObject({
      path: 'cosenza/htcondor/execute/worker/tenants',
      fix: "write 'cms'",
    });
    only(told({ tenants: { cms: {} }, accessPoints: { ap: { tenant: 'atlas' } } }), 'UNKNOWN_CONDOR_TENANT');
  });

  test('DUPLICATE_CONDOR_TENANT_USER', () => {
    const tenants = { cms: { users: ['alice'] }, atlas: { users: ['bob', 'alice'] } };
    expect(only(told({ tenants }), 'DUPLICATE_CONDOR_TENANT_USER').given).toBe("the user 'alice' in the tenants 'cms' and 'atlas'");
  });
});

describe('knobs of the operator', () => {
  const config = (knob: string) => told({ config: { [knob]: 'x' } }).map(({ code }) => code);

  test('UNSUPPORTED_CONDOR_KNOB: a removed knob names its successor', () => {
    expect(only(told({ config: { HOSTALLOW_WRITE: '*' } }), 'UNSUPPORTED_CONDOR_KNOB')).toMatchObject({
      path: 'cosenza/htcondor/config/HOSTALLOW_WRITE',
      given: 'HOSTALLOW_WRITE, which HTCondor does not read since 9.0',
    });
    for (const knob of ['GSI_DAEMON_DIRECTORY', 'gridmap', 'FLOCK_FROM', 'QUILL_ENABLED'])
      expect(config(knob)).toEqual(['UNSUPPORTED_CONDOR_KNOB']);
  });

  test('RESERVED_CONDOR_KNOB: what a prop sets, in any case and for any daemon, and all rights', () => {
    for (const knob of [
      'TRUST_DOMAIN',
      'trust_domain',
      'SCHEDD.MAX_JOBS_RUNNING',
      'ALLOW_SOAP',
      'DENY_READ',
      'SEC_CLIENT_AUTHENTICATION_METHODS',
      'maxjobretirementtime',
    ])
      expect(config(knob)).toEqual(['RESERVED_CONDOR_KNOB']);
    for (const knob of ['SCHEDD_DEBUG', 'SHADOW.MAX_SHADOW_LOG']) expect(config(knob)).toEqual([]);
  });

  test('INVALID_CONDOR_KNOB and INVALID_CONDOR_VALUE: neither name nor value begins another line', () => {
    expect(config('A = 1\nALLOW_WRITE')).toEqual(['INVALID_CONDOR_KNOB']);
    expect(told({ config: { SCHEDD_DEBUG: 'D_FULLDEBUG\nALLOW_WRITE = *' } }).map(({ code }) => code)).toContain('INVALID_CONDOR_VALUE');
  });
});

describe('other pools', () => {
  test('CONFLICTING_CONDOR_DOMAIN: flocking to a pool of the own domain', () => {
    const other = externalPool({ collector: '192.0.2.50', domain: 'pool.example', name: 'other' });
    expect(only(told({ flocksTo: [other] }), 'CONFLICTING_CONDOR_DOMAIN')).toMatchObject({
      path: 'cosenza/htcondor/flocksTo/other',
      given: "flocking to pool 'other', which has the same domain 'pool.example'",
    });
  });

  test('MISSING_CONDOR_OUTSIDE_ADDRESS: nodes of another cluster return output to the access point', () => {
    const other = externalPool({ collector: '192.0.2.50', domain: 'other.example' });
    only(told({ flocksTo: [other] }), 'MISSING_CONDOR_OUTSIDE_ADDRESS');
    const addressing = hostNetwork({ from: ['192.0.2.0/24'] });
    const one = nodePool('one', { count: 1, flavor: { vcpus: 8, memory: '32GiB' }, labels: { role: 'one' }, addresses: ['10.0.0.41'] });
    const site = existing({ pools: [heads, workers, one] });
    const pool = (ap: object) => poolIn({ flocksTo: [other], accessPoints: { ap } }, site).facility.problems();
    expect(briefly(pool({ on: one, addressing }))).toEqual([]);
    // Of two nodes, only the operator knows which address is outside.
    only(pool({ addressing }), 'MISSING_CONDOR_OUTSIDE_ADDRESS');
    expect(briefly(pool({ addressing: hostNetwork({ from: ['192.0.2.0/24'], address: '203.0.113.21' }) }))).toEqual([]);
  });

  test('INVALID_CONDOR_COLLECTOR and INVALID_CONDOR_DOMAIN of a pool that somebody else runs', () => {
    expect(refused('INVALID_CONDOR_COLLECTOR', () => externalPool({ collector: 'tcp://cm.example:9618', domain: 'a.example' })).given).toBe(
      "the collector 'tcp://cm.example:9618'",
    );
    refused('INVALID_CONDOR_DOMAIN', () => externalPool({ collector: '192.0.2.50', domain: 'A,B' }));
    expect(briefly(problemsOf(() => externalPool(untyped({ collector: '192.0.2.50' }))))).toEqual(['MISSING_PROP at externalPool']);
  });
});
