import { endpoint } from '../../lib/endpoints';
import { Deployment, sharedVolumes } from '../../lib/kubernetes';
import { csiFileSystem, type FileSystem, nfs, nodeFileSystem, nodePool, sharedVolume, storageClass } from '../../lib/site';
import { briefly, existing, nodes, refused, untyped } from '../fixtures/site';
import { Bench, basic, object, one, problems, rendered } from '../fixtures/workload';

const fast = nodePool('fast', { count: 1, flavor: { vcpus: 16, memory: '64GiB' }, labels: { disk: 'gpfs' } });
const site = existing({ pools: [nodes, fast] });
const data = nfs('data', { server: 'nfs.example.org', path: '/export/data' });
const volume = (from: Parameters<typeof sharedVolume>[1]['from'], props = {}) => sharedVolume('data', { at: '/data', from, ...props });

const mounting = (...volumes: readonly ReturnType<typeof sharedVolume>[]) =>
  new Bench(
    (chart) => {
      const mounts = sharedVolumes(chart, `${chart.path()}/volumes`, volumes, { part: 'part' });
      new Deployment(chart, 'part', { ...basic, containers: { main: { ...one, ports: { http: 8080 }, mounts } } });
    },
    { site, namespace: 'users' },
  );
const podOf = (chart: Bench) => object(chart, 'Deployment').spec.template.spec;

describe('a file system that a service mounts', () => {
  test('is a PersistentVolume and a claim that only belong to each other', () => {
    const chart = mounting(volume(data));
    expect(object(chart, 'PersistentVolume').metadata.name).toBe('users-bench-volume-data');
    expect(object(chart, 'PersistentVolume').spec).toEqual({
      capacity: { storage: '1Ti' },
      accessModes: ['ReadWriteMany'],
      persistentVolumeReclaimPolicy: 'Retain',
      storageClassName: '',
      volumeMode: 'Filesystem',
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: 'users', name: 'bench-volume-data' },
      mountOptions: ['nfsvers=4.2', 'noatime'],
      nfs: { server: 'nfs.example.org', path: '/export/data' },
    });
    const claim = object(chart, 'PersistentVolumeClaim');
    expect([claim.metadata.name, claim.metadata.namespace, object(chart, 'PersistentVolume').metadata.namespace]).toEqual([
      'bench-volume-data',
      'users',
      undefined,
    ]);
    expect(claim.spec).toEqual({
      accessModes: ['ReadWriteMany'],
      storageClassName: '',
      volumeName: 'users-bench-volume-data',
      resources: { requests: { storage: '1Ti' } },
    });
    expect(podOf(chart).volumes).toEqual([
      { name: 'volume-data', persistentVolumeClaim: { claimName: 'bench-volume-data', readOnly: true } },
    ]);
    expect(podOf(chart).containers[0].volumeMounts).toEqual([{ name: 'volume-data', mountPath: '/data', readOnly: true }]);
    expect(briefly(problems(chart))).toEqual([]);
  });

  test('of the nodes has the labels of their pool, and later mounts of the node appear in the pod', () => {
    const chart = mounting(volume(nodeFileSystem('gpfs', { path: '/gpfs/fs1', on: fast }), { writable: true }));
    const { spec } = object(chart, 'PersistentVolume');
    expect(spec.hostPath).toEqual({ path: '/gpfs/fs1', type: 'Directory' });
    expect(spec.nodeAffinity).toEqual({
      required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'disk', operator: 'In', values: ['gpfs'] }] }] },
    });
    expect(podOf(chart).containers[0].volumeMounts).toEqual([
      { name: 'volume-data', mountPath: '/data', mountPropagation: 'HostToContainer' },
    ]);
  });

  test('of a CSI driver has a handle of its own unless one is given: a node mounts a handle only once', () => {
    const share = (props = {}) =>
      csiFileSystem('cephfs', {
        driver: 'cephfs.csi.ceph.com',
        attributes: { clusterID: 'c1', staticVolume: 'true', rootPath: '/volumes/data' },
        secret: { name: 'cephfs', namespace: 'ceph' },
        readOnly: true,
        ...props,
      });
    expect(object(mounting(volume(share())), 'PersistentVolume').spec).toMatchObject({
      accessModes: ['ReadOnlyMany'],
      csi: {
        driver: 'cephfs.csi.ceph.com',
        volumeHandle: 'users-bench-volume-data',
        readOnly: true,
        volumeAttributes: { clusterID: 'c1', staticVolume: 'true', rootPath: '/volumes/data' },
        nodePublishSecretRef: { name: 'cephfs', namespace: 'ceph' },
      },
    });
    expect(object(mounting(volume(share({ handle: 'fs-7' }))), 'PersistentVolume').spec.csi.volumeHandle).toBe('fs-7');
  });

  test('is created once if several mounts have it; two different ones with one name are an error', () => {
    const twice = mounting(volume(data), sharedVolume('data', { at: '/raw', from: { ...data }, subPath: 'raw' }));
    expect(rendered(twice).filter(({ kind }) => /^PersistentVolume/.test(kind)).length).toBe(2);
    expect(briefly(problems(twice))).toEqual([]);
    const other = nfs('data', { server: 'nfs.example.org', path: '/export/other' });
    expect(briefly(problems(mounting(volume(data), sharedVolume('data', { at: '/raw', from: other }))))).toEqual([
      'DUPLICATE_SHARED_VOLUME at cosenza/bench/volumes/data',
    ]);
  });

  test('comes with an endpoint', () => {
    const software = endpoint({ name: 'software', mounts: { '/software': { volume: 'software', fileSystem: data, subPath: 'el9' } } });
    const chart = new Bench((bench) => void new Deployment(bench, 'part', { ...basic, uses: [software] }));
    expect(podOf(chart).containers[0].volumeMounts).toEqual([{ name: 'software', mountPath: '/software', readOnly: true, subPath: 'el9' }]);
    expect(object(chart, 'PersistentVolumeClaim').metadata.name).toBe('bench-software');
    expect(object(chart, 'PersistentVolume').spec.nfs.path).toBe('/export/data');
  });
});

describe('a shared volume that cannot work', () => {
  test.each<[string, ReturnType<typeof sharedVolume>]>([
    ['UNSUPPORTED_WRITABLE_MOUNT', volume(nfs('data', { server: '192.0.2.7', path: '/x', readOnly: true }), { writable: true })],
    ['UNSUPPORTED_STORAGE_CLASS', volume({ size: '1TiB', storageClass: storageClass('local-path') })],
    ['INVALID_MOUNT_PATH', sharedVolume('data', { at: 'data', from: data })],
    ['INVALID_MOUNT_PATH', volume(data, { subPath: '../other' })],
    ['INVALID_MOUNT_PATH', volume(data, { subPath: 'home/{username}' })],
  ])('%s', (code, shared) => {
    expect(briefly(problems(mounting(shared)))).toEqual([`${code} at cosenza/bench/volumes/data`]);
  });

  test('has a wrong type', () => {
    expect(refused('INVALID_PROP_TYPE', () => mounting(volume(untyped('data')))).path).toBe('cosenza/bench/volumes/data');
  });

  test.each<[string, () => FileSystem]>([
    ['INVALID_FILE_SYSTEM_PATH', () => nfs('data', { server: 'nfs.example.org', path: 'export' })],
    ['INVALID_FILE_SYSTEM_PATH', () => nodeFileSystem('gpfs', { path: '/gpfs/../etc', on: nodes })],
    ['INVALID_FILE_SYSTEM_SERVER', () => nfs('data', { server: 'nfs.example.org:/export', path: '/data' })],
    ['INVALID_MOUNT_OPTION', () => nfs('data', { server: 'nfs.example.org', path: '/data', mountOptions: ['hard,intr'] })],
    [
      'INSECURE_FILE_SYSTEM_ATTRIBUTE',
      () => csiFileSystem('bucket', { driver: 'csi-rclone', attributes: { 's3-secret-access-key': 'x' } }),
    ],
    ['INVALID_NAME', () => nfs('My Data', { server: 'nfs.example.org', path: '/data' })],
  ])('%s', (code, create) => {
    expect(refused(code, create).fix).not.toBe('');
  });
});
