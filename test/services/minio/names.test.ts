import { App, Testing } from 'cdk8s';
import { ledgerOf } from '../../../lib/kubernetes';
import { MinIO, type MinIOProps } from '../../../lib/services/minio';
import { storageClass } from '../../../lib/site';
import { mayConnect, podsOf } from '../../fixtures/network';
import { briefly, existing, type Manifest, nodes } from '../../fixtures/site';

const site = existing({ storage: { default: storageClass('local-path') } });
const store = (id: string, props: Partial<MinIOProps> = {}) => new MinIO(new App(), id, { site, on: nodes, servers: 4, ...props });
const rendered = (chart: MinIO) => Testing.synth(chart) as Manifest[];

describe('a store may have the name of one of its parts', () => {
  test.each(['s3', 'setup', 'setup-files', 'service', 'console', 'pool-1', 'pool-2', 'pool-3'])('%s', (id) => {
    for (const pools of [[{}], [{}, {}]]) {
      const given: Partial<MinIOProps> = { pools, host: 's3.example.org', consoleHost: 'console.example.org', serverTls: {} };
      const chart = store(id, given);
      const objects = rendered(chart);
      const names = objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
      expect(names).toEqual([...new Set(names)]);
      expect(briefly(ledgerOf(chart).problems.all)).toEqual([]);

      const pods = podsOf(objects);
      const servers = pods.filter(({ ports }) => ports.length > 0);
      expect(servers).toHaveLength(pools.length);
      const front = objects.find(({ kind, spec }) => kind === 'Service' && spec.clusterIP !== 'None');
      expect(chart.endpoint.url).toBe(`https://${front?.metadata.name}.${id}.svc.cluster.local:9000`);
      const chosen = pods.filter(({ labels }) => Object.entries(front?.spec.selector).every(([name, value]) => labels[name] === value));
      expect(chosen).toEqual(servers);
      for (const port of [9000, 9001]) {
        const open = pods.filter((from) => servers.every((to) => mayConnect(objects, from, to, port)));
        expect(open.length).toBe(port === 9000 ? pods.length : 0);
      }
    }
  });

  test('its first pool is then called pool-1', () => {
    const [set, service] = ['StatefulSet', 'Service'].map((kind) => rendered(store('s3')).find((one) => one.kind === kind));
    expect(set).toMatchObject({ metadata: { name: 's3-pool-1' }, spec: { serviceName: 's3-pool-1' } });
    expect(service?.metadata.name).toBe('s3-pool-1');
    expect(set?.spec.template.spec.containers[0].args.at(-1)).toBe('http://s3-pool-1-{0...3}.s3-pool-1.s3.svc.cluster.local:9000/export-0');
    expect(store('s3').endpoint.url).toBe('http://s3.s3.svc.cluster.local:9000');
  });
});
