import { type Finding, nearest, quote } from '../../errors';
import { CONDOR_PORT } from './ports';

const list = (words: readonly string[]) => (words.length > 0 ? words.map(quote).join(', ') : 'none');
const seconds = (amount: number) => `${amount} s`;

export const condorValue = (knob: string, given: string, allowed: string): Finding => ({
  code: 'INVALID_CONDOR_VALUE',
  given: `${knob} = ${quote(given)}`,
  allowed,
  fix: `write a value of ${knob} that is ${allowed}`,
});

export const condorKnobRemoved = (knob: string, since: string, successor: string): Finding => ({
  code: 'UNSUPPORTED_CONDOR_KNOB',
  given: `${knob}, which HTCondor does not read since ${since}`,
  allowed: successor,
  fix: `remove ${knob}, and use ${successor}`,
});

export const condorKnobReserved = (knob: string): Finding => ({
  code: 'RESERVED_CONDOR_KNOB',
  given: `${knob} in config`,
  allowed: 'knobs that no prop sets',
  fix: `remove ${knob}, and set the prop that it follows from`,
});

export const condorKnobName = (knob: string): Finding => ({
  code: 'INVALID_CONDOR_KNOB',
  given: `the knob ${quote(knob)}`,
  allowed: 'a name of letters, digits, _ and ., with a letter first',
  fix: 'write e.g. config: { MAX_SHADOW_EXCEPTIONS: 5 }',
});

export const condorDomainMissing = (): Finding => ({
  code: 'MISSING_CONDOR_DOMAIN',
  given: 'a pool without `domain`: TRUST_DOMAIN would be the host name of a pod, and all tokens would become invalid with the pod',
  allowed: 'one domain for the whole pool, which never changes',
  fix: "write domain: 'pool.example.org' with a name of yours",
});

export const condorDomainInvalid = (given: unknown): Finding => ({
  code: 'INVALID_CONDOR_DOMAIN',
  given: `the domain ${quote(given)}`,
  allowed: 'lower-case letters, digits, - and ., without blanks, commas and references to knobs',
  fix: "write e.g. domain: 'pool.example.org'",
});

export const condorFlockOwn = (domain: string, other: string): Finding => ({
  code: 'CONFLICTING_CONDOR_DOMAIN',
  given: `flocking to pool ${quote(other)}, which has the same domain ${quote(domain)}`,
  allowed: 'pools of other domains: a pool cannot tell its own jobs and tokens from those of a pool with its domain',
  fix: `remove ${quote(other)} from flocksTo, or give one of the pools another domain`,
});

export const condorReplicas = (name: string, given: unknown): Finding => ({
  code: 'UNSUPPORTED_CONDOR_REPLICAS',
  given: `${quote(given)} replicas of the access point ${quote(name)}`,
  allowed: '1: two schedds would both run the jobs of one queue',
  fix: `remove replicas, or add another access point: accessPoints: { ${name}: …, ${name}2: … }`,
});

export const condorSpool = (name: string): Finding => ({
  code: 'MISSING_CONDOR_SPOOL',
  given: `the access point ${quote(name)} without a volume for its job queue, on a site without a default storage class`,
  allowed: 'a volume, or `temporary`, which loses all jobs with the pod',
  fix: "write spool: { size: '20GiB', storageClass: storageClass('…') }, or spool: 'temporary'",
});

export const condorManagers = (given: unknown): Finding => ({
  code: 'INVALID_CONDOR_MANAGERS',
  given: `${quote(given)} managers`,
  allowed: '1, or 2 for high availability',
  fix: 'write manager: { count: 2 }',
});

export const condorNodeLabels = (labels: string, pools: readonly string[]): Finding => ({
  code: 'UNKNOWN_CONDOR_NODE_LABELS',
  given: `nodes with ${labels}, of which the pools ${list(pools)} have none`,
  allowed: 'labels that a node of the pool has',
  fix: `add the labels to \`labels\` of the pool, or correct nodeLabels`,
});

export const condorNodeAddresses = (nodes: readonly string[]): Finding => ({
  code: 'MISSING_CONDOR_NODE_ADDRESSES',
  given: `nodes without a known address: ${list(nodes)}`,
  allowed: 'addresses of all nodes: a NetworkPolicy can name pods on the network of a node only by the address of the node',
  fix: "write hostNetwork({ nodes: ['192.0.2.11/32'] }), or `addresses` in the node pool",
});

export const condorPort = (port: unknown, first: number, last: number): Finding => ({
  code: 'INVALID_CONDOR_PORT',
  given: `port ${quote(port)}`,
  allowed: `a whole number from ${first} to ${last}`,
  fix: first >= 30000 ? 'write e.g. nodePort(30618, …)' : `leave the port out: ${CONDOR_PORT} is used`,
});

export const condorNodePort = (port: number, listen: number): Finding => ({
  code: 'CONFLICTING_CONDOR_NODE_PORT',
  given: `node port ${port} for daemons that listen on ${listen}`,
  allowed: 'equal ports: daemons advertise the port on which they listen',
  fix: `remove listenPort, so that the daemons listen on ${port}`,
});

export const condorLongestJob = (longest: number, vacate: number): Finding => ({
  code: 'INVALID_CONDOR_LONGEST_JOB',
  given: `jobs of ${seconds(longest)} that take ${seconds(vacate)} to stop`,
  allowed: 'at least one second each',
  fix: "write longestJob: '24h'",
});

export const condorGrace = (given: number, needed: number, longest: number): Finding => ({
  code: 'CONFLICTING_CONDOR_GRACE',
  given: `a grace period of ${seconds(given)} for jobs of up to ${seconds(longest)}: the kubelet would kill them`,
  allowed: `at least ${seconds(needed)}`,
  fix: `remove grace, or write grace: '${needed}s'`,
});

export const condorMemory = (given: string, allowed: string): Finding => ({
  code: 'INVALID_CONDOR_MEMORY',
  given: `execute pods with ${given} of memory`,
  allowed,
  fix: "write memory: '2GiB' or more",
});

export const condorCpu = (given: unknown): Finding => ({
  code: 'INVALID_CONDOR_CPU',
  given: `execute pods with ${quote(given)} cores`,
  allowed: 'whole cores: a slot has whole cores',
  fix: 'write e.g. cpu: 4',
});

export const condorAllow = (entry: string, allowList: string): Finding => ({
  code: 'INSECURE_CONDOR_ALLOW',
  given: `${quote(entry)} in ALLOW_${allowList}`,
  allowed: 'identities one by one: user@domain, without *',
  fix: "write e.g. allow: { ADVERTISE_STARTD: ['glidein@pool.example.org'] }",
});

export const condorQuota = (sum: number, parent: string | undefined, groups: readonly string[]): Finding => ({
  code: 'EXCEEDS_CONDOR_QUOTA',
  given: `quotas of ${list(groups)} that add up to ${Math.round(sum * 1000) / 1000}${parent ? ` of ${quote(parent)}` : ''}`,
  allowed: 'at most 1: the whole pool, or the whole parent group',
  fix: 'lower the quotas until they add up to 1 or less',
});

export const condorGroup = (name: string, why: string): Finding => ({
  code: 'INVALID_CONDOR_GROUP',
  given: `the accounting group ${quote(name)}: ${why}`,
  allowed: 'names of letters, digits and _, with . between parent and child, and a quota above 0 and up to 1; parents are groups too',
  fix: "write e.g. groups: { cms: { quota: 0.6 }, 'cms.production': { quota: 0.5 } }",
});

export const condorTenant = (name: string, known: readonly string[]): Finding => ({
  code: 'UNKNOWN_CONDOR_TENANT',
  given: `the tenant ${quote(name)}`,
  allowed: list(known),
  fix: suggestion(name, known, 'add it to `tenants` of the pool'),
});

export const condorTenantUser = (user: string, first: string, second: string): Finding => ({
  code: 'DUPLICATE_CONDOR_TENANT_USER',
  given: `the user ${quote(user)} in the tenants ${quote(first)} and ${quote(second)}`,
  allowed: 'one tenant for each user',
  fix: `remove ${quote(user)} from one of them`,
});

export const condorUser = (name: string, uid: unknown, why: string): Finding => ({
  code: 'INVALID_CONDOR_USER',
  given: `the user ${quote(name)} with the id ${quote(uid)}: ${why}`,
  allowed: 'a name of lower-case letters, digits, _ and - other than root and condor, and an id from 1000 to 65533 that no other user has',
  fix: 'write e.g. users: { alice: 1001, bob: 1002 }',
});

export const condorKey = (given: string, why: string): Finding => ({
  code: 'INVALID_CONDOR_KEY',
  given: `the signing key ${quote(given)}: ${why}`,
  allowed: 'names of letters, digits, _ and -, each once; not USERS, which signs the tokens of notebooks',
  fix: "write keys: { sign: 'KEY2', accept: ['POOL'] }",
});

export const condorLease = (lease: number): Finding => ({
  code: 'INVALID_CONDOR_LEASE',
  given: `a job lease of ${seconds(lease)}`,
  allowed: 'at least 300 s: a pod that moves to another node needs that long, and jobs without a lease are killed',
  fix: "write jobLease: '40m'",
});

export const condorTokenLifetime = (given: number): Finding => ({
  code: 'INVALID_CONDOR_TOKEN_LIFETIME',
  given: `tokens that are valid for ${seconds(given)}`,
  allowed: 'at least 3600 s',
  fix: "write tokenLifetime: '365d'",
});

export const condorNoExecute = (): Finding => ({
  code: 'MISSING_CONDOR_EXECUTE',
  given: 'a pool without execute nodes that takes no part in other pools',
  allowed: 'at least one execute group, or flocksTo',
  fix: "write execute: { worker: { cpu: 4, memory: '8GiB' } }",
});

export const condorSciTokens = (why: string): Finding => ({
  code: 'INVALID_CONDOR_SCITOKENS',
  given: why,
  allowed: 'subjects of the provider and names of users, without blanks',
  fix: "write users: { '73f16d93-2441-4a50-88ff-85360d78c6b5': 'alice' }",
});

export const condorRemoteAddress = (given: unknown): Finding => ({
  code: 'INVALID_CONDOR_COLLECTOR',
  given: `the collector ${quote(given)}`,
  allowed: `a host name or address, with a port if it is not ${CONDOR_PORT}`,
  fix: `write collector: 'cm.example.org:${CONDOR_PORT}'`,
});

function suggestion(given: string, known: readonly string[], otherwise: string): string {
  const found = nearest(given, known);
  return found ? `write ${quote(found)}` : otherwise;
}

export const condorFlockUnreachable = (): Finding => ({
  code: 'MISSING_CONDOR_OUTSIDE_ADDRESS',
  given: 'flocking to a pool outside of the cluster, with access points that have no address outside: its nodes could not return output',
  allowed: 'access points on the network of a node with `from`, or at a node port',
  fix: "write addressing: hostNetwork({ from: ['198.51.100.0/24'] }) for the access point",
});
