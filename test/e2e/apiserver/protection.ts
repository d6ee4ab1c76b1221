/** The admission policy that denies deletion of namespaces and claims with data, on a real API server; other objects can be deleted. */
import { App } from 'cdk8s';
import { ClusterObjects } from '../../../lib/facility/cluster-objects';
import { protectedMetadata } from '../../../lib/kubernetes';
import { defineSite, existingCluster, nodePool } from '../../../lib/site';
import type { ControlPlane } from '../cluster/control-plane';
import type { Finding } from '../cluster/report';
import { within } from '../cluster/time';
import { type Answer, kubectl } from './kubectl';

const REFUSAL = 'holds data';

export async function proveProtection(cluster: ControlPlane): Promise<Finding[]> {
  const { version } = cluster;
  const findings: Finding[] = [];
  const expect = (what: string, is: boolean, answer?: Answer) => {
    if (!is)
      findings.push({ where: `protection on ${version}: ${what}`, message: answer ? `${answer.stdout}${answer.stderr}` : 'it is not so' });
  };
  const run = (...words: readonly string[]) => kubectl(cluster, words);
  await kubectl(cluster, ['apply', '--server-side', '--validate=strict', '-f', '-'], objects(version));
  const dry = () => run('delete', 'namespace', 'hub', '--dry-run=server');
  expect('the policy is in force', await within(60, async () => (await dry()).stderr.includes(REFUSAL)), await dry());
  for (const what of [
    ['namespace', 'hub'],
    ['persistentvolumeclaim', 'database', '-n', 'hub'],
    ['persistentvolumeclaims', '--all', '-n', 'hub'],
  ]) {
    const answer = await run('delete', ...what, '--wait=false');
    expect(`${what.join(' ')} is refused`, answer.status !== 0 && answer.stderr.includes(REFUSAL), answer);
  }
  const others = [
    ['persistentvolumeclaim', 'home', '-n', 'hub'],
    ['namespace', 'dask'],
  ];
  for (const what of others) {
    const answer = await run('delete', ...what, '--wait=false');
    expect(`${what.join(' ')} is not refused`, answer.status === 0 || answer.stderr.includes('not found'), answer);
  }
  await released(cluster, expect);
  return findings;
}

/** Without the label, the namespace and its claims can be deleted. */
async function released(cluster: ControlPlane, expect: (what: string, is: boolean, answer?: Answer) => void): Promise<void> {
  const run = (...words: readonly string[]) => kubectl(cluster, words);
  const released = await run('label', 'namespace', 'hub', 'analysis-facility.io/data-');
  expect('the label can be removed', released.status === 0, released);
  const deleted = await run('delete', 'namespace', 'hub', '--wait=false');
  expect('the namespace can then be deleted', deleted.status === 0, deleted);
  // The claim itself is not removed, because the controller of its finalizer does not run here.
  const claim = () => run('get', 'persistentvolumeclaim', 'database', '-n', 'hub', '-o', 'jsonpath={.metadata.deletionTimestamp}');
  const gone = async () => {
    const { status, stdout } = await claim();
    return status !== 0 || stdout !== '';
  };
  expect('the claim is deleted with its namespace', await within(60, gone), await claim());
}

function objects(version: string): string {
  const pool = nodePool('worker', { count: 1, flavor: { vcpus: 4, memory: '8GiB' }, labels: { a: 'b' } });
  const site = defineSite('proof', { cluster: existingCluster({ version, apiServers: ['10.0.0.10:6443'] }), pools: [pool] });
  const chart = new ClusterObjects(new App(), '00-cluster', site);
  chart.addNamespace('hub', 'restricted', undefined, true);
  chart.addNamespace('dask', 'restricted', undefined, false);
  chart.addDeletionPolicy(site);
  const claim = (name: string, kept: boolean) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { ...(kept ? protectedMetadata({ name }) : { name }), namespace: 'hub' },
    spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'none', resources: { requests: { storage: '1Gi' } } },
  });
  return [...chart.toJson(), claim('database', true), claim('home', false)].map((object) => JSON.stringify(object)).join('\n---\n');
}
