// Facilities similar to that of napoli, each on its own site.
'use strict';

const { join } = require('node:path');

module.exports = (lib, folder) => {
  const { site } = require(join(folder, 'apps/napoli/site.js'));

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
      uses: [store.endpoint, dask.endpoint],
    });
    return made;
  }

  return facility;
};
