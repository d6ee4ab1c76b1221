import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { compare } from '../errors';
import type { OutputFolders } from './folders';

/** Files in which Terraform and RKE keep what they know; they may contain keys, and without them nothing can be destroyed or upgraded. */
const STATE = /^terraform\.tfstate|\.tfstate$|\.rkestate$|^kube_config_/;

/** Where the output of a site is, which file shows that this library wrote it, and how to leave it. */
const PLACES = [
  { at: ({ manifests }: OutputFolders) => manifests, file: '00-cluster.k8s.yaml', first: 'delete its objects from the cluster' },
  { at: ({ terraform }: OutputFolders) => join(terraform, 'stacks'), file: 'cdk.tf.json', first: 'run `terraform destroy` there' },
  { at: ({ cluster }: OutputFolders) => cluster, file: undefined, first: 'run `rke remove` there if RKE installed it' },
] as const;

/**
 * Lines of the summary about folders of sites that are no longer part of the app. They are never deleted: another app may write to the same
 * folder, and Terraform and RKE keep their state there.
 */
export function leftovers(folders: OutputFolders, sites: readonly string[]): readonly string[] {
  return PLACES.flatMap(({ at, file, first }) =>
    foldersIn(at(folders))
      .filter((name) => !sites.includes(name) && (file === undefined || existsSync(join(at(folders), name, file))))
      .map((name) => {
        const folder = join(at(folders), name);
        const state = readdirSync(folder).filter((one) => STATE.test(one));
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
