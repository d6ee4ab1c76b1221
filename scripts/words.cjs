// npm run lint: the name of a service stands in its own folder and in lib/services/index.ts, nowhere else in lib.
'use strict';

const { readdirSync, readFileSync, statSync } = require('node:fs');
const { join, relative } = require('node:path');

const root = join(__dirname, '..');
const lib = join(root, 'lib');
const services = join(lib, 'services');

/** Words of a service beside the name of its folder. */
const WORDS = {
  'cinder-csi': ['cinder-csi', 'CinderCsi'],
  dask: ['dask'],
  'dask-gateway': ['dask-gateway', 'DaskGateway'],
  jupyterhub: ['jupyterhub', 'kubespawner', 'jupyterlab'],
  minio: ['minio'],
  nvidia: ['nvidia', 'dcgm', 'mig-parted', 'gpu-operator'],
  'openstack-cloud-controller': ['openstack-cloud-controller', 'OpenStackCloudController'],
};

/** Where a word is the name of something else, with the reason. */
const ALLOWED = [
  { word: 'nvidia', path: /^site\/gpu\//, why: 'the GPU model: products, extended resources and labels have the name of their vendor' },
  { word: 'dcgm', path: /^site\/gpu\//, why: 'a label of the GPU model' },
  { word: 'gpu-operator', path: /^site\/gpu\//, why: 'the GPU model cites it as the source of a product name' },
  { word: 'openstack-cloud-controller', path: /^site\/cloud-conf\.ts$/, why: 'address of the documentation of cloud.conf' },
  { word: 'jupyterlab', path: /^services\/dask-gateway\//, why: 'the cluster manager is an extension of JupyterLab' },
  { word: 'mig-parted', path: /^site\/gpu\//, why: 'the GPU model cites the source of MIG configuration names' },
  { word: 'dask', path: /^services\/dask-gateway\//, why: 'the gateway starts clusters of Dask' },
  {
    word: 'dask',
    path: /^services\/jupyterhub\/(?:description|profiles|notebook-uses|choices|schema)\.(?:ts|json)$|^services\/jupyterhub\/props\.ts$/,
    why: 'the default notebook image contains Dask',
  },
  { word: 'jupyterhub', path: /^endpoints\/|^services\/dask(?:-gateway)?\//, why: 'endpoints may ask a JupyterHub who a user is' },
  { word: 'jupyterhub', path: /^command\/template\//, why: 'the app that `facility init` creates has a hub' },
  { word: 'dask', path: /^command\/template\//, why: 'the app that `facility init` creates has a Dask cluster' },
  { word: 'minio', path: /^command\/template\//, why: 'the app that `facility init` creates may have an object store' },
];

const isDirectory = (path) => statSync(path).isDirectory();

/** Folders of services: each has words, so that a new one is not forgotten. */
const folders = readdirSync(services).filter((name) => isDirectory(join(services, name)));

function wordsOf(name) {
  return WORDS[name] ?? [name];
}

const files = readdirSync(lib, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(?:ts|json|py|sh|template)$/.test(name))
  .map((name) => relative(lib, join(lib, name)).replaceAll('\\', '/'));

const findings = [];
for (const file of files) {
  // The public face exports services; schemas are generated from what is judged here.
  if (file === 'index.ts' || file === 'services/index.ts' || file.endsWith('/schema.json')) continue;
  const lines = readFileSync(join(lib, file), 'utf8').split('\n');
  for (const name of folders) {
    if (file.startsWith(`services/${name}/`)) continue;
    for (const word of wordsOf(name)) {
      if (ALLOWED.some((one) => one.word === word.toLowerCase() && one.path.test(file))) continue;
      const pattern = new RegExp(word, 'i');
      for (const [index, line] of lines.entries()) {
        if (pattern.test(line)) findings.push(`lib/${file}:${index + 1}: '${word}' belongs to lib/services/${name}`);
      }
    }
  }
}
for (const finding of findings) console.error(finding);
if (findings.length > 0) {
  console.error(`${findings.length} words of services outside of their folders; scripts/words.cjs says which are allowed, and why`);
  process.exitCode = 1;
}
