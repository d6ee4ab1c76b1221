/** Invalid pods: without a toleration, or with requests that Kubernetes rejects. */
import type { Cluster } from '../cluster/cluster';
import type { Finding } from '../cluster/report';
import { lastAnswer, within } from '../cluster/time';
import type { Place } from './proof';

const namespace = 'without-hub';
const image = 'docker.io/library/busybox:1';

function pod(name: string, nodeSelector: Readonly<Record<string, string>>, resources: object): object {
  const containers = [{ name: 'main', image, command: ['sleep', '3600'], resources }];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace },
    spec: { nodeSelector, containers, terminationGracePeriodSeconds: 1 },
  };
}

/** @returns number of checks */
export async function refusals(cluster: Cluster, places: readonly Place[], findings: Finding[]): Promise<number> {
  const nodes = places.flatMap(({ output }) => output.site.nodes).filter(({ devices }) => Object.keys(devices).length > 0);
  const pools = [...new Map(nodes.map((it) => [it.pool.name, it])).values()];
  await cluster.run(['create', 'namespace', namespace]);
  const account = ['get', 'serviceaccount', '-n', namespace, 'default'];
  const there = await within(60, async () => (await cluster.run(account, { may: 'fail' })).status === 0);
  if (!there) throw new Error(`no ServiceAccount in ${namespace}`);

  await cluster.apply(pools.map(({ pool }) => pod(`beside-${pool.name}`, pool.labels ?? {}, {})));
  for (const { pool, taints } of pools) {
    const wanted = taints.length > 0 ? 'had untolerated taint(s)' : 'Running';
    const found = await settled(cluster, `beside-${pool.name}`, wanted);
    if (!found.includes(wanted))
      findings.push({ where: `a pod without a GPU on ${pool.name}`, message: `found ${found}, expected ${wanted}` });
  }

  const vain: readonly (readonly [string, object, string])[] = [
    ['requests without limits', { requests: { 'nvidia.com/mig-3g.40gb': '1' } }, 'Limit must be set for non overcommitable resources'],
    [
      'requests below limits',
      { requests: { 'nvidia.com/gpu': '1' }, limits: { 'nvidia.com/gpu': '2' } },
      'must be equal to nvidia.com/gpu limit',
    ],
    ['half a slice', { limits: { 'nvidia.com/mig-3g.40gb': '500m' } }, 'must be an integer'],
  ];
  for (const [what, resources, wanted] of vain) {
    const { status, stderr } = await cluster.run(['create', '-f', '-'], {
      input: JSON.stringify(pod('in-vain', {}, resources)),
      may: 'fail',
    });
    if (status === 0 || !stderr.includes(wanted)) findings.push({ where: what, message: stderr || 'not rejected' });
  }
  return pools.length + vain.length;
}

/** Message of the scheduler, or phase of the pod. */
async function settled(cluster: Cluster, name: string, wanted: string): Promise<string> {
  const path = 'jsonpath={.status.phase} {.status.conditions[?(@.type=="PodScheduled")].message}';
  const ask = async () => (await cluster.run(['get', 'pod', '-n', namespace, name, '-o', path])).stdout;
  return lastAnswer(90, ask, (told) => told.includes(wanted));
}
