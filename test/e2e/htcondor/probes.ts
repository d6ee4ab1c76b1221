/** Each probe command succeeds on a healthy daemon, and fails on one that does not answer. */
import { ACCESS, EXECUTE, MANAGER, type PodName, type Pods, quoted } from './pods';

const DAEMONS: readonly (readonly [PodName, string])[] = [
  [MANAGER, 'condor_collector'],
  [ACCESS, 'condor_schedd'],
  [EXECUTE[0], 'condor_startd'],
];

/** Shorter than every `timeoutSeconds`, after which the kubelet counts a probe as failed. */
const TIMEOUT = 5;

export async function proveProbes(pods: Pods): Promise<void> {
  const { context } = pods;
  for (const [pod, daemon] of DAEMONS) {
    const [namespace = '', name = ''] = pod.split('/');
    const path = '{.spec.containers[?(@.name=="condor")].readinessProbe.exec.command}';
    const { stdout } = await context.cluster.run(['get', 'pod', '-n', namespace, name, '-o', `jsonpath=${path}`]);
    const command = (JSON.parse(stdout) as string[]).map(quoted).join(' ');
    const answers = async () => (await pods.exec(pod, ['sh', '-c', `timeout ${TIMEOUT} ${command}`])).status === 0;
    context.equal(`probe of ${daemon}`, await answers(), true);
    await pods.sh(pod, `kill -STOP $(pidof ${daemon})`);
    context.equal(`probe of a stopped ${daemon}`, await answers(), false);
    await pods.sh(pod, `kill -CONT $(pidof ${daemon})`);
    context.equal(`probe of ${daemon} that goes on`, await answers(), true);
  }
}
