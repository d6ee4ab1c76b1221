import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv/dist/2020';
import { clusterProblems } from '../../lib/cluster';
import type { Site } from '../../lib/site';
import { cloud, everyRke1Option, file, image, type Json, pool, read, rke1Site } from '../fixtures/cluster';

const schema = join(__dirname, '../../../shared/data/rke-cluster.schema.json');
const validate = new Ajv({ allErrors: true }).compile(JSON.parse(readFileSync(schema, 'utf8')));
const clusterYml = (given: Site): Json => read(file(given, 'cluster.yml'));

test.each<[string, Site]>([
  ['required props only', rke1Site()],
  ['all props', rke1Site(everyRke1Option)],
  [
    'existing nodes',
    rke1Site(
      {},
      {
        cloud: undefined,
        ssh: { user: 'admin', keyPath: '~/.ssh/rke' },
        pools: [pool('all', { addresses: ['192.0.2.1'], roles: ['controlplane', 'etcd', 'worker'] })],
      },
    ),
  ],
  ['a bastion', rke1Site({}, { cloud: cloud({ bastion: { flavor: 'm1.small', image } }) })],
])('cluster.yml is valid by the schema of RKE: %s', (_, given) => {
  expect(clusterProblems(given)).toEqual([]);
  validate(clusterYml(given));
  expect(validate.errors).toBeNull();
});

test('the schema rejects unknown keys', () => {
  expect(validate({ ...clusterYml(rke1Site()), kubernetes_versions: 'v1.27.16-rancher1-1' })).toBe(false);
});
