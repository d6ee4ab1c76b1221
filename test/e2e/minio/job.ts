/** The Job makes all that was asked for, and run again it changes nothing. */
import type { Proofs } from './proof';
import { changes, stateOf } from './state';
import type { Store } from './store';

/** A server that has just come may have found not all of its policies or users: it learns of them when they are written anew, once. */
const RUNS = 4;

export async function proveJob(store: Store, proofs: Proofs): Promise<void> {
  const run = async (name: string) => {
    const { status, output } = await store.setup();
    proofs.expect(`${name}\n${output}`, status, 0);
    return stateOf(store);
  };
  let state = await run('the Job');
  let changed: readonly string[] = ['not run again'];
  for (let number = 2; number <= RUNS && changed.length > 0; number++) {
    const next = await run(`the Job, run ${number}`);
    changed = changes(state, next);
    state = next;
  }
  proofs.expect('what the last run changed', changed, []);
}
