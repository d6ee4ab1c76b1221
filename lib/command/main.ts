#!/usr/bin/env node
import './compile-cache';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parse } from 'yaml';
import { FacilityError } from '../errors';
import type { Service, ServiceCommand } from '../kubernetes';
import * as services from '../services';
import { init } from './init';
import { REQUEST } from './run';

const BUILT_IN: readonly (readonly [call: string, what: string])[] = [
  ['init FOLDER', 'create an app for a site of your own'],
  ['synth', 'write manifests, Terraform JSON and cluster configuration of every site'],
  ['check', 'run every check, write nothing, print the summary'],
  ['flows SITE', 'print which workloads may connect to which'],
  ['images SITE', 'print every image, and what uses it'],
  ['          [--digests FILE]', 'the images by the digests in a file, for `images` of the site'],
  ['          [--with COMMAND]', "by the digests that a command prints, e.g. 'crane digest {}'"],
  ['          [--out FILE]', 'write them to a file'],
  ['bootstrap SITE', 'write the Secrets that the site refers to, with real values'],
  ['          [--out FOLDER]', 'where to; never a folder that Git tracks. Default: secrets/SITE'],
  ['          [--set SECRET/KEY=FILE]', 'a value that you have'],
];

/** Commands of the library's services; those of an app's own services are known to the app alone. */
const OF_SERVICES: readonly ServiceCommand[] = Object.values<Service>(services).flatMap(({ description }) => description.commands ?? []);

function help(): string {
  const lines = [
    ...BUILT_IN,
    ...OF_SERVICES.flatMap(({ name, help: own }) => own.map(([call, what]) => [`${name} ${call}`, what] as const)),
  ];
  return [
    'facility: what the operators of an analysis facility need, from the app that cdk8s.yaml names',
    '',
    ...lines.map(([call, what]) => `  facility ${call.padEnd(34)} ${what}`),
    '',
  ].join('\n');
}

function main([command = 'help', ...given]: readonly string[]): number {
  if (command === 'init') return answer(() => initialize(given));
  if (['help', '--help', '-h'].includes(command)) {
    process.stderr.write(help());
    return 0;
  }
  const { isStandalone, runStandalone } = OF_SERVICES.find(({ name }) => name === command) ?? {};
  if (runStandalone && isStandalone?.(given)) return answer(() => runStandalone(given));
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
