#!/usr/bin/env node
import './compile-cache';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parse } from 'yaml';
import { FacilityError, hintOf } from '../errors';
import type { Service, ServiceCommand } from '../kubernetes';
import * as services from '../services';
import { help } from './help';
import { init } from './init';
import { REQUEST } from './run';

/** Commands of the services of the library. Only the app knows those of its own services (`facility help app`). */
const SERVICE_COMMANDS: readonly ServiceCommand[] = Object.values<Service>(services).flatMap(
  ({ description }) => description.commands ?? [],
);

function main([command = 'help', ...given]: readonly string[]): number {
  if (command === 'init') return runCommand(() => initialize(given));
  if (command === 'explain') return runCommand(() => printExplanation(given));
  if (['help', '--help', '-h'].includes(command) && given[0] !== 'app') {
    process.stderr.write(help(SERVICE_COMMANDS));
    return 0;
  }
  const { isStandalone, runStandalone } = SERVICE_COMMANDS.find(({ name }) => name === command) ?? {};
  if (runStandalone && isStandalone?.(given)) return runCommand(() => runStandalone(given));
  const app: unknown = existsSync('cdk8s.yaml') ? parse(readFileSync('cdk8s.yaml', 'utf8'))?.app : undefined;
  if (typeof app !== 'string') {
    process.stderr.write('facility: no cdk8s.yaml with `app:` in this folder; change to the folder of the app\n');
    return 2;
  }
  process.env[REQUEST] = JSON.stringify({ command, arguments: given });
  if (runInProcess(app)) return 0;
  const { status, error } = spawnSync(app, { shell: true, stdio: 'inherit' });
  if (error) throw error;
  return status ?? 1;
}

/**
 * Runs an app of the form `node [--import MODULE] FILE` in this process, which is faster than a child process. `run()` sets the exit status.
 *
 * @returns whether the app has this form
 */
function runInProcess(app: string): boolean {
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
  process.stdout.write(init(given, version, dirname(packageFile())));
  return 0;
}

function printExplanation(given: readonly string[]): number {
  // Loaded on demand.
  const { explain } = require('./explain') as typeof import('./explain');
  process.stdout.write(explain(given, join(dirname(packageFile()), 'docs/errors.md')));
  return 0;
}

/** Runs a command that needs no app, and prints its errors. */
function runCommand(command: () => number): number {
  try {
    return command();
  } catch (error) {
    if (!(error instanceof FacilityError)) throw error;
    process.stderr.write(`${error.message}\n\n${hintOf(error)}\n`);
    return 1;
  }
}

/** The nearest package.json in a parent folder, both of the source and of the compiled package. */
function packageFile(): string {
  let folder = __dirname;
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return join(folder, 'package.json');
}

process.exitCode = main(process.argv.slice(2));
