import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Suffix of files until all files are written. */
const UNFINISHED = '.unfinished';

/**
 * Writes these files to a folder and removes all others. Unchanged files are not touched. Changed files are written under temporary names
 * first, so that the previous files survive a full disk or a missing permission.
 */
export function writeFolder(folder: string, files: ReadonlyMap<string, string>): void {
  mkdirSync(folder, { recursive: true });
  const changed = [...files].filter(([name, text]) => !isUnchanged(join(folder, name), text));
  try {
    for (const [name, text] of changed) writeFileSync(join(folder, name + UNFINISHED), text);
  } catch (error) {
    for (const [name] of changed) rmSync(join(folder, name + UNFINISHED), { force: true });
    throw error;
  }
  for (const [name] of changed) renameSync(join(folder, name + UNFINISHED), join(folder, name));
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (files.has(entry.name)) continue;
    if (entry.isDirectory()) rmSync(join(folder, entry.name), { recursive: true });
    else unlinkSync(join(folder, entry.name));
  }
}

function isUnchanged(path: string, text: string): boolean {
  return existsSync(path) && readFileSync(path, 'utf8') === text;
}
