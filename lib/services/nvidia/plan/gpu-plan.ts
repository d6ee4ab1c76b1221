import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { failure, optionInvalid } from '../../../errors';
import type { CommandContext } from '../../../kubernetes';
import { gpuRecordSites } from '../messages';
import { GPU_SCHEMA, type GpuRecord, gpuRecord } from '../record/record';
import { gpuPlan } from './compare';
import type { GpuPlan } from './model';
import { readRecord } from './read';
import { actionsOf, rollback } from './steps';
import { planText } from './text';

/** Exit status if there are steps, as with `terraform plan -detailed-exitcode`. */
export const CHANGES = 2;

const USAGE = 'npx facility gpu-plan SITE [--json], or npx facility gpu-plan OLD NEW [--json]';

interface Options {
  readonly names: readonly string[];
  readonly json: boolean;
}

function parseOptions(args: readonly string[]): Options {
  const invalid = args.find((arg) => arg.startsWith('-') && arg !== '-' && arg !== '--json');
  if (invalid !== undefined) throw failure(optionInvalid(invalid, USAGE));
  return { names: args.filter((arg) => arg !== '--json'), json: args.includes('--json') };
}

/** `npx facility gpu-plan OLD NEW`: prints the plan from one record to the other. Returns the exit status. */
export function gpuPlanOfRecords(args: readonly string[]): number {
  const { names, json } = parseOptions(args);
  const [old, now, ...more] = names;
  if (old === undefined || now === undefined || more.length > 0) throw failure(optionInvalid(names.join(' ') || 'no record', USAGE));
  return printPlan(readRecord(old), readRecord(now), json);
}

/** `npx facility gpu-plan SITE`: prints the plan from the record in the last output to the app. Returns the exit status. */
export function gpuPlanOfSite({ site, folders }: CommandContext, args: readonly string[]): number {
  const { names, json } = parseOptions(args);
  const [name = '', ...more] = names;
  if (name === '' || more.length > 0) throw failure(optionInvalid(names.join(' ') || 'no site', USAGE));
  const now = gpuRecord(site(name)) ?? { schema: GPU_SCHEMA, site: name, pools: [] };
  const written = join(folders.cluster, name, 'gpus.json');
  return printPlan(existsSync(written) ? readRecord(written) : undefined, now, json);
}

function printPlan(before: GpuRecord | undefined, after: GpuRecord, json: boolean): number {
  if (before && before.site !== after.site) throw failure(gpuRecordSites(before.site, after.site));
  const plan = gpuPlan(before, after);
  process.stdout.write(json ? `${JSON.stringify(withActions(plan), null, 2)}\n` : planText(plan));
  return plan.steps.length + plan.pools.length > 0 ? CHANGES : 0;
}

/** JSON output: each step with its commands. */
function withActions(plan: GpuPlan) {
  return { ...plan, steps: plan.steps.map((step) => ({ ...step, actions: actionsOf(step), rollback: rollback(step) })) };
}
