/** Runs the container of a Deployment as a local process, with its command, arguments, environment variables and files. */
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Manifest } from '../cluster/manifests';
import type { Json } from './pods';

export interface Secrets {
  readonly [nameAndKey: string]: string;
}

export interface Started {
  readonly log: string;
  stop(): Promise<void>;
  ended(): boolean;
}

export function find(manifests: readonly Manifest[], kind: string, name: string): Json {
  const found = manifests.find(({ object }) => object.kind === kind && object.metadata.name === name);
  if (!found) throw new Error(`the manifests have no ${kind} ${name}`);
  return found.object as Json;
}

/** @param programs local program for the first word of a command */
export function start(
  manifests: readonly Manifest[],
  deployment: string,
  secrets: Secrets,
  programs: Readonly<Record<string, readonly string[]>>,
  env: Readonly<Record<string, string>>,
  log: string,
): Started {
  const { containers, volumes } = find(manifests, 'Deployment', deployment).spec.template.spec;
  const [container] = containers;
  const values: [string, string][] = (container.env ?? []).map(({ name, value, valueFrom }: Json) => {
    const from = valueFrom?.secretKeyRef;
    const found = from ? secrets[`${from.name}/${from.key}`] : value;
    if (found === undefined) throw new Error(`${deployment}: Secret ${JSON.stringify(from)} does not exist`);
    return [name, found];
  });
  for (const { name, mountPath } of container.volumeMounts) {
    const { configMap } = volumes.find((one: Json) => one.name === name);
    if (!configMap) continue;
    rmSync(mountPath, { recursive: true, force: true });
    mkdirSync(mountPath, { recursive: true });
    for (const [file, text] of Object.entries(find(manifests, 'ConfigMap', configMap.name).data))
      writeFileSync(join(mountPath, file), text as string);
  }
  const [word = '', ...args] = [...(container.command ?? []), ...(container.args ?? [])];
  const [program = word, ...first] = programs[word] ?? [];
  const output = openSync(log, 'a');
  const child: ChildProcess = spawn('setpriv', ['--pdeathsig', 'KILL', program, ...first, ...args], {
    cwd: container.workingDir ?? '/tmp',
    env: { PATH: `${dirname(program)}:${process.env.PATH}`, ...Object.fromEntries(values), ...env },
    stdio: ['ignore', output, output],
  });
  const gone = new Promise<void>((resolve) => child.on('close', () => resolve()));
  return {
    log,
    ended: () => child.exitCode !== null || child.signalCode !== null,
    stop: async () => {
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), 15_000);
      await gone;
      clearTimeout(late);
    },
  };
}

/** Writes the files of a mounted ServiceAccount. */
export function serviceAccount(token: string, certificate: string): void {
  const folder = '/var/run/secrets/kubernetes.io/serviceaccount';
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'token'), token);
  cpSync(certificate, join(folder, 'ca.crt'));
}

export function lastLines(file: string, count = 30, wanted = (_: string) => true): string {
  return readFileSync(file, 'utf8').trimEnd().split('\n').filter(wanted).slice(-count).join('\n');
}
