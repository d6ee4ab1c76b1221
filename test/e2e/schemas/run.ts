/**
 * Terraform JSON matches the schema of the OpenStack provider, and its references can be resolved; `cluster.yml` matches the schema of RKE.
 *
 *   npm run e2e -- schemas [--data FOLDER] [--dist FOLDER]
 *
 * Seen to fail: with `key_paar` in a server; with `adress` in the `bastion_host` of `cluster.yml`. The schema of RKE does not list the roles of
 * nodes, so a misspelt role is not found here.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { clusterFiles } from '../../../lib/cluster';
import { terraformFiles } from '../../../lib/infrastructure';
import { sites } from '../cloud-init/sites';
import type { Finding } from './finding';
import { readProviderSchema } from './provider-schema';
import { checkCluster, readClusterSchema } from './rke';
import { checkStack } from './terraform';

const root = resolve(__dirname, '../../..');
const { values } = parseArgs({
  options: {
    data: { type: 'string', default: join(root, '../shared/data') },
    dist: { type: 'string', default: join(root, 'dist') },
  },
});
const data = resolve(values.data);
const dist = resolve(values.dist);

let failures = 0;

function fail(file: string, findings: readonly Finding[]): void {
  failures += findings.length;
  for (const { code, path, message } of findings) console.error(`${relative(root, file)}: ${code} at ${path}: ${message}`);
}

/** Files with this name in subfolders. None is an error, because nothing would be checked. */
function filesIn(folder: string, name: string): string[] {
  const folders = existsSync(folder) ? readdirSync(folder).sort() : [];
  const files = folders.map((entry) => join(folder, entry, name)).filter((file) => existsSync(file));
  if (files.length === 0) {
    failures++;
    console.error(`There is no ${join(relative(root, folder), '*', name)}: run \`npm run synth\` first, or give --dist FOLDER.`);
  }
  return files;
}

function dataFile(name: string): string {
  const file = join(data, name);
  if (existsSync(file)) return file;
  console.error(`There is no ${name} in ${data}: give the folder that holds it with --data FOLDER.`);
  process.exit(1);
}

const count = { stacks: 0, resources: 0, attributes: 0, references: 0, clusters: 0, nodes: 0 };

const provider = readProviderSchema(dataFile('openstack-provider-schema.json'));
const stacks = [
  ...filesIn(join(dist, 'terraform/stacks'), 'cdk.tf.json').map((file) => [file, readFileSync(file, 'utf8')] as const),
  ...terraformFiles(sites.map((site) => ({ site, exposures: [] })))
    .filter(({ path }) => path.endsWith('cdk.tf.json'))
    .map(({ path, text }) => [path, text] as const),
];
for (const [file, text] of stacks) {
  const { findings, resources, attributes, references } = checkStack(JSON.parse(text), provider, root);
  fail(file, findings);
  count.stacks++;
  count.resources += resources;
  count.attributes += attributes;
  count.references += references;
}

const clusterSchema = readClusterSchema(dataFile('rke-cluster.schema.json'));
for (const file of filesIn(join(dist, 'cluster'), 'cluster.yml')) {
  const { findings, nodes } = checkCluster(readFileSync(file, 'utf8'), clusterSchema);
  fail(file, findings);
  count.clusters++;
  count.nodes += nodes;
}

for (const site of sites.filter(({ cluster }) => cluster.kind === 'rke1')) {
  const text = clusterFiles(site).find(({ path }) => path === 'cluster.yml')?.text ?? '';
  const { findings, nodes } = checkCluster(text, clusterSchema);
  fail(`${site.name}/cluster.yml`, findings);
  count.clusters++;
  count.nodes += nodes;
}

console.log(
  `checked ${count.stacks} stack(s): ${count.resources} resources and data sources, ${count.attributes} attributes, ` +
    `${count.references} references; ${count.clusters} cluster.yml with ${count.nodes} nodes: ${failures} finding(s)`,
);
process.exitCode = failures > 0 ? 1 : 0;
