/** Permissions of the users and service accounts of grown-app.ts, and settings of its buckets. */
import { client, type Environment, type Proofs } from './proof';
import type { Store } from './store';

const NO = 'AccessDenied';

export async function checkPermissions(store: Store, proofs: Proofs, as: (name: string) => Environment): Promise<void> {
  const all = { list: 'ok', read: 'ok', write: 'ok', delete: 'ok', make: NO };
  const none = { list: NO, read: NO, write: NO, delete: NO, make: NO };
  for (const [user, bucket, wanted] of [
    ['analysis', 'scratch', all],
    ['analysis', 'results', all],
    ['reader', 'results', { ...none, list: 'ok', read: 'ok' }],
    ['reader', 'scratch', none],
    ['drop-box', 'scratch', { ...none, write: 'ok' }],
    ['drop-box', 'results', none],
    ['custom', 'results', { ...none, read: 'ok' }],
    ['pipeline', 'scratch', all],
    ['viewer', 'scratch', { ...none, list: 'ok' }],
  ] as const) {
    const key = bucket === 'scratch' ? 'old' : 'one';
    await proofs.expectEventually(`permissions of ${user} in ${bucket}`, () => client(as(user), 'rights', bucket, key), wanted);
  }
  const expectOutput = (what: string, args: readonly string[], wanted: string) =>
    proofs.expectEventually(what, async () => (await store.mc(...args))?.includes(wanted), true);
  const versions = (bucket: string) => client(as('destroyer'), 'versions', bucket);
  await proofs.expectEventually('versions in a bucket with versioning', () => versions('results'), { versions: 2, destroy: 'ok' });
  await proofs.expectEventually('a locked version', () => versions('archive'), { versions: 2, destroy: 'InvalidRequest' });
  await proofs.expectEventually('a bucket without versioning', () => versions('scratch'), { versions: 1, destroy: 'nothing to destroy' });
  await proofs.expectEventually('anonymous read of a public bucket', () => store.ask(0, '/public/'), 200);
  await proofs.expectEventually('anonymous read of a private bucket', () => store.ask(0, '/scratch/'), 403);
  await proofs.expectEventually('public metrics without a token', () => store.ask(0, '/minio/v2/metrics/cluster'), 200);
  await expectOutput('the quota', ['quota', 'info', 'store/scratch'], `"quota":${2 ** 30}`);
  await expectOutput('the lifecycle', ['ilm', 'export', 'store/scratch'], '"Days":7');
  await proofs.expectEventually('boto3 and s3fs over TLS', () => client(as('analysis'), 'notebook', 'scratch'), 'ok');
}
