import { cloudInit } from '../../lib/cluster';
import type { SnapshotStore } from '../../lib/site';
import { CERTIFICATE } from '../fixtures/certificate';
import { codes, config, file, type Json, one, read, two } from '../fixtures/cluster';

const store = (props: Partial<SnapshotStore> = {}) => ({ etcdSnapshots: { s3: { endpoint: 's3.example.org', bucket: 'etcd', ...props } } });
const authority = `the authority of the lab\n${CERTIFICATE.replaceAll('\n', '\r\n')}`;

test('RKE is given the certificate of the authority of the snapshot store itself', () => {
  const { s3backupconfig } = read(file(one(store({ authority })), 'cluster.yml')).services.etcd.backup_config;
  expect(s3backupconfig).toEqual({ endpoint: 's3.example.org', bucket_name: 'etcd', custom_ca: CERTIFICATE });
  expect(read(file(one(store()), 'cluster.yml')).services.etcd.backup_config.s3backupconfig).not.toHaveProperty('custom_ca');
});

test('RKE2 is given a file, which is on every server and among the cluster configuration', () => {
  const given = two(store({ authority }));
  const path = '/etc/rancher/rke2/etcd-s3-ca.crt';
  expect(config(given, 'napoli-master-1')['etcd-s3-endpoint-ca']).toBe(path);
  expect(config(given, 'napoli-worker-1')).not.toHaveProperty('etcd-s3-endpoint-ca');
  expect(file(given, 'etcd-s3-ca.crt')).toBe(CERTIFICATE);
  const written = given.nodes.map((node) => read(cloudInit(given, node)).write_files.find((it: Json) => it.path === path)?.content);
  expect(written).toEqual([CERTIFICATE, undefined, undefined]);
  expect(config(two(store()), 'napoli-master-1')).not.toHaveProperty('etcd-s3-endpoint-ca');
});

test.each([
  ['a private key', `-----BEGIN PRIVATE KEY-----\nMIGHAgEA\n-----END PRIVATE KEY-----\n${CERTIFICATE}`],
  ['a path', '/etc/ssl/ca.crt'],
  ['a damaged certificate', CERTIFICATE.replace('MIIB', '@@@@')],
])('%s is no authority, and is not repeated', (_, given) => {
  const site = two(store({ authority: given }));
  expect(codes(site)).toEqual(['INVALID_AUTHORITY napoli/cluster/etcdSnapshots/s3/authority']);
});
