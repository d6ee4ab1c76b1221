#!/usr/bin/env node
import './compile-cache';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parse } from 'yaml';
import { FacilityError } from '../errors';
import { init } from './init';
import { REQUEST, type Request } from './run';

const HELP = `facility: what the operators of an analysis facility need, from the app that cdk8s.yaml names

  facility init FOLDER                an app for a site of your own
  facility synth                      write manifests, Terraform and cluster configuration of every site
  facility check                      run every check, write nothing, print the summary
  facility flows SITE                 print who may open connections to whom
  facility gpu-plan SITE              print how nodes get from the cards that were written last to those of the app; with 2 as status
                                      if there is something to do, 0 if not, 1 if there is a mistake
  facility gpu-plan OLD NEW           the same from one dist/cluster/SITE/gpus.json to another; OLD may be - for what is piped in
            [--json]                  for programs
  facility bootstrap SITE             write the Secrets that the site refers to, with real values
            [--out FOLDER]            where to; never a folder that Git would keep. Default: secrets/SITE
            [--set SECRET/KEY=FILE]   a value that you have
`;

const COMMANDS: readonly string[] = ['synth', 'check', 'flows', 'gpu-plan', 'bootstrap'] satisfies readonly Request['command'][];

function main([command = 'help', ...given]: readonly string[]): number {
  if (command === 'init') return answer(() => initialize(given));
  if (command === 'gpu-plan' && given.filter((word) => word !== '--json').length !== 1) return answer(() => planOfRecords(given));
  if (!COMMANDS.includes(command)) {
    process.stderr.write(HELP);
    return ['help', '--help', '-h'].includes(command) ? 0 : 2;
  }
  const app: unknown = existsSync('cdk8s.yaml') ? parse(readFileSync('cdk8s.yaml', 'utf8'))?.app : undefined;
  if (typeof app !== 'string') {
    process.stderr.write("facility: no cdk8s.yaml with `app:` in this folder; run it where the site's app is\n");
    return 2;
  }
  process.env[REQUEST] = JSON.stringify({ command, arguments: given });
  if (startHere(app)) return 0;
  const { status, error } = spawnSync(app, { shell: true, stdio: 'inherit' });
  if (error) throw error;
  return status ?? 1;
}

/**
 * Runs `node [--import MODULE] FILE` in this process, which saves the start of another one; `run()` sets the exit status.
 *
 * @returns whether the app is such a command
 */
function startHere(app: string): boolean {
  const [, preload, file] = /^node(?: --import[ =]([\w@./-]+))? ([\w@./-]+\.[cm]?[jt]s)$/.exec(app.trim()) ?? [];
  if (!file) return false;
  const resolve = createRequire(join(process.cwd(), 'cdk8s.yaml')).resolve;
  process.argv = [process.argv[0] ?? 'node', join(process.cwd(), file)];
  void (async () => {
    if (preload) await import(pathToFileURL(resolve(preload)).href);
    await import(pathToFileURL(join(process.cwd(), file)).href);
  })();
  return true;
}

function initialize(given: readonly string[]): number {
  const { version } = JSON.parse(readFileSync(packageFile(), 'utf8'));
  process.stdout.write(init(given, version));
  return 0;
}

/** Two records are compared without the app that wrote them. */
function planOfRecords(given: readonly string[]): number {
  return (require('./gpu-plan') as typeof import('./gpu-plan')).gpuPlanOfRecords(given);
}

/** What needs no app tells its mistakes itself. */
function answer(act: () => number): number {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof FacilityError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
}

/** Of the source as of the compiled package: the nearest one above. */
function packageFile(): string {
  let folder = __dirname;
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return join(folder, 'package.json');
}

process.exitCode = main(process.argv.slice(2));
