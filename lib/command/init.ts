import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { failure, optionInvalid } from '../errors';
import { checkName } from '../site';
import { folderNotEmpty } from './messages';

const TEMPLATE = join(__dirname, 'template');

/**
 * `facility init FOLDER`: an app for a site of one's own. The site takes the name of the folder.
 *
 * @throws CONFLICTING_FOLDER, INVALID_NAME, INVALID_OPTION
 */
export function init(given: readonly string[], version: string): string {
  const [folder, ...more] = given;
  if (!folder || more.length > 0) throw failure(optionInvalid(given.join(' ') || 'no folder', 'facility init FOLDER'));
  const name = checkName(basename(resolve(folder)), 40);
  if (existsSync(folder) && readdirSync(folder).some((entry) => entry !== '.git')) throw failure(folderNotEmpty(folder));
  for (const path of readdirSync(TEMPLATE, { recursive: true, encoding: 'utf8' }).sort()) {
    if (!path.endsWith('.template')) continue;
    const text = readFileSync(join(TEMPLATE, path), 'utf8').replaceAll('{{name}}', name).replaceAll('{{version}}', version);
    const target = join(folder, targetOf(path));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
  }
  return `${folder}: describe the site in site.ts and what runs there in facility.ts, then\n  cd ${folder} && npm install && npm test -- --ci=false && npm run synth\n`;
}

/** Names that npm or Git would take for their own in our package. */
function targetOf(path: string): string {
  const name = path.slice(0, -'.template'.length);
  return name === 'gitignore' ? '.gitignore' : name === 'ci.yml' ? '.gitlab-ci.yml' : name;
}
