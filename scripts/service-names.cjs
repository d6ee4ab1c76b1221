// Part of npm run lint: the name of a service may occur only in its own folder and in lib/services/index.ts, not elsewhere in lib.
'use strict';

const { readdirSync, readFileSync, statSync } = require('node:fs');
const { join, relative } = require('node:path');

const root = join(__dirname, '..');
const lib = join(root, 'lib');
const services = join(lib, 'services');

/** Names of each service. */
const NAMES = {
  'cinder-csi': ['cinder-csi', 'CinderCsi'],
  dask: ['dask'],
  'dask-gateway': ['dask-gateway', 'DaskGateway'],
  jupyterhub: ['jupyterhub', 'kubespawner', 'jupyterlab'],
  minio: ['minio'],
  nvidia: ['nvidia', 'dcgm', 'mig-parted', 'gpu-operator'],
  'openstack-cloud-controller': ['openstack-cloud-controller', 'OpenStackCloudController'],
};

/** Paths where a name is allowed, with the reason. */
const ALLOWED = [
  { name: 'nvidia', path: /^site\/gpu\//, why: 'the GPU model: names of products, extended resources and labels contain the vendor' },
  { name: 'dcgm', path: /^site\/gpu\//, why: 'a label of the GPU model' },
  { name: 'gpu-operator', path: /^site\/gpu\//, why: 'the GPU model cites it as the source of a product name' },
  { name: 'openstack-cloud-controller', path: /^site\/cloud-conf\.ts$/, why: 'URL of the documentation of cloud.conf' },
  { name: 'jupyterlab', path: /^services\/dask-gateway\//, why: 'the cluster manager is an extension of JupyterLab' },
  { name: 'mig-parted', path: /^site\/gpu\//, why: 'the GPU model cites the source of MIG configuration names' },
  { name: 'dask', path: /^services\/dask-gateway\//, why: 'the gateway starts clusters of Dask' },
  {
    name: 'dask',
    path: /^services\/jupyterhub\/(?:description|profiles|notebook-uses|choices|schema)\.(?:ts|json)$|^services\/jupyterhub\/props\.ts$/,
    why: 'the default notebook image contains Dask',
  },
  { name: 'jupyterhub', path: /^endpoints\/|^services\/dask(?:-gateway)?\//, why: 'endpoints may authenticate users with a JupyterHub' },
  { name: 'jupyterhub', path: /^command\/template\//, why: 'the app that `facility init` creates has a hub' },
  { name: 'dask', path: /^command\/template\//, why: 'the app that `facility init` creates has a Dask cluster' },
  { name: 'minio', path: /^command\/template\//, why: 'the app that `facility init` creates may have an object store' },
];

const isDirectory = (path) => statSync(path).isDirectory();

/** Folders of services. A service without an entry in NAMES has the name of its folder. */
const folders = readdirSync(services).filter((name) => isDirectory(join(services, name)));

function namesOf(service) {
  return NAMES[service] ?? [service];
}

const files = readdirSync(lib, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(?:ts|json|py|sh|template)$/.test(name))
  .map((name) => relative(lib, join(lib, name)).replaceAll('\\', '/'));

const findings = [];
for (const file of files) {
  // index.ts exports the services; schemas are generated from files that are checked here.
  if (file === 'index.ts' || file === 'services/index.ts' || file.endsWith('/schema.json')) continue;
  const lines = readFileSync(join(lib, file), 'utf8').split('\n');
  for (const service of folders) {
    if (file.startsWith(`services/${service}/`)) continue;
    for (const name of namesOf(service)) {
      if (ALLOWED.some((one) => one.name === name.toLowerCase() && one.path.test(file))) continue;
      const pattern = new RegExp(name, 'i');
      for (const [index, line] of lines.entries()) {
        if (pattern.test(line)) findings.push(`lib/${file}:${index + 1}: '${name}' belongs to lib/services/${service}`);
      }
    }
  }
}
for (const finding of findings) console.error(finding);
if (findings.length > 0) {
  console.error(
    `${findings.length} names of services outside of their folders; scripts/service-names.cjs lists the allowed ones with reasons`,
  );
  process.exitCode = 1;
}
