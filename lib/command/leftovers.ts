import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { compare } from '../errors';
import type { OutputFolders } from './folders';

/** State files of Terraform and RKE. They may contain keys, and are needed to destroy or upgrade the site. */
const STATE = /^terraform\.tfstate|\.tfstate$|\.rkestate$|^kube_config_/;

/** Output folders: parent folder, a file that shows that this library wrote the folder, and the step before it may be removed. */
const OUTPUTS = [
  { at: ({ manifests }: OutputFolders) => manifests, file: '00-cluster.k8s.yaml', first: 'delete its objects from the cluster' },
  { at: ({ terraform }: OutputFolders) => join(terraform, 'stacks'), file: 'cdk.tf.json', first: 'run `terraform destroy` there' },
  { at: ({ cluster }: OutputFolders) => cluster, file: undefined, first: 'run `rke remove` there if RKE installed it' },
] as const;

/**
 * Lines of the summary about output folders of sites that are not part of the app. The folders are not deleted: another app may write to the
 * same parent folder, and Terraform and RKE keep their state there.
 */
export function leftovers(folders: OutputFolders, sites: readonly string[]): readonly string[] {
  return OUTPUTS.flatMap(({ at, file, first }) =>
    foldersIn(at(folders))
      .filter((name) => !sites.includes(name) && (file === undefined || existsSync(join(at(folders), name, file))))
      .map((name) => {
        const folder = join(at(folders), name);
        const state = readdirSync(folder).filter((file) => STATE.test(file));
        const contents = state.length > 0 ? ` and contains ${state.sort(compare).join(', ')}` : '';
        return `  leftover   ${folder} belongs to no site of this app${contents}: ${first}, then \`git rm -r ${folder}\``;
      }),
  );
}

function foldersIn(path: string): readonly string[] {
  if (!existsSync(path)) return [];
  const entries = readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return entries.map(({ name }) => name).sort(compare);
}
