/**
 * Images as in a registry: blobs by digest, and names. A layer is stored under a hash of its recipe, so that it is built once and shared by all
 * images with the same base.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** Cache of everything that is built for the suites, by version or by a hash of the inputs; see CONTRIBUTING.md. */
export const cache = process.env.FACILITY_CACHE || join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'cdk8s-analysis-facility');
export const imageFolder = join(cache, 'images');

/** Recipe of a layer, and the inputs of its hash. */
export interface Recipe {
  /** Description for the log. */
  readonly title: string;
  readonly on?: Recipe;
  /** All inputs that determine the content. */
  readonly content: string;
  /** Fills `upper`; `lower` has the layers below. */
  make(folder: string): void;
}

export interface Settings {
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly user?: string;
  readonly folder?: string;
}

export interface Image {
  readonly layer: Recipe;
  readonly settings: Settings;
}

interface Blob {
  readonly digest: string;
  readonly size: number;
}

/**
 * Builds missing layers and tags the image. Returns the digest of the manifest.
 *
 * @param names the folder where the name counts
 */
export function keep(name: string, { layer, settings }: Image, names = join(imageFolder, 'names')): string {
  const layers = chain(layer).map(kept);
  const env = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', ...settings.env };
  const config = blob(
    JSON.stringify({
      architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
      os: 'linux',
      config: {
        Env: Object.entries(env).map(([key, value]) => `${key}=${value}`),
        Entrypoint: settings.entrypoint,
        Cmd: settings.command,
        User: settings.user ?? '',
        WorkingDir: settings.folder ?? '/',
      },
      rootfs: { type: 'layers', diff_ids: layers.map((it) => it.digest) },
    }),
  );
  const manifest = blob(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config },
      layers: layers.map((it) => ({ mediaType: 'application/vnd.oci.image.layer.v1.tar', ...it })),
    }),
  );
  // `host/path:tag` as a file: the same in the registry, which serves nothing else.
  write(join(names, name), manifest.digest);
  return manifest.digest;
}

/** The layer itself and all below, the lowest first. */
function chain(layer: Recipe): Recipe[] {
  return layer.on ? [...chain(layer.on), layer] : [layer];
}

function keyOf(layer: Recipe): string {
  return sha256(`${layer.on ? keyOf(layer.on) : ''}\n${layer.content}`);
}

function kept(layer: Recipe): Blob {
  const file = join(imageFolder, 'layers', keyOf(layer));
  if (!existsSync(file)) write(file, JSON.stringify(made(layer)));
  return JSON.parse(readFileSync(file, 'utf8')) as Blob;
}

function made(layer: Recipe): Blob {
  console.error(`building a layer: ${layer.title}`);
  const start = Date.now();
  mkdirSync(imageFolder, { recursive: true });
  const folder = mkdtempSync(join(imageFolder, 'part-'));
  try {
    for (const part of ['lower', 'upper', 'work']) mkdirSync(join(folder, part));
    for (const below of layer.on ? chain(layer.on).map(kept) : [])
      execFileSync('tar', ['--numeric-owner', '-xpf', blobFile(below.digest), '-C', join(folder, 'lower')]);
    layer.make(folder);
    whiteouts(join(folder, 'upper'));
    const tar = join(folder, 'layer.tar');
    execFileSync('tar', ['--sort=name', '--numeric-owner', '-cf', tar, '-C', join(folder, 'upper'), '.']);
    const digest = `sha256:${digestOf(tar)}`;
    mkdirSync(dirname(blobFile(digest)), { recursive: true });
    const { size } = statSync(tar);
    renameSync(tar, blobFile(digest));
    console.error(`  ${Math.round((Date.now() - start) / 1000)} s, ${Math.round(size / 2 ** 20)} MiB`);
    return { digest, size };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** An overlay says "removed" with a device, an image with a file of a certain name. */
function whiteouts(upper: string): void {
  const found = spawnSync('find', [upper, '-type', 'c', '-printf', '%P\\0'], { encoding: 'utf8' }).stdout.split('\0').filter(Boolean);
  for (const path of found) {
    rmSync(join(upper, path));
    writeFileSync(join(upper, dirname(path), `.wh.${path.slice(path.lastIndexOf('/') + 1)}`), '');
  }
}

function blob(content: string): Blob {
  const digest = `sha256:${sha256(content)}`;
  write(blobFile(digest), content);
  return { digest, size: Buffer.byteLength(content) };
}

function blobFile(digest: string): string {
  return join(imageFolder, 'blobs', digest.replace(':', '/'));
}

function write(file: string, content: string): void {
  mkdirSync(dirname(file), { recursive: true });
  const part = `${file}.${process.pid}`;
  writeFileSync(part, content);
  renameSync(part, file);
}

function sha256(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}

function digestOf(file: string): string {
  const hash = createHash('sha256');
  const chunk = Buffer.alloc(1 << 22);
  const from = openSync(file, 'r');
  for (let read = readSync(from, chunk); read > 0; read = readSync(from, chunk)) hash.update(chunk.subarray(0, read));
  closeSync(from);
  return hash.digest('hex');
}
