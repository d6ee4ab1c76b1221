import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the three kinds of output go. */
export interface OutputFolders {
  readonly manifests: string;
  readonly terraform: string;
  readonly cluster: string;
}

/** The folders that `cdk8s.yaml` and `cdktf.json` name, as their own tools read them; `dist/…` where they name none. */
export function outputFolders(project: string): OutputFolders {
  const read = (file: string): { readonly output?: string } => {
    const path = join(project, file);
    if (!existsSync(path)) return {};
    const { parse } = require('yaml') as typeof import('yaml');
    return parse(readFileSync(path, 'utf8')) ?? {};
  };
  return {
    manifests: read('cdk8s.yaml').output ?? 'dist/manifests',
    terraform: read('cdktf.json').output ?? 'dist/terraform',
    cluster: 'dist/cluster',
  };
}
