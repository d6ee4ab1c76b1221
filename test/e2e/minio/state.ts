/** Everything that the Job creates, read from a backup of the store: users with credentials, policies, service accounts, buckets. */
import { join } from 'node:path';
import { within } from '../cluster/time';
import { client } from './proof';
import type { Store } from './store';

/** Files of the backup, without dates and sorted, because the order of the server is not stable. */
export type State = ReadonlyMap<string, string>;

/** Dates change with every run. */
const DATES = /"updatedAt":"[^"]*"|<ExpiryUpdatedAt>[^<]*<\/ExpiryUpdatedAt>/g;

export async function stateOf(store: Store): Promise<State> {
  const state = new Map<string, string>();
  for (const [args, file] of [
    ['iam', 'store-iam-info.zip'],
    ['bucket', 'store-bucket-metadata.zip'],
  ] as const) {
    const given = await within(60, async () => (await store.mc('admin', 'cluster', args, 'export', 'store')) !== undefined);
    if (!given) throw new Error(`no backup of ${args} from the store`);
    const files = await client({}, 'unpack', join(store.clientRoot, file));
    for (const [name, text] of Object.entries(files as Record<string, string>)) {
      const plain = text.replaceAll(DATES, '');
      state.set(name, plain.startsWith('{') ? JSON.stringify(ordered(JSON.parse(plain.replaceAll(/,(?=\})/g, '')))) : plain);
    }
  }
  if (![...state.keys()].some((name) => name.endsWith('versioning.xml')) || !state.get('iam-assets/users.json')?.includes('secretKey'))
    throw new Error(`the backup of the store contains no bucket or no user: ${[...state.keys()]}`);
  return state;
}

/** Names of files that differ or exist in only one of the two. */
export function changes(before: State, after: State): readonly string[] {
  return [...new Set([...before.keys(), ...after.keys()])].filter((name) => before.get(name) !== after.get(name));
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, one]) => [name, ordered(one)]),
  );
}
