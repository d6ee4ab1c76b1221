/** Everything that the Job makes, as the store tells it, without dates and in an order of our own: the server has none. */
import type { Store } from './store';

const DATES = ['updatedAt', 'CreateDate', 'UpdateDate'];

export async function stateOf(store: Store): Promise<unknown> {
  const found = async (pattern: RegExp, ...words: readonly string[]) =>
    [...((await store.mc(...words)) ?? '').matchAll(pattern)].map(([, name = '']) => name).sort();
  const told = async (...words: readonly string[]) => {
    const lines = (await store.mc(...words))?.trim().split('\n') ?? [];
    return [words.join(' '), lines.filter(Boolean).map((line) => ordered(JSON.parse(line)))];
  };
  const buckets = await found(/"key":"([^"/]+)/g, 'ls', 'store');
  const users = await found(/"accessKey":"([^"]+)/g, 'admin', 'user', 'list', 'store');
  const policies = await found(/"policy":"([^"]+)/g, 'admin', 'policy', 'list', 'store');
  if (buckets.length === 0 || users.length === 0 || policies.length === 0)
    throw new Error(`the store tells nothing about itself: ${buckets.length} buckets, ${users.length} users, ${policies.length} policies`);
  const state: unknown[] = [];
  for (const name of buckets) {
    for (const words of ['version info', 'retention info --default', 'quota info', 'anonymous get-json', 'ilm export']) {
      state.push(await told(...words.split(' '), `store/${name}`));
    }
  }
  for (const name of users) {
    for (const words of ['info', 'svcacct ls']) state.push(await told('admin', 'user', ...words.split(' '), 'store', name));
  }
  for (const name of policies) state.push(await told('admin', 'policy', 'info', 'store', name));
  return state;
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  if (value === null || typeof value !== 'object') return value;
  const fields = Object.entries(value).filter(([name]) => !DATES.includes(name));
  return Object.fromEntries(fields.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, one]) => [name, ordered(one)]));
}
