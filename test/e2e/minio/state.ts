/** Everything that the Job makes, as the store's own backup tells it: users with their keys, policies, accounts, buckets. */
import { join } from 'node:path';
import { within } from '../cluster/time';
import { client } from './proof';
import type { Store } from './store';

/** Files of the backup; without dates, and in an order of our own, since the server has none. */
export type State = ReadonlyMap<string, string>;

/** Dates change with every run, and say nothing of what is there. */
const DATES = /"updatedAt":"[^"]*"|<ExpiryUpdatedAt>[^<]*<\/ExpiryUpdatedAt>/g;

export async function stateOf(store: Store): Promise<State> {
  const state = new Map<string, string>();
  for (const [words, file] of [
    ['iam', 'store-iam-info.zip'],
    ['bucket', 'store-bucket-metadata.zip'],
  ] as const) {
    const given = await within(60, async () => (await store.mc('admin', 'cluster', words, 'export', 'store')) !== undefined);
    if (!given) throw new Error(`the store gives no backup of ${words}`);
    const files = await client({}, 'unpack', join(store.clientRoot, file));
    for (const [name, text] of Object.entries(files as Record<string, string>)) {
      const plain = text.replaceAll(DATES, '');
      state.set(name, plain.startsWith('{') ? JSON.stringify(ordered(JSON.parse(plain.replaceAll(/,(?=\})/g, '')))) : plain);
    }
  }
  if (![...state.keys()].some((name) => name.endsWith('versioning.xml')) || !state.get('iam-assets/users.json')?.includes('secretKey'))
    throw new Error(`the backup of the store holds no bucket or no user: ${[...state.keys()]}`);
  return state;
}

/** Names of what is not the same, or is only in one of the two. */
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
