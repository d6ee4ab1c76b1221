import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Problems } from '../errors';
import { type CommittedObject, checkLifetimes, type FacilityOutput } from '../facility';
import type { BuiltObject } from '../kubernetes';
import { committedUnreadable } from './messages';

/** Compares a site with its manifests in `folder` as they are now; a site that is new there has nothing to lose. */
export function checkCommitted(output: FacilityOutput, folder: string, problems: Problems): void {
  checkLifetimes(output, committedObjects(output, join(folder, output.site.name), `${output.site.name}/manifests`, problems), problems);
}

/** StatefulSets of a folder of manifests, in files that change. INVALID_COMMITTED_FILE is recorded for one that is no YAML, e.g. after half a merge. */
function committedObjects(output: FacilityOutput, folder: string, path: string, problems: Problems): readonly CommittedObject[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort();
  return files.flatMap((file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    // Reading takes ten times as long as writing, and few files matter: most stay as they are.
    if (text === output.files.get(file) || !/^kind: StatefulSet$/m.test(text)) return [];
    // Loaded where there is something to read.
    const { parseAllDocuments } = require('yaml') as typeof import('yaml');
    const documents = parseAllDocuments(text);
    const [error] = documents.flatMap(({ errors }) => errors);
    if (error) problems.add(`${path}/${file}`, committedUnreadable(join(folder, file), error.message.split('\n')[0] ?? ''));
    return error ? [] : documents.flatMap((document) => toObject(file, document.toJS()));
  });
}

function toObject(file: string, object: BuiltObject | null): readonly CommittedObject[] {
  return object?.metadata ? [{ file, object }] : [];
}
