/** The Job creates everything that is described; another run changes nothing. */
import type { Proofs } from './proof';
import { changes, stateOf } from './state';
import type { Store } from './store';

/** A server that has just started may not have loaded all policies or users; it loads them when they are written again. */
const RUNS = 4;

export async function checkJob(store: Store, proofs: Proofs): Promise<void> {
  const run = async (name: string) => {
    const { status, output } = await store.setup();
    proofs.expect(`${name}\n${output}`, status, 0);
    return stateOf(store);
  };
  let state = await run('the Job');
  let changed: readonly string[] = ['the Job was not run again'];
  for (let number = 2; number <= RUNS && changed.length > 0; number++) {
    const next = await run(`the Job, run ${number}`);
    changed = changes(state, next);
    state = next;
  }
  proofs.expect('changes of the last run', changed, []);
}
