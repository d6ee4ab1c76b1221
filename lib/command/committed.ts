import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { failure, type Problems } from '../errors';
import { type CommittedObject, checkCommittedObjects, type FacilityOutput } from '../facility';
import type { BuiltObject } from '../kubernetes';
import { committedFileInvalid } from './messages';

/** Compares the output of a site with its committed manifests in `folder`. A new site has none. */
export function checkCommitted(output: FacilityOutput, folder: string, problems: Problems): void {
  checkCommittedObjects(
    output,
    committedObjects(output, join(folder, output.site.name), `${output.site.name}/manifests`, problems),
    problems,
  );
}

/** Committed objects that differ from the output or are missing in it. Reports INVALID_COMMITTED_FILE for files that are not valid YAML. */
function committedObjects(output: FacilityOutput, folder: string, path: string, problems: Problems): readonly CommittedObject[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort();
  return files.flatMap((file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    const now = output.files.get(file) ?? '';
    if (text === now) return [];
    return (
      problems.attempt(`${path}/${file}`, () => changedObjects(join(folder, file), text, now).map((object) => ({ file, object }))) ?? []
    );
  });
}

/** Only changed documents are parsed, because parsing takes ten times as long as writing. */
function changedObjects(file: string, text: string, now: string): readonly BuiltObject[] {
  const written = new Set(documentsOf(now));
  const changed = documentsOf(text).filter((document) => !written.has(document));
  if (changed.length === 0) return [];
  const { parseAllDocuments } = require('yaml') as typeof import('yaml');
  return parseAllDocuments(changed.join('---\n')).flatMap((document) => {
    const [error] = document.errors;
    if (error) throw failure(committedFileInvalid(file, error.message.split('\n')[0] ?? ''));
    const object = document.toJS() as BuiltObject | null;
    return object?.metadata ? [object] : [];
  });
}

/** The documents of a YAML stream as text. Block scalars are indented, so no line of them is a separator. */
function documentsOf(text: string): readonly string[] {
  return text.split(/^---\n/m);
}
