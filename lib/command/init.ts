import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { failure, optionInvalid } from '../errors';
import { checkName } from '../site';
import { folderNotEmpty } from './messages';

const TEMPLATE = join(__dirname, 'template');

/**
 * `npx facility init FOLDER`: creates an app for a new site. The site has the name of the folder.
 *
 * @param packageFolder where `npm pack` leaves the tarball of the library, in a clone
 * @throws CONFLICTING_FOLDER, INVALID_NAME, INVALID_OPTION
 */
export function init(given: readonly string[], version: string, packageFolder: string): string {
  const [folder, ...more] = given;
  if (!folder || more.length > 0) throw failure(optionInvalid(given.join(' ') || 'no folder', 'npx facility init FOLDER'));
  const name = checkName(basename(resolve(folder)), 40);
  if (existsSync(folder) && readdirSync(folder).some((entry) => entry !== '.git')) throw failure(folderNotEmpty(folder));
  for (const path of readdirSync(TEMPLATE, { recursive: true, encoding: 'utf8' }).sort()) {
    if (!path.endsWith('.template')) continue;
    const text = readFileSync(join(TEMPLATE, path), 'utf8').replaceAll('{{name}}', name).replaceAll('{{version}}', version);
    const target = join(folder, targetOf(path));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
  }
  const tarball = join(packageFolder, `cdk8s-analysis-facility-${version}.tgz`);
  const packed = existsSync(tarball) ? ` ${relative(folder, tarball)}` : '';
  return `${folder}: describe the site in site.ts and its services in facility.ts, then run\n  cd ${folder} && npm install${packed} && npm test -- --ci=false && npm run synth\n`;
}

/** Names of files that npm or Git would interpret in the package of the library. */
function targetOf(path: string): string {
  const name = path.slice(0, -'.template'.length);
  return name === 'gitignore' ? '.gitignore' : name === 'ci.yml' ? '.gitlab-ci.yml' : name;
}
