import { Facility } from '../../lib/facility';
import { JupyterHub } from '../../lib/services/jupyterhub';
import { MinIO } from '../../lib/services/minio';
import { type Storage, storageClass } from '../../lib/site';
import { minimal, site, workers } from '../fixtures/hub';
import { only } from '../fixtures/site';

const nfs = storageClass('nfs', { shared: true });

const STORAGE = { default: storageClass('fast'), classes: [nfs] };

const warningsOf = (build: (facility: Facility) => void, storage: Storage = STORAGE) => {
  const facility = new Facility(site({ storage }));
  build(facility);
  return facility.output().warnings.filter(({ code }) => code === 'UNSUPPORTED_SHARED_STORAGE');
};

describe('a storage class that is shared between nodes', () => {
  test('is a warning for the database of a hub in SQLite', () => {
    const hub = (database = {}) => warningsOf((one) => void new JupyterHub(one, 'hub', { ...minimal, site: undefined, ...database }));
    expect(hub({ database: { size: '1GiB', storageClass: nfs } })).toEqual([
      {
        severity: 'warning',
        path: 'napoli/hub/hub/storageClass',
        code: 'UNSUPPORTED_SHARED_STORAGE',
        given: "SQLite on storage class 'nfs', which is declared as shared between nodes",
        allowed:
          'a storage class of block or local volumes: locking and fsync are unreliable on network file systems (NFS), and files can be corrupted',
        fix: "add storageClass: storageClass('<class of block or local volumes>') next to the size of the volume",
      },
    ]);
    expect(hub({ database: { size: '1GiB', storageClass: storageClass('fast') } })).toEqual([]);
    expect(hub({ home: { shared: { size: '1TiB', storageClass: nfs } } })).toEqual([]);
  });

  test('is one warning for all drives of an object store, also if it is the default class', () => {
    const build = (one: Facility) => void new MinIO(one, 'store', { on: workers, servers: 3, drivesPerServer: 4 });
    const warnings = warningsOf(build, { default: nfs });
    expect(only(warnings, 'UNSUPPORTED_SHARED_STORAGE').given).toBe(
      "MinIO on storage class 'nfs', which is declared as shared between nodes",
    );
    expect(warningsOf(build)).toEqual([]);
  });
});
