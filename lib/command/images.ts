import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { failure, optionInvalid } from '../errors';
import { type Facility, imagesOf, type UsedImage } from '../facility';
import { digestCommandFailed, digestInvalid, siteUnknown } from './messages';

/** Digests by image. */
type Digests = ReadonlyMap<string, string>;

interface Options {
  readonly site: string;
  /** File with an image and its digest on each line. */
  readonly digests?: string;
  /** Command that prints the digest of an image; `{}` is replaced by the image. */
  readonly tool?: string;
  /** Output file of the pinned images. @default - standard output */
  readonly out?: string;
}

const USAGE = "npx facility images SITE [--digests FILE | --with 'COMMAND {}'] [--out FILE]";

/**
 * `npx facility images SITE`: prints a table of all images of the site. With `--digests` or `--with`: prints the images pinned by digest, as JSON for
 * `images` of the site.
 */
export function images(facilities: readonly Facility[], given: readonly string[]): void {
  const options = optionsOf(given, facilities);
  const facility = facilities.find(({ site }) => site.name === options.site);
  if (!facility)
    throw failure(
      siteUnknown(
        options.site,
        facilities.map(({ site }) => site.name),
      ),
    );
  const used = imagesOf(facility.output());
  const { digests, tool, out } = options;
  if (digests === undefined && tool === undefined) {
    process.stdout.write(imageTable(used));
    return;
  }
  const known = digests === undefined ? digestsByTool(used, tool ?? '') : digestsInFile(readFileSync(digests, 'utf8'));
  const { pinned, notes } = pin(used, known);
  const text = `${JSON.stringify(pinned, null, 2)}\n`;
  if (out === undefined) process.stdout.write(text);
  else writeFileSync(out, text);
  process.stderr.write(notes.map((note) => `${note}\n`).join(''));
}

function optionsOf(given: readonly string[], facilities: readonly Facility[]): Options {
  const values: Partial<Record<'digests' | 'tool' | 'out', string>> = {};
  const names = { '--digests': 'digests', '--with': 'tool', '--out': 'out' } as const;
  const positional: string[] = [];
  for (let index = 0; index < given.length; index++) {
    const argument = given[index] ?? '';
    const name = Object.hasOwn(names, argument) ? names[argument as keyof typeof names] : undefined;
    if (name) values[name] = given[++index] ?? '';
    else if (argument.startsWith('-')) throw failure(optionInvalid(argument, USAGE));
    else positional.push(argument);
  }
  const { digests, tool, out } = values;
  if (digests !== undefined && !existsSync(digests)) throw failure(optionInvalid(`--digests ${digests}`, 'a file that exists'));
  if (tool !== undefined && !tool.includes('{}'))
    throw failure(optionInvalid(`--with ${tool}`, "a command with {}, e.g. 'crane digest {}'"));
  if (out !== undefined && (out === '' || (digests ?? tool) === undefined)) throw failure(optionInvalid('--out', USAGE));
  if (digests !== undefined && tool !== undefined) throw failure(optionInvalid('--digests and --with', USAGE));
  const [site, ...more] = positional;
  if (!site || more.length > 0)
    throw failure(
      optionInvalid(positional.join(' ') || 'no site', `${USAGE}, with one of ${facilities.map(({ site }) => site.name).join(', ')}`),
    );
  return { site, ...values };
}

/** A line per image: reference, image names, architectures, and workloads that use it. */
export function imageTable(used: readonly UsedImage[]): string {
  const rows = [
    ['IMAGE', 'NAME', 'ARCHITECTURE', 'USED BY'],
    ...used.map(({ image, names, architectures, usedBy }) => [
      image,
      names.join(',') || '-',
      architectures.join(',') || '-',
      usedBy.join(', '),
    ]),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return `${lines.join('\n')}\n`;
}

/** Digest of an image. */
const DIGEST = /\bsha256:[0-9a-f]{64}\b/;

/** @throws INVALID_DIGEST */
export function digestsInFile(text: string): Digests {
  const lines = text.split('\n').map((line, index) => [line.trim(), index + 1] as const);
  return new Map(
    lines
      .filter(([line]) => line !== '' && !line.startsWith('#'))
      .map(([line, number]) => {
        const [image = '', digest = '', ...more] = line.split(/[\s@]+/);
        if (more.length > 0 || !new RegExp(`^${DIGEST.source}$`).test(digest)) throw failure(digestInvalid(`line ${number}: ${line}`));
        return [image, digest] as const;
      }),
  );
}

/** @throws MISSING_DIGEST */
function digestsByTool(used: readonly UsedImage[], tool: string): Digests {
  const parts = tool.split(/\s+/).filter((part) => part !== '');
  return new Map(
    used.map(({ image }) => {
      const tagged = withoutDigest(image);
      const [command = '', ...args] = parts.map((part) => part.replaceAll('{}', tagged));
      const { stdout, stderr, status, error } = spawnSync(command, args, { encoding: 'utf8' });
      const digest = status === 0 ? DIGEST.exec(stdout)?.[0] : undefined;
      if (digest === undefined) throw failure(digestCommandFailed([command, ...args].join(' '), (error?.message ?? stderr ?? '').trim()));
      return [tagged, digest] as const;
    }),
  );
}

function withoutDigest(image: string): string {
  return image.replace(/@.*$/, '');
}

interface Pinned {
  /** Image references with digests, by image name. */
  readonly pinned: Readonly<Record<string, string>>;
  /** Steps that the operator must do by hand. */
  readonly notes: readonly string[];
}

/** Pins images by digest. Images without a digest, and those that are set by a prop, are listed in `notes`. */
export function pin(used: readonly UsedImage[], digests: Digests): Pinned {
  const pinned: Record<string, string> = {};
  const notes: string[] = [];
  for (const { image, names, usedBy } of used) {
    const tagged = withoutDigest(image);
    const digest = digests.get(image) ?? digests.get(tagged);
    if (digest === undefined) notes.push(`no digest for ${tagged}`);
    else if (names.length === 0) notes.push(`set ${tagged}@${digest} in the description, for ${usedBy.join(', ')}`);
    else for (const name of names) pinned[name] = `${tagged}@${digest}`;
  }
  return { pinned, notes };
}
