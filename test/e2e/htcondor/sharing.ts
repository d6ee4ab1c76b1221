/** Tenants, GPUs, and a second pool: where jobs run, and where they do not. */
import { ACCESS, type Pods } from './pods';

const job = { executable: '/bin/sleep', transfer_executable: 'false', request_memory: 64, request_disk: 1024 } as const;

export async function proveSharing(pods: Pods): Promise<void> {
  const { context } = pods;
  const onVirgo = { requirements: 'regexp("virgo", Machine)' };
  const foreign = await pods.submit('alice', { ...job, ...onVirgo, arguments: 1 });
  const own = await pods.submit('bob', { ...job, ...onVirgo, arguments: 1 });
  const gpu = await pods.submit('alice', { ...job, arguments: 1, request_gpus: 1 });
  const elsewhere = await pods.submit('alice', { ...job, arguments: 1, requirements: 'PartnerPool =?= true' });

  await pods.ended('a job of the tenant runs on its node', own);
  await pods.ended('a job with a GPU runs', gpu);
  context.equal('node of the job with a GPU', await hostOf(pods, gpu), 'htcondor-execute-slice-0');
  await pods.ended('a job runs in the second pool', elsewhere);
  context.equal('node of the job in the second pool', await hostOf(pods, elsewhere), 'partner-execute-all-0');
  // Several negotiation cycles have passed meanwhile.
  context.equal('state of a job on the node of another tenant', await pods.sh(ACCESS, `condor_q -allusers ${foreign} -af JobStatus`), '1');
  await pods.as('alice', `condor_rm ${foreign}`);
}

async function hostOf(pods: Pods, cluster: number): Promise<string> {
  const host = await pods.sh(ACCESS, `condor_history ${cluster} -limit 1 -af LastRemoteHost`);
  return host.replace(/^slot\S*@/, '').replace(/\..*/, '');
}
