import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Output folders of manifests, Terraform JSON and cluster configuration. */
export interface OutputFolders {
  readonly manifests: string;
  readonly terraform: string;
  readonly cluster: string;
}

/** Output folders of `cdk8s.yaml` and `cdktf.json`; `dist/…` if these have none. */
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
