import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineSite, existingCluster, Facility, type NodePool, nodePool, rke1, rke2 } from '../../../lib';
import { clusterFiles } from '../../../lib/cluster';
import { writeSynthesis } from '../../../lib/command/synthesis';
import { mig, wholeGpus } from '../../../lib/gpu';
import { gpuFiles } from '../../../lib/services/nvidia/record/files';
import { only } from '../../fixtures/site';

const flavor = { vcpus: 64, memory: '512GiB' } as const;
const halves = mig('a100-80gb', { layout: { '3g.40gb': 2 } });
const siteOf = (...pools: NodePool[]) =>
  defineSite('lab', { cluster: existingCluster({ version: '1.34', apiServers: ['10.0.0.1:6443'] }), pools });

const folder = mkdtempSync(join(tmpdir(), 'gpu-nodes-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Node labels that enable the DaemonSets. */
const DEPLOY_LABELS = ['dcgm-exporter', 'device-plugin', 'gpu-feature-discovery']
  .map((part) => `nvidia.com/gpu.deploy.${part}=true`)
  .join(' ');

describe('existing nodes', () => {
  test('have the names in hostnames', () => {
    const site = siteOf(nodePool('gpu', { keys: ['a', 'b'], hostnames: ['gpu01.example.org', 'gpu02'], flavor, gpus: halves }));
    expect(site.problems).toEqual([]);
    expect(site.nodes.map(({ name, key }) => [name, key])).toEqual([
      ['gpu01.example.org', 'a'],
      ['gpu02', 'b'],
    ]);
  });

  test('MISSING_HOSTNAMES: different layouts without host names are rejected', () => {
    const gpus = mig('a100-80gb', { layout: { '3g.40gb': 2 }, layouts: { 2: { '7g.80gb': 1 } } });
    const site = siteOf(nodePool('gpu', { count: 2, labels: { kind: 'gpu' }, flavor, gpus }));
    expect(only(site.problems, 'MISSING_HOSTNAMES').given).toContain('identified only by labels: kind=gpu');
  });

  /** Runs the script with a fake `kubectl` that returns these values and prints other commands. */
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
    return { status, commands: stdout.trim().split('\n'), stderr };
  }

  const named = siteOf(nodePool('gpu', { hostnames: ['gpu01'], flavor, gpus: halves }));
  const taint = 'taint node gpu01 --overwrite nvidia.com/gpu:NoSchedule';

  test('get labels and taints by name', () => {
    const label = `label node gpu01 --overwrite nvidia.com/device-plugin.config=mig-mixed ${DEPLOY_LABELS} nvidia.com/mig.config=a100-80gb-2x3g.40gb`;
    expect(labelled(named, '', '')).toMatchObject({ status: 0, commands: [label, taint] });
    // Pods on a node that already has the layout are not a reason to skip it.
    expect(labelled(named, 'a100-80gb-2x3g.40gb', 'a pod {"nvidia.com/mig-3g.40gb":"1"}')).toMatchObject({
      status: 0,
      commands: [label, taint],
    });
  });

  test('are skipped if the layout would change while pods use the GPUs', () => {
    const { status, commands, stderr } = labelled(named, 'all-1g.10gb', 'a pod {"nvidia.com/mig-1g.10gb":"1"}');
    expect(status).toBe(1);
    expect(commands).toEqual([taint]);
    expect(stderr).toContain("gpu01: the layout is 'all-1g.10gb' instead of 'a100-80gb-2x3g.40gb', but pods use its GPUs");
    expect(labelled(named, 'all-1g.10gb', 'a pod {"cpu":"1"}').status).toBe(0);
  });

  test('the number of nodes with the labels of a pool must be the number in the description', () => {
    const by = (count: number) => siteOf(nodePool('gpu', { count, labels: { kind: 'gpu' }, flavor, gpus: wholeGpus('a30-24gb') }));
    expect(labelled(by(2), '', '').commands.filter((line) => line.startsWith('label'))).toEqual([
      `label node n1 --overwrite nvidia.com/device-plugin.config=whole ${DEPLOY_LABELS}`,
      `label node n2 --overwrite nvidia.com/device-plugin.config=whole ${DEPLOY_LABELS}`,
    ]);
    expect(labelled(by(3), '', '')).toMatchObject({
      status: 1,
      stderr: "found 2 nodes with the labels 'kind=gpu', but the pool has 3 nodes\n",
    });
  });

  test('a product name with a quote is quoted for the shell', () => {
    const gpus = wholeGpus({ product: "A'B c", memory: '1GiB' });
    const { commands } = labelled(siteOf(nodePool('gpu', { hostnames: ['gpu01'], flavor, gpus })), '', '');
    expect(commands[0]).toBe(
      `label node gpu01 --overwrite nvidia.com/device-plugin.config=whole ${DEPLOY_LABELS} nvidia.com/gpu.product=A'B c`,
    );
  });

  test('without host names and labels are not labelled', () => {
    const { status, stderr } = labelled(siteOf(nodePool('gpu', { flavor, gpus: halves })), '', '');
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: 'pool gpu has neither hostnames nor labels: set one of them in the description of the site\n',
    });
  });
});

describe('nodes on which the library installs Kubernetes', () => {
  const pools = [
    nodePool('gpu', { addresses: ['10.0.0.11'], roles: ['controlplane', 'etcd', 'worker'], flavor: { ...flavor }, gpus: halves }),
  ];

  test('RKE: labels and taints are in cluster.yml', () => {
    const [file] = clusterFiles(defineSite('lab', { cluster: rke1({ version: '1.27.16' }), pools }));
    expect(file?.text).toContain('nvidia.com/mig.config: a100-80gb-2x3g.40gb');
    expect(file?.text).toMatch(/key: nvidia\.com\/gpu\n\s+value: ""\n\s+effect: NoSchedule/);
  });

  test('RKE2: labels and taints are in config.yaml', () => {
    const files = clusterFiles(defineSite('lab', { cluster: rke2({ version: '1.30.4' }), pools }));
    const config = files.find(({ path }) => path.endsWith('config.yaml'))?.text;
    expect(config).toContain('nvidia.com/mig.config=a100-80gb-2x3g.40gb');
    expect(config).toContain('nvidia.com/gpu=:NoSchedule');
  });

  test('have no script', () => {
    const paths = gpuFiles(defineSite('lab', { cluster: rke2({ version: '1.30.4' }), pools })).map(({ path }) => path);
    expect(paths).toEqual(['gpus.json', 'gpus.svg']);
  });
});

test('GPU files are deleted when a site has no GPUs any more', () => {
  const at = (name: string) => join(folder, 'dist', name);
  const folders = { manifests: at('manifests'), terraform: at('terraform'), cluster: at('cluster') };
  const write = (pool: NodePool) => writeSynthesis([new Facility(siteOf(pool), { outdir: at('manifests/lab') })], folders);
  const output = write(nodePool('gpu', { hostnames: ['gpu01'], flavor, gpus: halves }));
  expect(output).toContain('  GPUs       gpu: 1 node × 1 × NVIDIA A100 80GB, MIG: 2 × nvidia.com/mig-3g.40gb\n');
  expect(output).toContain(`${at('cluster/lab')}: gpus.json, gpus.svg, label-nodes.sh\n`);
  expect(JSON.parse(readFileSync(at('cluster/lab/gpus.json'), 'utf8'))).toMatchObject({ site: 'lab' });
  write(nodePool('gpu', { flavor, labels: { kind: 'gpu' } }));
  expect(existsSync(at('cluster/lab/gpus.json'))).toBe(false);
});
