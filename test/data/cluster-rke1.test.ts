import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv/dist/2020';
import { clusterProblems } from '../../lib/cluster';
import type { Site } from '../../lib/site';
import { cloud, everyRke1Option, file, image, type Json, one, pool, read } from '../fixtures/cluster';

const schema = join(__dirname, '../../../shared/data/rke-cluster.schema.json');
const validate = new Ajv({ allErrors: true }).compile(JSON.parse(readFileSync(schema, 'utf8')));
const clusterYml = (given: Site): Json => read(file(given, 'cluster.yml'));

test.each<[string, Site]>([
  ['the least that can be said', one()],
  ['everything that can be said', one(everyRke1Option)],
  [
    'nodes that exist',
    one(
      {},
      {
        cloud: undefined,
        ssh: { user: 'admin', keyPath: '~/.ssh/rke' },
        pools: [pool('all', { addresses: ['192.0.2.1'], roles: ['controlplane', 'etcd', 'worker'] })],
      },
    ),
  ],
  ['a bastion', one({}, { cloud: cloud({ bastion: { flavor: 'm1.small', image } }) })],
])('is what RKE decodes: %s', (_, given) => {
  expect(clusterProblems(given)).toEqual([]);
  validate(clusterYml(given));
  expect(validate.errors).toBeNull();
});

test('the schema of these tests does refuse', () => {
  expect(validate({ ...clusterYml(one()), kubernetes_versions: 'v1.27.16-rancher1-1' })).toBe(false);
});
