/** What there is in a cluster, so that a suite can be followed by another as if it had never been. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { JOINED } from './addons/ingress';
import type { Cluster } from './props';
import { lastAnswer } from './time';

/** Objects as `resource namespace name`; the namespace is `-` for those of the cluster. */
type Inventory = ReadonlySet<string>;

/** Made by Kubernetes itself, or gone with what they are about. */
const ignored = [
  ...['nodes', 'events', 'events.events.k8s.io', 'leases.coordination.k8s.io', 'endpoints', 'endpointslices.discovery.k8s.io', 'pods'],
  ...['componentstatuses', 'apiservices.apiregistration.k8s.io', 'csinodes.storage.k8s.io', 'controllerrevisions.apps'],
  ...['replicasets.apps', 'flowschemas.flowcontrol.apiserver.k8s.io', 'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io'],
  ...['ipaddresses.networking.k8s.io', 'servicecidrs.networking.k8s.io', 'podtemplates', 'replicationcontrollers'],
  'certificatesigningrequests.certificates.k8s.io',
];

const file = (cluster: Cluster) => join(cluster.folder, 'inventory.json');

/** Of a cluster that nobody has used. */
export async function keepBaseline(cluster: Cluster): Promise<void> {
  writeFileSync(file(cluster), JSON.stringify([...(await inventory(cluster))]));
}

async function inventory(cluster: Cluster): Promise<Inventory> {
  const { stdout } = await cluster.run(['api-resources', '--cached=false', '--verbs=list,delete', '-o', 'name']);
  const resources = stdout.split('\n').filter((it) => it !== '' && !ignored.includes(it));
  const found = await cluster.run(['get', '-A', '-o', 'json', resources.join()]);
  const items = JSON.parse(found.stdout).items as { kind: string; apiVersion: string; metadata: { namespace?: string; name: string } }[];
  return new Set(
    items.map(({ kind, apiVersion, metadata: { namespace = '-', name } }) => {
      const [version = '', group] = apiVersion.split('/').reverse();
      return `${group ? `${kind}.${version}.${group}` : kind} ${namespace} ${name}`;
    }),
  );
}

/**
 * Runs a suite, and removes everything that it made. One that was killed has not done so: the next one does it first.
 */
export async function leavingNothing<T>(
  cluster: Cluster,
  work: () => Promise<T>,
  removing: (remove: () => Promise<void>) => Promise<void>,
) {
  const used = join(cluster.folder, 'used');
  const remove = async () => {
    await cleanUp(cluster);
    rmSync(used, { force: true });
  };
  if (existsSync(used)) await removing(remove);
  writeFileSync(used, '');
  try {
    return await work();
  } finally {
    await removing(remove);
  }
}

/** Removes everything that was not in the cluster at its start, and waits until it is gone. */
async function cleanUp(cluster: Cluster): Promise<void> {
  await cluster.repair();
  const before = new Set(JSON.parse(readFileSync(file(cluster), 'utf8')) as string[]);
  const made = [...(await inventory(cluster))].filter((it) => !before.has(it)).map((it) => it.split(' '));
  const namespaces = made.flatMap(([kind, , name = '']) => (kind === 'Namespace' ? [name] : []));
  await removeNamespaces(cluster, namespaces);
  // Objects of one kind and namespace together.
  const others = new Map<string, string[]>();
  for (const [kind, namespace = '', name = ''] of made) {
    if (kind === 'Namespace' || namespaces.includes(namespace)) continue;
    const key = `${kind} ${namespace}`;
    others.set(key, [...(others.get(key) ?? []), name]);
  }
  for (const [key, names] of others) {
    const [kind = '', namespace = ''] = key.split(' ');
    const where = namespace === '-' ? [] : ['-n', namespace];
    await cluster.run(['delete', ...where, kind, ...names, '--ignore-not-found', '--timeout=60s']);
  }
  const joined = await cluster.run(['get', 'nodes', '-l', JOINED, '-o', 'jsonpath={.items[*].metadata.name}']);
  await cluster.removeNodes(joined.stdout.split(' ').filter(Boolean));
  cluster.setHosts({});
  await cluster.forgetImages();
}

const CONTROLLERS = ['deployments', 'statefulsets', 'daemonsets', 'replicasets', 'cronjobs', 'jobs'].join();

/**
 * Pods go before their namespaces: the namespace controller waits half of the longest grace period of the pods that it deletes, plus a
 * second, before it looks again.
 *
 * @see k8s.io/kubernetes/pkg/controller/namespace
 */
async function removeNamespaces(cluster: Cluster, namespaces: readonly string[]): Promise<void> {
  if (namespaces.length === 0) return;
  await Promise.all(namespaces.map((it) => cluster.run(['delete', CONTROLLERS, '-n', it, '--all', '--wait=false'])));
  await gone('pods', namespaces, async () => {
    const force = ['--all', '--force', '--grace-period=0', '--wait=false'];
    await Promise.all(namespaces.map((it) => cluster.run(['delete', 'pod', '-n', it, ...force], { may: 'fail' })));
    const left = await Promise.all(namespaces.map((it) => cluster.run(['get', 'pods', '-n', it, '-o', 'name'])));
    return left.map(({ stdout }) => stdout.trim()).join('');
  });
  // A policy of the facility denies the deletion of namespaces with data.
  await cluster.run(['label', 'namespace', ...namespaces, 'analysis-facility.io/data-']);
  await cluster.run(['delete', 'namespace', ...namespaces, '--wait=false']);
  await gone('namespaces', namespaces, async () => {
    const { stdout } = await cluster.run(['get', 'namespace', ...namespaces, '--ignore-not-found', '-o', 'name']);
    return stdout.trim();
  });
}

async function gone(what: string, namespaces: readonly string[], left: () => Promise<string>): Promise<void> {
  const last = await lastAnswer(120, left, (it) => it === '');
  if (last !== '') throw new Error(`${what} of ${namespaces.join(', ')} are not deleted: ${last.replaceAll('\n', ', ')}`);
}
