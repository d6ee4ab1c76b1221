import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { leftovers } from '../../lib/command/leftovers';
import { writeSynthesis } from '../../lib/command/synthesis';
import { Facility } from '../../lib/facility';
import { existing } from '../fixtures/site';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'leftovers-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const folders = () => ({ manifests: join(folder, 'manifests'), terraform: join(folder, 'terraform'), cluster: join(folder, 'cluster') });

function write(...paths: readonly string[]): void {
  for (const path of paths) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), '');
  }
}

/** Lines without the name of the temporary folder. */
const lines = (sites: readonly string[]) => leftovers(folders(), sites).map((line) => line.replaceAll(`${folder}/`, ''));

test('folders of removed sites are reported with the state that they contain', () => {
  write(
    'manifests/old/00-cluster.k8s.yaml',
    'manifests/napoli/00-cluster.k8s.yaml',
    'terraform/stacks/old/cdk.tf.json',
    'terraform/stacks/old/terraform.tfstate',
    'terraform/stacks/old/terraform.tfstate.backup',
    'cluster/old/cluster.yml',
    'cluster/old/cluster.rkestate',
    'cluster/old/kube_config_cluster.yml',
  );
  expect(lines(['napoli'])).toEqual([
    '  leftover   manifests/old belongs to no site of this app: delete its objects from the cluster, then `git rm -r manifests/old`',
    '  leftover   terraform/stacks/old belongs to no site of this app and contains terraform.tfstate, terraform.tfstate.backup: run `terraform destroy` there, then `git rm -r terraform/stacks/old`',
    '  leftover   cluster/old belongs to no site of this app and contains cluster.rkestate, kube_config_cluster.yml: run `rke remove` there if RKE installed it, then `git rm -r cluster/old`',
  ]);
  expect(lines(['napoli', 'old'])).toEqual([]);
});

test('folders of other programs are not reported', () => {
  write('manifests/argocd/install.yaml', 'terraform/stacks/network/main.tf', 'manifests/README.md');
  expect(lines([])).toEqual([]);
});

test('synthesis reports such folders and deletes nothing', () => {
  write('manifests/old/00-cluster.k8s.yaml', 'cluster/old/cluster.rkestate');
  const text = writeSynthesis([new Facility(existing())], folders());
  expect(text).toContain(`${join(folder, 'manifests/old')} belongs to no site of this app`);
  expect(readdirSync(join(folder, 'manifests')).sort()).toEqual(['cosenza', 'old']);
  expect(readdirSync(join(folder, 'cluster/old'))).toEqual(['cluster.rkestate']);
});
