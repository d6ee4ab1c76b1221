/** Tries changes of immutable fields, and allowed changes: the API server must reject exactly those that the table of the library rejects. */
import { CHANGES, type Change } from '../../fixtures/immutable';
import { type ControlPlane, startControlPlane } from '../cluster/control-plane';
import type { Finding } from '../cluster/report';
import { kubectl } from './kubectl';

/** Concurrent calls of kubectl. */
const AT_ONCE = 4;

const APPLY = ['apply', '--server-side', '--force-conflicts', '--validate=strict', '-f', '-'];

export async function proveImmutable(version: string): Promise<Finding[]> {
  const cluster = await startControlPlane(version);
  const minor = Number(version.split('.')[1]);
  try {
    const changes = CHANGES.filter(({ from = 0 }) => from <= minor);
    await create(cluster, changes);
    const findings: Finding[] = [];
    const rest = [...changes];
    const work = async (): Promise<void> => {
      for (let change = rest.shift(); change; change = rest.shift()) findings.push(...(await judge(cluster, change, minor)));
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return findings;
  } finally {
    cluster.stop();
  }
}

async function create(cluster: ControlPlane, changes: readonly Change[]): Promise<void> {
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'probe' } };
  const objects = [namespace, ...new Map(changes.map(({ before }) => [JSON.stringify(before), before])).values()];
  const { status, stderr } = await kubectl(cluster, APPLY, objects.map((object) => JSON.stringify(object)).join('\n---\n'));
  if (status !== 0) throw new Error(`Kubernetes ${cluster.version} rejects the objects that the test changes: ${stderr}`);
  const established = await kubectl(cluster, ['wait', '--for=condition=Established', '--timeout=60s', 'crd', '--all']);
  if (established.status !== 0) throw new Error(`no CustomResourceDefinition is established: ${established.stderr}`);
}

async function judge(cluster: ControlPlane, { what, after, refused, acceptedFrom }: Change, minor: number): Promise<Finding[]> {
  const expected = refused && minor < (acceptedFrom ?? Number.POSITIVE_INFINITY);
  const { status, stderr } = await kubectl(cluster, [...APPLY, '--dry-run=server'], JSON.stringify(after));
  const where = `immutable fields on ${cluster.version}: ${what}`;
  // Another reason for the rejection, e.g. an invalid object, would prove nothing.
  const immutable =
    /immutable|can ?not be changed|expected an IPv6 value as indicated by|may not be changed|may not change once set|cannot change|updates to .* are forbidden/.test(
      stderr,
    );
  if (status !== 0 && !immutable) return [{ where, message: `refused for another reason: ${stderr}` }];
  if ((status !== 0) === expected) return [];
  return [{ where, message: expected ? 'the server accepts it; our table refuses it' : `the server refuses it: ${stderr}` }];
}
