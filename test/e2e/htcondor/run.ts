/**
 * Pools of real HTCondor 23.9.6 on the shared cluster: collector and schedd on the network of two dedicated nodes, execute nodes in pods, and a
 * second pool to flock to.
 *
 *   npm run e2e -- htcondor
 */
import { deploy } from '../cluster/deploy';
import { type Context, clusterSuite } from '../cluster/suite';
import { proveConfiguration } from './configuration';
import { proveAccessPointRestart, proveDrain, proveRotation } from './interruptions';
import { proveArray, proveJobs, submitArray } from './jobs';
import { Pods } from './pods';
import { proveSecurity } from './security';
import { proveSharing } from './sharing';
import { describe, nodes } from './site';

async function test(context: Context): Promise<void> {
  const pods = new Pods(context);
  await context.step('two pools are ready', () => deploy(context, describe));
  await context.step('configuration', () => proveConfiguration(pods));
  await context.step('jobs', () => proveJobs(pods));
  const array = await submitArray(pods);
  await context.step('tenants, GPUs and the second pool', () => proveSharing(pods));
  await context.step('tokens and flows', () => proveSecurity(pods));
  await context.step('an array of jobs', () => proveArray(pods, array));
  await context.step('a restart of the access point', () => proveAccessPointRestart(pods));
  await context.step('a drained node', () => proveDrain(pods));
  await context.step('a new signing key', () => proveRotation(pods));
}

const IMAGE = 'docker.io/htcondor/execute:25.0.13-el9';

clusterSuite({ name: 'htcondor', images: [IMAGE], nodes, nodeImages: [IMAGE], test });
