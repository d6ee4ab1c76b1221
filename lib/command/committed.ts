import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { failure, type Problems } from '../errors';
import { type CommittedObject, checkCommittedObjects, type FacilityOutput } from '../facility';
import type { BuiltObject } from '../kubernetes';
import { committedUnreadable } from './messages';

/** Compares a site with its manifests in `folder` as they are now; a site that is new there has nothing to lose. */
export function checkCommitted(output: FacilityOutput, folder: string, problems: Problems): void {
  checkCommittedObjects(
    output,
    committedObjects(output, join(folder, output.site.name), `${output.site.name}/manifests`, problems),
    problems,
  );
}

/** Objects of a folder of manifests that are no longer written as they were. Records INVALID_COMMITTED_FILE for files that are not YAML. */
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

/** Parsing takes ten times as long as writing, and most documents of a file stay as they are: only the others are parsed. */
function changedObjects(file: string, text: string, now: string): readonly BuiltObject[] {
  const written = new Set(documentsOf(now));
  const changed = documentsOf(text).filter((document) => !written.has(document));
  if (changed.length === 0) return [];
  const { parseAllDocuments } = require('yaml') as typeof import('yaml');
  return parseAllDocuments(changed.join('---\n')).flatMap((document) => {
    const [error] = document.errors;
    if (error) throw failure(committedUnreadable(file, error.message.split('\n')[0] ?? ''));
    const object = document.toJS() as BuiltObject | null;
    return object?.metadata ? [object] : [];
  });
}

/** The documents of a YAML stream as text; a block of text is indented, so that no line of it is a separator. */
function documentsOf(text: string): readonly string[] {
  return text.split(/^---\n/m);
}
