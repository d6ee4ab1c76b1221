import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineSite, existingCluster, Facility, type NodePool, nodePool } from '../../../lib';
import { mig, timeSlicing, wholeGpus } from '../../../lib/gpu';
import type { CommandContext } from '../../../lib/kubernetes';
import { gpuPlan } from '../../../lib/services/nvidia/plan/compare';
import { gpuPlanOfRecords, gpuPlanOfSite } from '../../../lib/services/nvidia/plan/gpu-plan';
import { actionsOf, rollback } from '../../../lib/services/nvidia/plan/steps';
import { planText } from '../../../lib/services/nvidia/plan/text';
import { gpuRecord, recordText } from '../../../lib/services/nvidia/record/record';
import { refused } from '../../fixtures/site';

const flavor = { vcpus: 64, memory: '512GiB' } as const;
const siteOf = (pools: readonly NodePool[], name = 'lab') =>
  defineSite(name, { cluster: existingCluster({ version: '1.34', apiServers: ['10.0.0.1:6443'] }), pools });

function record(...pools: NodePool[]) {
  const site = siteOf(pools);
  expect(site.problems).toEqual([]);
  const made = gpuRecord(site);
  if (!made) throw new Error('no GPUs');
  return made;
}

const halves = { '3g.40gb': 2 } as const;
const sevenths = { '1g.10gb': 7 } as const;
const GPU = (count: number) => Array.from({ length: count }, (_, index) => `gpu0${index + 1}`);
type Pool = Parameters<typeof mig<'a100-80gb', '3g.40gb' | '1g.10gb' | '7g.80gb' | '2g.20gb'>>[1];
const sliced = (props: Pool, hostnames = GPU(1)) =>
  nodePool('gpu', { count: hostnames.length, hostnames, flavor, gpus: mig('a100-80gb', props) });
const whole = (perNode = 1) => nodePool('gpu', { hostnames: GPU(1), flavor, gpus: wholeGpus('a100-80gb', perNode) });
const commands = (plan: ReturnType<typeof gpuPlan>, index = 0) =>
  plan.steps.slice(index, index + 1).flatMap((step) => actionsOf(step).flatMap(({ command }) => command ?? []));

describe('changes of a node', () => {
  test('none if two records are the same', () => {
    const one = record(sliced({ layout: halves }));
    expect(gpuPlan(one, one)).toMatchObject({ steps: [], pools: [], totals: [] });
    expect(planText(gpuPlan(one, one))).toBe('lab: no GPU changes\n');
  });

  const plan = gpuPlan(record(sliced({ perNode: 2, layout: [halves, sevenths] })), record(sliced({ perNode: 2, layout: halves })));

  test('a layout change affects only the pods of that GPU', () => {
    expect(plan.totals).toEqual([
      { resource: 'nvidia.com/mig-1g.10gb', before: 7, after: 0 },
      { resource: 'nvidia.com/mig-3g.40gb', before: 2, after: 4 },
    ]);
    expect(plan.steps).toMatchObject([{ node: 'gpu01', change: 'layout', affected: ['nvidia.com/mig-1g.10gb'] }]);
    expect(plan.steps[0]?.gpus.map(({ unchanged }) => unchanged)).toEqual([true, false]);
  });

  test('commands from cordon to uncordon; the state label is removed before waiting for it', () => {
    expect(commands(plan)).toEqual([
      'kubectl cordon gpu01',
      'gpu_pods gpu01 nvidia.com/mig-1g.10gb',
      'gpu_pods gpu01 nvidia.com/mig-1g.10gb | delete_pods',
      'while gpu_pods gpu01 nvidia.com/mig-1g.10gb; do sleep 5; done',
      'kubectl label node gpu01 --overwrite nvidia.com/mig.config=a100-80gb-2x3g.40gb nvidia.com/mig.config.state-',
      "kubectl wait node/gpu01 --for=jsonpath='{.metadata.labels.nvidia\\.com/mig\\.config\\.state}'=success --timeout=20m",
      "kubectl get node gpu01 -o jsonpath='{.status.allocatable}'",
      'kubectl uncordon gpu01',
    ]);
    expect(plan.steps.map(rollback)).toEqual([
      'kubectl label node gpu01 --overwrite nvidia.com/mig.config=a100-80gb-2x3g.40gb_7x1g.10gb nvidia.com/mig.config.state-',
    ]);
  });

  test('placements of additional instances are listed, although mig-parted deletes all instances', () => {
    const more = gpuPlan(record(sliced({ layout: { '3g.40gb': 1 } })), record(sliced({ layout: { '3g.40gb': 1, '2g.20gb': 1 } })));
    expect(more.steps[0]?.gpus[0]?.additional).toEqual([{ profile: '2g.20gb', start: 2 }]);
    expect(more.steps[0]?.affected).toEqual(['nvidia.com/mig-3g.40gb']);
    expect(planText(more).replace(/\s+/g, ' ')).toContain(
      'All existing instances could remain, with 2g.20gb at memory unit 2. However, mig-parted deletes all instances of a GPU before it creates new ones,',
    );
    // The 1g instance at unit 6 prevents a 3g instance at unit 4.
    const moved = gpuPlan(
      record(sliced({ layout: { '1g.10gb': 1 } })),
      record(sliced({ layout: { '1g.10gb': 1, '3g.40gb': 1, '2g.20gb': 1 } })),
    );
    expect(moved.steps[0]?.gpus[0]?.additional).toEqual([
      { profile: '3g.40gb', start: 0 },
      { profile: '2g.20gb', start: 4 },
    ]);
    const fewer = gpuPlan(record(sliced({ layout: halves })), record(sliced({ layout: { '3g.40gb': 1, '2g.20gb': 1 } })));
    expect(fewer.steps[0]?.gpus[0]?.additional).toBeUndefined();
  });

  test('enabling or disabling MIG stops all pods, because the machine may reboot', () => {
    const on = gpuPlan(record(whole()), record(sliced({ layout: halves })));
    expect(on.steps).toMatchObject([{ change: 'mode', affected: ['nvidia.com/gpu'] }]);
    expect(commands(on)).toContain('kubectl drain gpu01 --ignore-daemonsets --delete-emptydir-data --force');
    expect(rollback(on.steps[0] as never)).toContain('nvidia.com/mig.config=all-disabled');
    const off = commands(gpuPlan(record(sliced({ layout: halves })), record(whole())));
    // Removing the label would not disable MIG.
    expect(off.find((command) => command.startsWith('kubectl label'))).toContain(
      'nvidia.com/mig.config=all-disabled nvidia.com/mig.config.state-',
    );
  });

  test('a change of sharing does not involve MIG, and affects the pods of the removed resource', () => {
    const shared = nodePool('gpu', { hostnames: GPU(1), flavor, gpus: timeSlicing(wholeGpus('a100-80gb'), { replicas: 4 }) });
    const sharing = gpuPlan(record(whole()), record(shared));
    expect(sharing).toMatchObject({
      pools: ['pool gpu: sharing: whole → time-slicing', 'pool gpu: pods per GPU: 1 → 4'],
      steps: [{ change: 'sharing', affected: ['nvidia.com/gpu'] }],
    });
    expect(commands(sharing).join('\n')).not.toContain('mig.config');
  });

  test('replaced GPUs, added and removed nodes, and changes of labels only', () => {
    const changes = (before: NodePool, after: NodePool) => gpuPlan(record(before), record(after)).steps.map(({ change }) => change);
    expect(changes(whole(1), whole(2))).toEqual(['replaced']);
    expect(changes(sliced({ layout: halves }), sliced({ layout: halves }, ['gpu02']))).toEqual(['added', 'removed']);
    const open = nodePool('gpu', { hostnames: GPU(1), flavor, gpus: wholeGpus('a100-80gb', 1, { dedicated: false }) });
    const labels = gpuPlan(record(whole()), record(open));
    expect(labels.steps).toMatchObject([{ change: 'labels', affected: [] }]);
    expect(commands(labels)).toEqual(['kubectl taint node gpu01 nvidia.com/gpu:NoSchedule-']);
  });

  test('nodes without host names are selected by labels', () => {
    const by = (layout: Pool['layout']) =>
      nodePool('gpu', { count: 2, labels: { kind: 'gpu' }, flavor, gpus: mig('a100-80gb', { layout }) });
    expect(commands(gpuPlan(record(by(halves)), record(by(sevenths))), 1).slice(0, 2)).toEqual([
      `node=$(kubectl get nodes --selector 'kind=gpu' -o jsonpath='{.items[1].metadata.name}'); echo "$node"`,
      'kubectl cordon "$node"',
    ]);
  });
});

describe('order of nodes', () => {
  test('keeps the highest fraction of the scarcest resource available', () => {
    const before = record(sliced({ layout: sevenths, layouts: { 3: halves } }, GPU(3)));
    const after = record(sliced({ layout: halves, layouts: { 3: sevenths } }, GPU(3)));
    const plan = gpuPlan(before, after);
    // gpu03 has all 3g instances; changing another node first costs half of the 1g instances and no 3g instance.
    expect(plan.steps.map(({ node, remaining }) => [node, remaining])).toEqual([
      ['gpu01', { 'nvidia.com/mig-1g.10gb': 7 }],
      ['gpu03', { 'nvidia.com/mig-3g.40gb': 2 }],
      ['gpu02', { 'nvidia.com/mig-1g.10gb': 7 }],
    ]);
  });

  test('begins with nodes where no pods are stopped, and ends with removed nodes', () => {
    const before = record(sliced({ layout: sevenths }, ['gpu01', 'gpu02']));
    const after = record(sliced({ layout: halves }, ['gpu02', 'gpu03']));
    expect(gpuPlan(before, after).steps.map(({ node }) => node)).toEqual(['gpu03', 'gpu02', 'gpu01']);
  });
});

describe('facility gpu-plan', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gpu-plan-'));
  const at = (name: string) => join(folder, name);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  beforeAll(() => {
    mkdirSync(at('clusters/lab'), { recursive: true });
    writeFileSync(at('old.json'), recordText(record(sliced({ layout: halves }))));
    writeFileSync(at('clusters/lab/gpus.json'), recordText(record(sliced({ layout: sevenths }))));
  });

  function captured(act: () => number): { readonly status: number; readonly text: string } {
    const write = jest.spyOn(process.stdout, 'write').mockImplementation(() => true);
    try {
      const status = act();
      return { status, text: write.mock.calls.map(([text]) => text).join('') };
    } finally {
      write.mockRestore();
    }
  }

  test('compares two files or folders; exit status 2 if there are changes', () => {
    const { status, text } = captured(() => gpuPlanOfRecords([at('old.json'), at('clusters/lab')]));
    expect(status).toBe(2);
    expect(text).toContain('1. gpu01 (pool gpu, 1 × NVIDIA A100 80GB): MIG layout changes\n   GPU 0  [3g.40gb        |3g.40gb        ]\n');
    expect(captured(() => gpuPlanOfRecords([at('old.json'), at('old.json')]))).toMatchObject({ status: 0 });
  });

  test('prints the plan as JSON', () => {
    const plan = JSON.parse(captured(() => gpuPlanOfRecords(['--json', at('old.json'), at('clusters/lab')])).text);
    expect(plan).toMatchObject({ schema: 'analysis-facility.io/gpu-plan/v1', site: 'lab', steps: [{ node: 'gpu01', change: 'layout' }] });
    expect(plan.steps[0].actions[0]).toEqual({
      description: 'prevent new pods from starting on the node',
      command: 'kubectl cordon gpu01',
    });
    expect(plan.steps[0].rollback).toContain('kubectl label node gpu01 --overwrite nvidia.com/mig.config=');
  });

  const context = (facility: Facility, cluster: string): CommandContext => ({
    site: () => facility.output().site,
    folders: { manifests: at('out'), terraform: at('out'), cluster },
  });

  test('compares the last output with the app', () => {
    const now = new Facility(siteOf([sliced({ layout: halves })]), { outdir: at('out') });
    expect(captured(() => gpuPlanOfSite(context(now, at('clusters')), ['lab'])).text).toContain('→ [3g.40gb        |3g.40gb        ]');
    expect(captured(() => gpuPlanOfSite(context(now, at('nowhere')), ['lab'])).text).toContain('pool gpu is added, with 1 node\n');
    const none = new Facility(siteOf([nodePool('cpu', { flavor, labels: { a: 'b' } })]), { outdir: at('out') });
    expect(captured(() => gpuPlanOfSite(context(none, at('clusters')), ['lab'])).text).toContain('pool gpu is removed, with 1 node\n');
    refused('INVALID_OPTION', () => gpuPlanOfSite(context(now, at('clusters')), ['--all']));
  });

  test.each<[string, string, string]>([
    ['INVALID_GPU_RECORD', 'no JSON', '{'],
    ['INVALID_GPU_RECORD', 'no record', '[]'],
    ['UNSUPPORTED_GPU_RECORD', 'another schema', '{ "schema": "analysis-facility.io/gpus/v2" }'],
    ['INVALID_GPU_RECORD', 'no pools', '{ "schema": "analysis-facility.io/gpus/v1", "site": "lab" }'],
    ['INVALID_GPU_RECORD', 'an empty pool', '{ "schema": "analysis-facility.io/gpus/v1", "site": "lab", "pools": [{}] }'],
  ])('%s: %s', (code, _, text) => {
    writeFileSync(at('bad.json'), text);
    expect(refused(code, () => gpuPlanOfRecords([at('bad.json'), at('old.json')])).given).toContain('bad.json');
  });

  test('a node with an unknown layout is invalid', () => {
    writeFileSync(at('bad.json'), recordText(record(sliced({ layout: halves }))).replace('"gpus": ["2x3g.40gb"]', '"gpus": ["2x3g"]'));
    expect(refused('INVALID_GPU_RECORD', () => gpuPlanOfRecords([at('bad.json'), at('old.json')])).given).toContain('gpu01');
  });

  test('missing files, records of two sites, and invalid options', () => {
    refused('MISSING_GPU_RECORD', () => gpuPlanOfRecords([at('none.json'), at('old.json')]));
    writeFileSync(at('other.json'), recordText({ ...record(sliced({ layout: halves })), site: 'other' }));
    refused('CONFLICTING_GPU_RECORDS', () => gpuPlanOfRecords([at('old.json'), at('other.json')]));
    refused('INVALID_OPTION', () => gpuPlanOfRecords([]));
  });

  test('its shell functions select only pods with the given resource', () => {
    const text = planText(gpuPlan(record(sliced({ layout: halves })), record(sliced({ layout: sevenths }))));
    const functions = text.split('Define these shell functions first:\n')[1]?.split('\n\n')[0] ?? '';
    const pods = ['a notebook {"cpu":"1","nvidia.com/mig-3g.40gb":"1"}', 'a other {"nvidia.com/mig-3g.40gb.shared":"1"}', 'b plain '].join(
      '\n',
    );
    const kubectl = `kubectl() { case "$1" in get) printf '%s\\n' '${pods}';; *) echo "$@";; esac; }`;
    const run = (command: string) => execFileSync('sh', ['-c', `${kubectl}\n${functions}\n${command}`], { encoding: 'utf8' });
    expect(run('gpu_pods gpu01 nvidia.com/mig-3g.40gb')).toBe(`${pods.split('\n')[0]}\n`);
    expect(run('gpu_pods gpu01 nvidia.com/mig-3g.40gb | delete_pods')).toBe('delete pod --wait=false --namespace a notebook\n');
  });
});
