/**
 * Pools of real HTCondor 23.9.6 on the shared cluster: collector and schedd on the network of two dedicated nodes, execute nodes in pods, and a
 * second pool to flock to.
 *
 *   npm run e2e -- htcondor [--broken drain]
 *
 * Seen to fail: with `--broken drain`, whose nodes give jobs one second (the job on the drained node starts twice); with execute nodes that
 * do not wait for the collector (a job stays idle after a startd was matched that was not registered with CCB yet); with a knob that HTCondor
 * does not have (CRED_STORE_DIR).
 */
import { parseArgs } from 'node:util';
import type { ExecuteProps } from '../../../lib/services/htcondor';
import { deploy } from '../cluster/deploy';
import { type Context, clusterSuite } from '../cluster/suite';
import { proveConfiguration } from './configuration';
import { proveAccessPointRestart, proveDrain, proveRotation } from './interruptions';
import { proveArray, proveJobs, submitArray } from './jobs';
import { Pods } from './pods';
import { proveProbes } from './probes';
import { proveSecurity } from './security';
import { proveSharing } from './sharing';
import { describe, nodes, POOL } from './site';

async function test(context: Context): Promise<void> {
  const pods = new Pods(context);
  if (broken) {
    const { all, ...others } = POOL.execute;
    const execute = { ...others, all: { ...(all as ExecuteProps), longestJob: '1s', vacate: '1s' } } as const;
    await context.step('two pools are ready', () => deploy(context, (outdir) => describe(outdir, { execute })));
    return context.step('a drained node', () => proveDrain(pods));
  }
  await context.step('two pools are ready', () => deploy(context, (outdir) => describe(outdir)));
  await context.step('configuration', () => proveConfiguration(pods));
  await context.step('jobs', () => proveJobs(pods));
  await context.step('tenants, GPUs and the second pool', () => proveSharing(pods));
  const array = await submitArray(pods);
  await context.step('tokens and flows', () => proveSecurity(pods));
  await context.step('an array of jobs', () => proveArray(pods, array));
  await context.step('a restart of the access point', () => proveAccessPointRestart(pods));
  await context.step('a drained node', () => proveDrain(pods));
  await context.step('a new signing key', () => proveRotation(pods));
  await context.step('probes', () => proveProbes(pods));
}

const { broken } = parseArgs({ options: { broken: { type: 'string' } } }).values;
if (broken !== undefined && broken !== 'drain') throw new Error('invalid --broken; allowed: drain');

const IMAGE = 'docker.io/htcondor/execute:25.0.13-el9';

clusterSuite({ name: 'htcondor', images: [IMAGE], nodes, nodeImages: [IMAGE], test });
