import { cloudInit } from '../../lib/cluster';
import type { SnapshotStore } from '../../lib/site';
import { CERTIFICATE } from '../fixtures/certificate';
import { codes, config, file, type Json, read, rke1Site, rke2Site } from '../fixtures/cluster';

const store = (props: Partial<SnapshotStore> = {}) => ({ etcdSnapshots: { s3: { endpoint: 's3.example.org', bucket: 'etcd', ...props } } });
const authority = `CA of the lab\n${CERTIFICATE.replaceAll('\n', '\r\n')}`;

test('cluster.yml of RKE contains the CA certificate of the snapshot store', () => {
  const { s3backupconfig } = read(file(rke1Site(store({ authority })), 'cluster.yml')).services.etcd.backup_config;
  expect(s3backupconfig).toEqual({ endpoint: 's3.example.org', bucket_name: 'etcd', custom_ca: CERTIFICATE });
  expect(read(file(rke1Site(store()), 'cluster.yml')).services.etcd.backup_config.s3backupconfig).not.toHaveProperty('custom_ca');
});

test('RKE2 servers have the CA certificate as a file, which is in the cluster configuration', () => {
  const given = rke2Site(store({ authority }));
  const path = '/etc/rancher/rke2/etcd-s3-ca.crt';
  expect(config(given, 'napoli-master-1')['etcd-s3-endpoint-ca']).toBe(path);
  expect(config(given, 'napoli-worker-1')).not.toHaveProperty('etcd-s3-endpoint-ca');
  expect(file(given, 'etcd-s3-ca.crt')).toBe(CERTIFICATE);
  const written = given.nodes.map((node) => read(cloudInit(given, node)).write_files.find((it: Json) => it.path === path)?.content);
  expect(written).toEqual([CERTIFICATE, undefined, undefined]);
  expect(config(rke2Site(store()), 'napoli-master-1')).not.toHaveProperty('etcd-s3-endpoint-ca');
});

test.each([
  ['a private key', `-----BEGIN PRIVATE KEY-----\nMIGHAgEA\n-----END PRIVATE KEY-----\n${CERTIFICATE}`],
  ['a path', '/etc/ssl/ca.crt'],
  ['a damaged certificate', CERTIFICATE.replace('MIIB', '@@@@')],
])('%s is rejected as a CA certificate', (_, given) => {
  const site = rke2Site(store({ authority: given }));
  expect(codes(site)).toEqual(['INVALID_AUTHORITY napoli/cluster/etcdSnapshots/s3/authority']);
});
