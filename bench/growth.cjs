// What 1, 3, 10, 30 and 100 sites cost: node bench/growth.cjs FOLDER
// In one warm process, so that neither start nor compilation hides how the work itself grows. Prints { sites: milliseconds }.
'use strict';

const { join } = require('node:path');

const [folder] = process.argv.slice(2);
const lib = require(join(folder, 'lib.js'));
const { site } = require(join(folder, 'apps/napoli/site.js'));
const SITES = [1, 3, 10, 30, 100];
const ROUNDS = 5;

process.chdir(folder);
process.stdout.write = () => true;

function facility(index) {
  const made = new lib.Facility(lib.defineSite(`site-${index}`, site));
  const [, on] = site.pools;
  const store = new lib.MinIO(made, 'minio', { on, servers: 4, driveSize: '500GiB', buckets: [{ name: 'scratch' }] });
  const dask = new lib.DaskCluster(made, 'dask', { on, workers: 8, worker: { cpu: 4, memory: '16GiB' } });
  new lib.JupyterHub(made, 'jupyterhub', {
    on,
    host: `jupyter-${index}.example`,
    login: lib.oidc({
      issuer: lib.oidcIssuer('https://login.example/'),
      client: 'jupyterhub',
      clientSecret: lib.secret('jupyterhub-oidc'),
      allowAll: true,
    }),
    environments: [lib.environment('python')],
    sizes: [lib.size('small', { cpu: 2, memory: '4GiB' }), lib.size('large', { cpu: 8, memory: '32GiB' })],
    s3: store.endpoint,
    dask: dask.endpoint,
  });
  return made;
}

function cost(sites) {
  const before = process.cpuUsage();
  lib.run(...Array.from({ length: sites }, (_, index) => facility(index)));
  const { user, system } = process.cpuUsage(before);
  if (process.exitCode) throw new Error('the sites of the measurement do not synthesize');
  return (user + system) / 1000;
}

cost(30);
const best = Object.fromEntries(SITES.map((sites) => [sites, Number.POSITIVE_INFINITY]));
for (let round = 0; round < ROUNDS; round++) {
  for (const sites of SITES) best[sites] = Math.min(best[sites], cost(sites));
}
process.stderr.write(`${JSON.stringify(best)}\n`);
