/** Jobs and the pool survive restarts, a drained node and new signing keys. */
import { deploy } from '../cluster/deploy';
import { ACCESS, MANAGER, type PodName, type Pods } from './pods';
import { describe } from './site';

/** Longer than the interruption, shorter than `longestJob` of the pool. */
const SECONDS = 25;

const sleeping = {
  executable: '/bin/sleep',
  arguments: SECONDS,
  transfer_executable: 'false',
  request_memory: 64,
  request_disk: 1024,
  requirements: 'regexp("execute-all", Machine)',
} as const;

/** A job that runs on one of the nodes of the group `all`. */
async function running(pods: Pods): Promise<{ readonly id: number; readonly host: string }> {
  const id = await pods.submit('alice', sleeping);
  let host = '';
  await pods.context.eventually('a job starts', async () => {
    host = await pods.sh(ACCESS, `condor_q -allusers ${id} -af RemoteHost`);
    return host.includes('execute-all') || host;
  });
  return { id, host: host.replace(/^slot\S*@/, '').replace(/\..*/, '') };
}

async function finishedOnce(pods: Pods, what: string, id: number): Promise<void> {
  await pods.ended(what, id, 150);
  pods.context.equal(`${what}: exit code and starts`, (await pods.jobs(id, 'ExitCode', 'NumJobStarts')).map(String), ['0,1']);
}

async function restarted({ context }: Pods, pod: PodName): Promise<void> {
  const [namespace = '', name = ''] = pod.split('/');
  await context.cluster.run(['delete', 'pod', '-n', namespace, name], { timeout: 120_000 });
  await context.cluster.run(['rollout', 'status', '-n', namespace, `statefulset/${name.replace(/-\d+$/, '')}`, '--timeout=120s'], {
    timeout: 130_000,
  });
}

/** The access point restarts: its jobs run on, and it finds them again. */
export async function proveAccessPointRestart(pods: Pods): Promise<void> {
  const { id } = await running(pods);
  await restarted(pods, ACCESS);
  await finishedOnce(pods, 'a job whose access point restarted', id);
}

/** A node is drained: its pod stops when its job has ended. */
export async function proveDrain(pods: Pods): Promise<void> {
  const { context } = pods;
  const { id, host } = await running(pods);
  const { stdout: node } = await context.cluster.run(['get', 'pod', '-n', 'htcondor', host, '-o', 'jsonpath={.spec.nodeName}']);
  const selector = `statefulset.kubernetes.io/pod-name=${host}`;
  await context.cluster.run(['drain', node, '--delete-emptydir-data', `--pod-selector=${selector}`, '--timeout=150s'], {
    timeout: 160_000,
  });
  await finishedOnce(pods, 'a job on a drained node', id);
  await context.cluster.run(['uncordon', node]);
}

/** New signing key: tokens of both keys are accepted while the old one is listed. The manager restarts and keeps the priorities of users. */
export async function proveRotation(pods: Pods): Promise<void> {
  const { context } = pods;
  const usage = () => pods.sh(MANAGER, 'condor_userprio -allusers -af Name WeightedAccumulatedUsage | grep alice');
  let before = 0;
  await context.eventually(
    'alice has used the pool before the manager restarts',
    async () => {
      before = Number((await usage()).split(/\s+/)[1]);
      return before > 0;
    },
    90,
  );
  await deploy(context, (outdir) => describe(outdir, { security: { keys: { sign: 'NEW', accept: ['POOL'] } } }));
  context.equal('key that signs after the rotation', await pods.sh(MANAGER, 'condor_config_val SEC_TOKEN_ISSUER_KEY'), 'NEW');
  await context.eventually(
    'execute nodes with old and new tokens come back',
    async () => {
      const slots = await pods.sh(MANAGER, 'condor_status -af Machine | wc -l');
      return slots === '4' || slots;
    },
    200,
  );
  await context.eventually('the manager knows what users used before', async () => Number((await usage()).split(/\s+/)[1]) >= before, 90);
}
