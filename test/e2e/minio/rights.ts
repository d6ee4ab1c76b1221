/** What each user and service account of grown-app.ts may do, and what its buckets keep. */
import { client, type Environment, type Proofs } from './proof';
import type { Store } from './store';

const NO = 'AccessDenied';

export async function proveRights(store: Store, proofs: Proofs, as: (name: string) => Environment): Promise<void> {
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
    proofs.expect(`what ${user} may do in ${bucket}`, await client(as(user), 'rights', bucket, key), wanted);
  }
  const versions = (bucket: string) => client(as('destroyer'), 'versions', bucket);
  proofs.expect('versions of a bucket with versions', await versions('results'), { versions: 2, destroy: 'ok' });
  proofs.expect('a locked version', await versions('archive'), { versions: 2, destroy: 'InvalidRequest' });
  proofs.expect('a bucket without versions', await versions('scratch'), { versions: 1, destroy: 'nothing to destroy' });
  proofs.expect('anonymous reading where it is allowed', await store.ask(0, '/public/'), 200);
  proofs.expect('anonymous reading where it is not', await store.ask(0, '/scratch/'), 403);
  proofs.expect('metrics without a token, where they are public', await store.ask(0, '/minio/v2/metrics/cluster'), 200);
  proofs.expect('the quota', (await store.mc('quota', 'info', 'store/scratch'))?.includes(`"quota":${2 ** 30}`), true);
  proofs.expect('the lifecycle', (await store.mc('ilm', 'export', 'store/scratch'))?.includes('"Days":7'), true);
  proofs.expect('boto3 and s3fs over TLS', await client(as('analysis'), 'notebook', 'scratch'), 'ok');
}
