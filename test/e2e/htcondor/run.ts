/**
 * Pools of real HTCondor 23.9.6 on the shared cluster: collector and schedd on the network of two dedicated nodes, execute nodes in pods, and a
 * second pool to flock to.
 *
 *   npm run e2e -- htcondor
 */
import { deploy } from '../cluster/deploy';
import { type Context, clusterSuite } from '../cluster/suite';
import { proveConfiguration } from './configuration';
import { proveJobs } from './jobs';
import { Pods } from './pods';
import { describe, NOTEBOOK, nodes } from './site';

async function test(context: Context): Promise<void> {
  const pods = new Pods(context);
  await context.step('two pools are ready', () => deploy(context, describe));
  await context.step('configuration', () => proveConfiguration(pods));
  await context.step('jobs', () => proveJobs(pods));
}

const IMAGE = 'docker.io/htcondor/execute:25.0.13-el9';

clusterSuite({ name: 'htcondor', images: [IMAGE, NOTEBOOK], nodes, nodeImages: [IMAGE, NOTEBOOK], test });
