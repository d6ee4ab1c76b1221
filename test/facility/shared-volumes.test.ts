import { Deployment, ServiceChart, sharedVolumes } from '../../lib/kubernetes';
import { JupyterHub } from '../../lib/services/jupyterhub';
import { type FileOwner, nfs, nodeFileSystem, nodePool, type Site, sharedVolume } from '../../lib/site';
import { asking, deployment, problemsIn, raw } from '../fixtures/facility';
import { minimal } from '../fixtures/hub';
import { briefly, existing, nodes } from '../fixtures/site';
import { basic, one } from '../fixtures/workload';

const gpfs = nodePool('gpfs', { count: 2, flavor: { vcpus: 16, memory: '64GiB' }, labels: { gpfs: 'yes' } });
const site = existing({ pools: [nodes, gpfs] });

const claim = (name: string, ...accessModes: readonly string[]) => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name, namespace: 'tools' },
  spec: { accessModes, storageClassName: 'local-path', resources: { requests: { storage: '1Gi' } } },
});
const mounting = (name: string, claimName: string, replicas = 1, spec = {}) =>
  deployment(name, { ...asking('1', '1Gi'), volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }], ...spec }, replicas);

/** Problems of a service that mounts a file system with this owner, in pods of user 10001. */
const writing = (owner: FileOwner | undefined, writable = true, on: Site['pools'][number] = nodes) =>
  problemsIn((facility) => {
    const chart = new Wiki(facility, 'wiki');
    const from = nfs('data', { server: 'nfs.example.org', path: '/data', ...(owner ? { owner } : {}) });
    const mounts = sharedVolumes(chart, 'volumes', [sharedVolume('data', { at: '/data', from, writable })], { part: 'web' });
    new Deployment(chart, 'web', { ...basic, on, containers: { main: { ...one, ports: { http: 8080 }, mounts } } });
  }, site).filter(({ code }) => code === 'CONFLICTING_FILE_OWNER');

class Wiki extends ServiceChart {
  constructor(scope: ConstructorParameters<typeof ServiceChart>[0], id: string) {
    super(scope, id, {}, { name: 'wiki' });
  }
}

describe('a claim with ReadWriteOnce', () => {
  const codes = (...objects: readonly { readonly [field: string]: any }[]) =>
    problemsIn((facility) => raw(facility, 'tools', ...objects), site)
      .map(({ code }) => code)
      .filter((code) => code === 'CONFLICTING_CLAIM');

  test('is mounted by one pod, or by pods on one node', () => {
    expect(codes(claim('data', 'ReadWriteOnce'), mounting('a', 'data'))).toEqual([]);
    const here = { nodeSelector: { 'kubernetes.io/hostname': 'analysis-1' } };
    const named = existing({
      pools: [nodePool('analysis', { count: 1, flavor: { vcpus: 16, memory: '64GiB' }, labels: here.nodeSelector })],
    });
    const objects = [claim('data', 'ReadWriteOnce'), mounting('a', 'data', 1, here), mounting('b', 'data', 1, here)];
    expect(problemsIn((facility) => raw(facility, 'tools', ...objects), named).filter(({ code }) => code === 'CONFLICTING_CLAIM')).toEqual(
      [],
    );
  });

  test('is not mounted by two workloads or by several replicas', () => {
    expect(codes(claim('data', 'ReadWriteOnce'), mounting('a', 'data'), mounting('b', 'data'))).toEqual(['CONFLICTING_CLAIM']);
    expect(codes(claim('data', 'ReadWriteOnce'), mounting('a', 'data', 2))).toEqual(['CONFLICTING_CLAIM']);
    expect(codes(claim('data', 'ReadWriteMany'), mounting('a', 'data', 2), mounting('b', 'data'))).toEqual([]);
  });
});

describe('a file system whose owner is stated', () => {
  test('is written by that user or group', () => {
    expect(writing({ user: 10001 })).toEqual([]);
    expect(writing({ user: 7, group: 10001 })).toEqual([]);
    expect(writing(undefined)).toEqual([]);
    expect(writing({ user: 7 }, false)).toEqual([]);
  });

  test('is not written by others', () => {
    const [problem] = writing({ user: 7, group: 5000 });
    expect(problem).toMatchObject({
      path: 'cosenza/wiki/Deployment/wiki-web',
      given: "wiki-web, which writes to file system 'data' as user 10001, groups 10001",
      allowed: 'user 7 or a user in group 5000',
      fix: 'add 5000 to the supplemental groups of the pods, or remove `writable`',
    });
  });

  test('is written by notebooks in its group', () => {
    const hub = (accounts: object) =>
      problemsIn((facility) => {
        const from = nfs('data', { server: 'nfs.example.org', path: '/data', owner: { group: 5000 } });
        const volumes = [sharedVolume('data', { at: '/data', from, writable: true })];
        new JupyterHub(facility, 'hub', { ...minimal, site: undefined, on: nodes, usersOn: nodes, volumes, accounts } as never);
      }, site).filter(({ code }) => code === 'CONFLICTING_FILE_OWNER');
    expect(hub({ supplementalGroups: [5000] })).toEqual([]);
    const told = hub({});
    expect(briefly(told)).toEqual([
      'CONFLICTING_FILE_OWNER at cosenza/hub/sizes/small',
      'CONFLICTING_FILE_OWNER at cosenza/hub/sizes/large',
    ]);
    expect(told[0]?.given).toContain('as user 1000, groups 100');
  });
});

test('pods that mount a file system of the nodes are only scheduled there', () => {
  const pods = (pool: typeof gpfs, replicas: number) =>
    briefly(
      problemsIn((facility) => {
        const chart = new Wiki(facility, 'wiki');
        const from = nodeFileSystem('gpfs', { path: '/gpfs/fs1', on: gpfs });
        const mounts = sharedVolumes(chart, 'volumes', [sharedVolume('data', { at: '/data', from })], { part: 'web' });
        new Deployment(chart, 'web', { ...basic, on: pool, replicas, containers: { main: { ...one, ports: { http: 8080 }, mounts } } });
      }, site),
    );
  expect(pods(gpfs, 2)).toEqual([]);
  expect(pods(nodes, 2)).toEqual(['CONFLICTING_PLACEMENT at cosenza/wiki/Deployment/wiki-web']);
});
