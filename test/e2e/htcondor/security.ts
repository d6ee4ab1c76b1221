/** Who may do what: tokens of roles, expired tokens, tokens of other keys, and pods without a declared flow. */

import type { AllowList } from '../../../lib/services/htcondor';
import { mintToken } from '../../../lib/services/htcondor';
import { EXECUTE, type PodName, type Pods, quoted, VIRGO } from './pods';
import { DOMAIN } from './site';

const LEVELS = [
  'READ',
  'WRITE',
  'DAEMON',
  'ADMINISTRATOR',
  'NEGOTIATOR',
  'ADVERTISE_MASTER',
  'ADVERTISE_SCHEDD',
  'ADVERTISE_STARTD',
] as const;

/** Value of a Secret of the pool. */
export async function secretOf(pods: Pods, name: string, key: string): Promise<string> {
  const { stdout } = await pods.context.cluster.run([
    'get',
    'secret',
    name,
    '-n',
    'htcondor',
    '-o',
    `go-template={{index .data "${key}"}}`,
  ]);
  return Buffer.from(stdout, 'base64').toString();
}

/** What the collector allows to the holder of a token. */
async function allowed(pods: Pods, from: PodName, token: string): Promise<readonly string[]> {
  const ping = LEVELS.map((level) => `condor_ping -type COLLECTOR ${level} >/dev/null 2>&1 && echo ${level}`).join('; ');
  const script = `umask 077; d=$(mktemp -d); printf '%s' ${quoted(token)} > $d/token; export _CONDOR_SEC_TOKEN_DIRECTORY=$d _CONDOR_SEC_TOKEN_SYSTEM_DIRECTORY=$d _CONDOR_SEC_DEFAULT_AUTHENTICATION_METHODS=IDTOKENS; ${ping}; rm -r $d`;
  return (await pods.sh(from, script)).split('\n').filter(Boolean);
}

export const now = () => Math.floor(Date.now() / 1000);

export async function proveSecurity(pods: Pods): Promise<void> {
  const { context } = pods;
  const key = await secretOf(pods, 'htcondor-signing-keys', 'POOL');
  const token = (scopes: readonly AllowList[], times = { issuedAt: now() - 60, lifetime: 3600 }, signedBy = key, sub = 'ep') =>
    mintToken(signedBy, 'POOL', { identity: `${sub}@${DOMAIN.main}`, issuer: DOMAIN.main, scopes }, times);
  const written = await secretOf(pods, 'htcondor-token-execute', 'ep');
  const may = (given: string) => allowed(pods, VIRGO, given);

  context.equal('rights of the token of execute nodes', await may(written), [
    'READ',
    // CCB registers with DAEMON, which includes WRITE.
    'WRITE',
    'DAEMON',
    'ADVERTISE_MASTER',
    'ADVERTISE_STARTD',
  ]);
  context.equal('rights of the token of the access point', await may(await secretOf(pods, 'htcondor-token-access-ap', 'ap')), [
    'READ',
    'ADVERTISE_MASTER',
    'ADVERTISE_SCHEDD',
  ]);
  context.equal('rights of a token with the scope READ', await may(token(['READ'])), ['READ']);
  context.equal('rights of an expired token', await may(token(['READ'], { issuedAt: now() - 7200, lifetime: 3600 })), []);
  context.equal('rights of a token of another key', await may(token(['READ'], undefined, 'f'.repeat(64))), []);
  // Every right includes READ, which all identities of the domain have.
  context.equal('rights of a token for an identity without entry', await may(token(['ADVERTISE_SCHEDD'], undefined, key, 'mallory')), [
    'READ',
  ]);

  const submitted = await pods.exec(VIRGO, [
    'sh',
    '-c',
    "printf 'executable=/bin/true\\nqueue\\n' | condor_submit -name ap@pool.example -pool $(condor_config_val COLLECTOR_HOST) -spool -",
  ]);
  context.equal('a job from an execute node is refused', submitted.status === 0, false);

  // A pod without a declared flow.
  const stranger = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'stranger', namespace: 'default' }, spec: strangerSpec() };
  await context.cluster.apply([stranger]);
  await context.cluster.run(['wait', '--for=condition=Ready', '-n', 'default', 'pod/stranger', '--timeout=60s']);
  await context.cluster.policiesInForce();
  const reach = (pod: PodName, host: string) =>
    pods.exec(pod, ['python3', '-c', `import socket; socket.create_connection((${JSON.stringify(host)}, 9618), 3)`]);
  const target = await pods.sh(EXECUTE[0], 'hostname -i');
  context.equal('a pod without a declared flow reaches an execute node', (await reach('default/stranger', target)).status === 0, false);
  await context.cluster.run(['delete', 'pod', 'stranger', '-n', 'default', '--now']);
}

function strangerSpec() {
  const resources = { cpu: '100m', memory: '64Mi', 'ephemeral-storage': '16Mi' };
  const securityContext = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, runAsUser: 64, runAsNonRoot: true };
  const container = { name: 'condor', image: 'docker.io/htcondor/execute:25.0.13-el9', command: ['sleep', '600'] };
  return {
    terminationGracePeriodSeconds: 1,
    containers: [{ ...container, securityContext, resources: { requests: resources, limits: resources } }],
  };
}
