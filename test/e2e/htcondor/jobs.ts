/** Jobs run from submission to output, on slots of the size of their pods. */
import { ACCESS, MANAGER, type Pods } from './pods';
import { ALL } from './site';

export async function proveJobs(pods: Pods): Promise<void> {
  const { context } = pods;
  await context.eventually('all slots are in the collector', async () => {
    const slots = await pods.sh(MANAGER, 'condor_status -af Machine TotalCpus TotalMemory TotalGPUs | sort');
    const sizes = slots.split('\n').map((line) => line.replace(/^(\S+?)\.\S+/, '$1'));
    return (
      JSON.stringify(sizes) ===
        JSON.stringify([
          `htcondor-execute-all-0 ${ALL.cpu}.0 768 0`,
          `htcondor-execute-all-1 ${ALL.cpu}.0 768 0`,
          'htcondor-execute-slice-0 1.0 768 1',
          'htcondor-execute-virgo-0 1.0 768 0',
        ]) || sizes
    );
  });

  const id = await pods.submit('alice', {
    executable: '/bin/sh',
    arguments: `"-c 'id -un; hostname; echo done'"`,
    output: '/tmp/out.$(Cluster)',
    error: '/tmp/err.$(Cluster)',
    log: '/tmp/log.$(Cluster)',
    transfer_executable: 'false',
    request_memory: 64,
    request_disk: 1024,
  });
  await pods.ended('a job ends', id);
  context.equal('output of the job', (await pods.sh(ACCESS, `cat /tmp/out.${id}`)).split('\n').at(-1), 'done');
  context.equal('owner of its output', await pods.sh(ACCESS, `stat -c %U /tmp/out.${id}`), 'alice');
}

/** An array of 100 jobs, which runs beside the next steps. */
export function submitArray(pods: Pods): Promise<number> {
  return pods.submit('alice', { executable: '/bin/true', transfer_executable: 'false', request_memory: 32, request_disk: 1024 }, 100);
}

export async function proveArray(pods: Pods, array: number): Promise<void> {
  await pods.ended('an array of 100 jobs ends', array, 120);
  const results = await pods.jobs(array, 'ExitCode', 'NumJobStarts');
  pods.context.equal('exit codes and starts of the array', [...new Set(results.map(String))], ['0,1']);
  pods.context.equal('jobs of the array', results.length, 100);
}
