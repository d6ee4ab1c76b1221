import { schedulerNodes } from '../../lib/scheduling';
import { architectureOf, mig, type NodePoolProps, nodePool, rke1, rke2, timeSlicing, vgpu, wholeGpus } from '../../lib/site';
import { briefly, existing, master, only, provisioned, worker } from '../fixtures/site';

const flavor = { name: 'g1', vcpus: 72, memory: '480GiB' } as const;
const pool = (props: Partial<NodePoolProps>) =>
  nodePool('arm', { flavor, image: 'AlmaLinux-9.2-arm', labels: { 'example.org/arm': 'yes' }, ...props });
const site = (props: Partial<NodePoolProps>, cluster = rke2({ version: '1.31.9' })) =>
  provisioned({ cluster, pools: [master(), worker(), pool(props)] });

test('nodes have the architecture of their pool as label', () => {
  const labels = schedulerNodes(site({ architecture: 'arm64' })).map(({ name, labels }) => [name, labels['kubernetes.io/arch']]);
  expect(labels).toEqual([
    ['napoli-master-1', 'amd64'],
    ['napoli-worker-1', 'amd64'],
    ['napoli-worker-2', 'amd64'],
    ['napoli-worker-3', 'amd64'],
    ['napoli-arm-1', 'arm64'],
  ]);
});

test('the default is arm64 with GPUs that exist only with an ARM processor', () => {
  expect(architectureOf({})).toBe('amd64');
  expect(architectureOf({ gpus: wholeGpus('gh200-144gb') })).toBe('arm64');
  expect(architectureOf({ gpus: mig('gb200-186gb', { layout: {} }) })).toBe('arm64');
  expect(architectureOf({ gpus: timeSlicing(wholeGpus('gh200-144gb'), { replicas: 2 }) })).toBe('arm64');
  expect(architectureOf({ gpus: wholeGpus('h100-96gb') })).toBe('amd64');
  expect(architectureOf({ gpus: wholeGpus('h100-96gb'), architecture: 'arm64' })).toBe('arm64');
  expect(architectureOf({ gpus: vgpu('GRID A100-10C') })).toBe('amd64');
  const wrong = existing({ pools: [pool({ architecture: 'amd64', gpus: wholeGpus('gh200-144gb') })] });
  expect(only(wrong.problems, 'CONFLICTING_ARCHITECTURE').path).toBe('cosenza/pools/arm/architecture');
});

test('ARM nodes are supported with RKE2, not with RKE', () => {
  expect(briefly(site({ architecture: 'arm64' }, rke1({ version: '1.27.16' }) as never).problems)).toEqual([
    'UNSUPPORTED_ARCHITECTURE at napoli/pools/arm/architecture',
  ]);
  expect(briefly(site({ architecture: 'arm64' }).problems)).toEqual([]);
});
