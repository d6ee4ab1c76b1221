import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineSite, existingCluster, Facility, type NodePool, nodePool, rke1, rke2 } from '../../../lib';
import { clusterFiles } from '../../../lib/cluster';
import { writeSynthesis } from '../../../lib/command/synthesis';
import { mig, wholeGpus } from '../../../lib/gpu';
import { gpuFiles } from '../../../lib/services/nvidia/cards/files';
import { only } from '../../fixtures/site';

const flavor = { vcpus: 64, memory: '512GiB' } as const;
const halves = mig('a100-80gb', { layout: { '3g.40gb': 2 } });
const siteOf = (...pools: NodePool[]) =>
  defineSite('lab', { cluster: existingCluster({ version: '1.34', apiServers: ['10.0.0.1:6443'] }), pools });

const folder = mkdtempSync(join(tmpdir(), 'gpu-nodes-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What lets the DaemonSets of the cards onto a node. */
const PARTS = ['dcgm-exporter', 'device-plugin', 'gpu-feature-discovery'].map((part) => `nvidia.com/gpu.deploy.${part}=true`).join(' ');

describe('nodes that exist already', () => {
  test('are called as their host names say', () => {
    const site = siteOf(nodePool('gpu', { keys: ['a', 'b'], hostnames: ['gpu01.example.org', 'gpu02'], flavor, gpus: halves }));
    expect(site.problems).toEqual([]);
    expect(site.nodes.map(({ name, key }) => [name, key])).toEqual([
      ['gpu01.example.org', 'a'],
      ['gpu02', 'b'],
    ]);
  });

  test('with different layouts and without host names are rejected', () => {
    const gpus = mig('a100-80gb', { layout: { '3g.40gb': 2 }, layouts: { 2: { '7g.80gb': 1 } } });
    const site = siteOf(nodePool('gpu', { count: 2, labels: { kind: 'gpu' }, flavor, gpus }));
    expect(only(site.problems, 'MISSING_HOSTNAMES').given).toContain('identified only by labels: kind=gpu');
  });

  /** What the script does with a `kubectl` that answers from these, and writes down what it is told. */
  function labelled(site: ReturnType<typeof siteOf>, layout: string, pods: string) {
    const script = gpuFiles(site).find(({ path }) => path === 'label-nodes.sh')?.text ?? '';
    const kubectl = [
      '#!/bin/sh',
      'case "$1 $2" in',
      `  'get node') printf %s '${layout}' ;;`,
      `  'get nodes') printf 'n1\\nn2\\n' ;;`,
      `  'get pods') printf '%s\\n' '${pods}' ;;`,
      '  *) echo "$@" ;;',
      'esac',
    ];
    writeFileSync(join(folder, 'kubectl'), `${kubectl.join('\n')}\n`);
    chmodSync(join(folder, 'kubectl'), 0o755);
    const { status, stdout, stderr } = spawnSync('sh', ['-s'], {
      input: script,
      encoding: 'utf8',
      env: { ...process.env, PATH: `${folder}:${process.env.PATH}` },
    });
    return { status, told: stdout.trim().split('\n'), stderr };
  }

  const named = siteOf(nodePool('gpu', { hostnames: ['gpu01'], flavor, gpus: halves }));
  const taint = 'taint node gpu01 --overwrite nvidia.com/gpu:NoSchedule';

  test('get labels and taints by their names', () => {
    const label = `label node gpu01 --overwrite nvidia.com/device-plugin.config=mig-mixed ${PARTS} nvidia.com/mig.config=a100-80gb-2x3g.40gb`;
    expect(labelled(named, '', '')).toMatchObject({ status: 0, told: [label, taint] });
    // Pods of a node whose layout is right already are no reason to stop.
    expect(labelled(named, 'a100-80gb-2x3g.40gb', 'a pod {"nvidia.com/mig-3g.40gb":"1"}')).toMatchObject({
      status: 0,
      told: [label, taint],
    });
  });

  test('are not cut anew under the pods on their cards', () => {
    const { status, told, stderr } = labelled(named, 'all-1g.10gb', 'a pod {"nvidia.com/mig-1g.10gb":"1"}');
    expect(status).toBe(1);
    expect(told).toEqual([taint]);
    expect(stderr).toContain("gpu01: has the layout 'all-1g.10gb', not 'a100-80gb-2x3g.40gb', and pods run on its cards");
    expect(labelled(named, 'all-1g.10gb', 'a pod {"cpu":"1"}').status).toBe(0);
  });

  test('that labels tell must be as many as the description says', () => {
    const by = (count: number) => siteOf(nodePool('gpu', { count, labels: { kind: 'gpu' }, flavor, gpus: wholeGpus('a30-24gb') }));
    expect(labelled(by(2), '', '').told.filter((line) => line.startsWith('label'))).toEqual([
      `label node n1 --overwrite nvidia.com/device-plugin.config=whole ${PARTS}`,
      `label node n2 --overwrite nvidia.com/device-plugin.config=whole ${PARTS}`,
    ]);
    expect(labelled(by(3), '', '')).toMatchObject({
      status: 1,
      stderr: "2 nodes have the labels 'kind=gpu', but the description of the site says 3\n",
    });
  });

  test('a product with a quote is one word to the shell', () => {
    const gpus = wholeGpus({ product: "A'B c", memory: '1GiB' });
    const { told } = labelled(siteOf(nodePool('gpu', { hostnames: ['gpu01'], flavor, gpus })), '', '');
    expect(told[0]).toBe(`label node gpu01 --overwrite nvidia.com/device-plugin.config=whole ${PARTS} nvidia.com/gpu.product=A'B c`);
  });

  test('that nothing tells are left to their owner', () => {
    const { status, stderr } = labelled(siteOf(nodePool('gpu', { flavor, gpus: halves })), '', '');
    expect({ status, stderr }).toEqual({ status: 1, stderr: 'pool gpu: give it hostnames or labels; nothing tells its nodes\n' });
  });
});

describe('nodes that Kubernetes is installed on', () => {
  const pools = [
    nodePool('gpu', { addresses: ['10.0.0.11'], roles: ['controlplane', 'etcd', 'worker'], flavor: { ...flavor }, gpus: halves }),
  ];

  test('of RKE have labels and taints from cluster.yml', () => {
    const [file] = clusterFiles(defineSite('lab', { cluster: rke1({ version: '1.27.16' }), pools }));
    expect(file?.text).toContain('nvidia.com/mig.config: a100-80gb-2x3g.40gb');
    expect(file?.text).toMatch(/key: nvidia\.com\/gpu\n\s+value: ""\n\s+effect: NoSchedule/);
  });

  test('of RKE2 have them from config.yaml', () => {
    const files = clusterFiles(defineSite('lab', { cluster: rke2({ version: '1.30.4' }), pools }));
    const config = files.find(({ path }) => path.endsWith('config.yaml'))?.text;
    expect(config).toContain('nvidia.com/mig.config=a100-80gb-2x3g.40gb');
    expect(config).toContain('nvidia.com/gpu=:NoSchedule');
  });

  test('need no script', () => {
    const paths = gpuFiles(defineSite('lab', { cluster: rke2({ version: '1.30.4' }), pools })).map(({ path }) => path);
    expect(paths).toEqual(['gpus.json', 'gpus.svg']);
  });
});

test('what is written about cards goes when the cards go', () => {
  const at = (name: string) => join(folder, 'dist', name);
  const folders = { manifests: at('manifests'), terraform: at('terraform'), cluster: at('cluster') };
  const write = (pool: NodePool) => writeSynthesis([new Facility(siteOf(pool), { outdir: at('manifests/lab') })], folders);
  const said = write(nodePool('gpu', { hostnames: ['gpu01'], flavor, gpus: halves }));
  expect(said).toContain('  GPUs       gpu: 1 node × 1 × NVIDIA A100 80GB, MIG: 2 × nvidia.com/mig-3g.40gb\n');
  expect(said).toContain(`${at('cluster/lab')}: gpus.json, gpus.svg, label-nodes.sh\n`);
  expect(JSON.parse(readFileSync(at('cluster/lab/gpus.json'), 'utf8'))).toMatchObject({ site: 'lab' });
  write(nodePool('gpu', { flavor, labels: { kind: 'gpu' } }));
  expect(existsSync(at('cluster/lab/gpus.json'))).toBe(false);
});
