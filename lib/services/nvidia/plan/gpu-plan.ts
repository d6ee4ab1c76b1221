import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { failure, optionInvalid } from '../../../errors';
import type { CommandContext } from '../../../kubernetes';
import { GPU_SCHEMA, type GpuRecord, gpuRecord } from '../cards/record';
import { gpuRecordSites } from '../messages';
import { gpuPlan } from './compare';
import type { GpuPlan } from './model';
import { readRecord } from './read';
import { actionsOf, wayBack } from './steps';
import { planText } from './text';

/** Status of a process whose plan has something to do, as of `terraform plan -detailed-exitcode`. */
export const CHANGES = 2;

const USAGE = 'facility gpu-plan SITE [--json], or facility gpu-plan OLD NEW [--json]';

interface Words {
  readonly names: readonly string[];
  readonly json: boolean;
}

function wordsOf(given: readonly string[]): Words {
  const wrong = given.find((word) => word.startsWith('-') && word !== '-' && word !== '--json');
  if (wrong !== undefined) throw failure(optionInvalid(wrong, USAGE));
  return { names: given.filter((word) => word !== '--json'), json: given.includes('--json') };
}

/** `facility gpu-plan OLD NEW`: how the cards get from one record to the other. Returns the status of the process. */
export function gpuPlanOfRecords(given: readonly string[]): number {
  const { names, json } = wordsOf(given);
  const [old, now, ...more] = names;
  if (old === undefined || now === undefined || more.length > 0) throw failure(optionInvalid(names.join(' ') || 'no record', USAGE));
  return tell(readRecord(old), readRecord(now), json);
}

/** `facility gpu-plan SITE`: from the record that was written last to what the app describes now. Returns the exit status. */
export function gpuPlanOfSite({ site, folders }: CommandContext, given: readonly string[]): number {
  const { names, json } = wordsOf(given);
  const [name = '', ...more] = names;
  if (name === '' || more.length > 0) throw failure(optionInvalid(names.join(' ') || 'no site', USAGE));
  const now = gpuRecord(site(name)) ?? { schema: GPU_SCHEMA, site: name, pools: [] };
  const written = join(folders.cluster, name, 'gpus.json');
  return tell(existsSync(written) ? readRecord(written) : undefined, now, json);
}

function tell(before: GpuRecord | undefined, after: GpuRecord, json: boolean): number {
  if (before && before.site !== after.site) throw failure(gpuRecordSites(before.site, after.site));
  const plan = gpuPlan(before, after);
  process.stdout.write(json ? `${JSON.stringify(withActions(plan), null, 2)}\n` : planText(plan));
  return plan.steps.length + plan.pools.length > 0 ? CHANGES : 0;
}

/** What a program reads: each step with its commands. */
function withActions(plan: GpuPlan) {
  return { ...plan, steps: plan.steps.map((step) => ({ ...step, actions: actionsOf(step), wayBack: wayBack(step) })) };
}
