import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const temporary = realpathSync(mkdtempSync(join(tmpdir(), 'facility-command-')));
export const folderOf = (name: string) => join(temporary, name);
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

/** Path and text of every file below a folder. */
export function contents(folder: string): Record<string, string> {
  if (!existsSync(folder)) return {};
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map(({ parentPath, name }) => [join(parentPath, name).slice(folder.length + 1), readFileSync(join(parentPath, name), 'utf8')]),
  );
}

/** Folders that nothing was written to. */
export const nowhere = { manifests: folderOf('none'), terraform: folderOf('none'), cluster: folderOf('none') };

/** What is printed meanwhile. */
export function printed(act: () => void): string {
  const write = jest.spyOn(process.stdout, 'write').mockImplementation(() => true);
  try {
    act();
    return write.mock.calls.map(([text]) => text).join('');
  } finally {
    write.mockRestore();
  }
}
