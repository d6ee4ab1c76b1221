/** Tries changes of immutable fields, and allowed changes: the API server must reject exactly those that the table of the library rejects. */
import { CHANGES, type Change } from '../../fixtures/immutable';
import type { ControlPlane } from '../cluster/control-plane';
import type { Finding } from '../cluster/report';
import { Api } from './api';
import { kubectl } from './kubectl';

const APPLY = ['apply', '--server-side', '--force-conflicts', '--validate=strict', '-f', '-'];

export async function proveImmutable(cluster: ControlPlane): Promise<Finding[]> {
  const changes = CHANGES.filter(({ from = 0 }) => from <= minorOf(cluster.version));
  await create(cluster, changes);
  const findings = await Api.with(cluster, (api) => Promise.all(changes.map((change) => judge(api, change, cluster.version))));
  return findings.flat();
}

async function create(cluster: ControlPlane, changes: readonly Change[]): Promise<void> {
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'probe' } };
  const objects = [namespace, ...new Map(changes.map(({ before }) => [JSON.stringify(before), before])).values()];
  const { status, stderr } = await kubectl(cluster, APPLY, objects.map((object) => JSON.stringify(object)).join('\n---\n'));
  if (status !== 0) throw new Error(`Kubernetes ${cluster.version} rejects the objects that the test changes: ${stderr}`);
  const established = await kubectl(cluster, ['wait', '--for=condition=Established', '--timeout=60s', 'crd', '--all']);
  if (established.status !== 0) throw new Error(`no CustomResourceDefinition is established: ${established.stderr}`);
}

async function judge(api: Api, { what, after, refused, acceptedFrom }: Change, version: string): Promise<Finding[]> {
  const expected = refused && minorOf(version) < (acceptedFrom ?? Number.POSITIVE_INFINITY);
  const { accepted, message } = await api.apply(after, JSON.stringify(after), true);
  const where = `immutable fields on ${version}: ${what}`;
  // Another reason for the rejection, e.g. an invalid object, would prove nothing.
  const immutable =
    /immutable|can ?not be changed|expected an IPv6 value as indicated by|may not be changed|may not change once set|cannot change|updates to .* are forbidden/.test(
      message,
    );
  if (!accepted && !immutable) return [{ where, message: `refused for another reason: ${message}` }];
  if (!accepted === expected) return [];
  return [{ where, message: expected ? 'the server accepts it; our table refuses it' : `the server refuses it: ${message}` }];
}

const minorOf = (version: string) => Number(version.split('.')[1]);
