/**
 * kube-score reports nothing on any site except checks that a workload disables by annotation, with a reason.
 *
 *   npm run e2e -- checkers [--manifests FOLDER ...]
 *
 * Seen to fail: without the readiness probe of Dask's scheduler; with an exemption of MinIO's Job whose reason was removed.
 */
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { withExamples } from '../apiserver/examples';
import { built } from '../cluster/control-plane';
import { demandEnough, type Manifest, podTemplate, readSites, type Site } from '../cluster/manifests';
import { type Finding, folders, phase, suite, table } from '../cluster/report';

const project = resolve(__dirname, '../../..');
const exemption = /^(kube-score\/ignore|ignore-check\.kube-linter\.io\/.+|polaris\.fairwinds\.com\/.+-exempt)$/;
const reason = /^analysis-facility\.io\/exception\..+$/;

/** Grades of kube-score: 10 all OK, 7 almost OK, 5 warning, 1 critical. */
const reported = 5;

interface Scored {
  readonly object_name: string;
  readonly type_meta: { readonly kind: string };
  readonly object_meta: { readonly name: string };
  readonly file_name?: string;
  readonly checks:
    | readonly {
        readonly check: { readonly id: string };
        readonly grade: number;
        readonly skipped: boolean;
        readonly comments: readonly { readonly path: string; readonly summary: string }[] | null;
      }[]
    | null;
}

function score(site: Site): Scored[] {
  const args = ['score', '--output-format', 'json', ...site.files];
  const { stdout, stderr } = spawnSync(built('tool', 'kube-score'), args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (stdout.trim() === '') throw new Error(`kube-score: ${stderr}`);
  return JSON.parse(stdout) as Scored[];
}

function findings(site: Site, scored: readonly Scored[]): Finding[] {
  return scored.flatMap(({ type_meta: { kind }, object_meta: { name }, checks }) =>
    (checks ?? [])
      .filter((it) => !it.skipped && it.grade <= reported)
      .map(({ check, comments }) => ({
        where: `${site.name}: ${kind} ${name}: ${check.id}`,
        message: (comments ?? []).map((it) => `${it.path} ${it.summary}`.trim()).join('\n'),
      })),
  );
}

interface Exception {
  readonly manifest: Manifest;
  readonly exempt: readonly string[];
  readonly reasons: readonly string[];
}

function exceptions({ manifests }: Site): Exception[] {
  return manifests.flatMap((manifest) => {
    const annotations = { ...podTemplate(manifest.object)?.metadata?.annotations, ...manifest.object.metadata.annotations };
    const names = Object.keys(annotations);
    const exempt = names.filter((it) => exemption.test(it));
    const reasons = names
      .filter((it) => reason.test(it) && annotations[it]?.trim() !== '')
      .map((it) => `${it.split('exception.')[1]}: ${annotations[it]}`);
    return exempt.length === 0 ? [] : [{ manifest, exempt, reasons }];
  });
}

function unexplained(site: Site): Finding[] {
  return exceptions(site)
    .filter(({ reasons }) => reasons.length === 0)
    .map(({ manifest: { file, object }, exempt }) => ({
      where: `${site.name}: ${file}: ${object.kind} ${object.metadata.name}`,
      message: `exempts itself by ${exempt.join(', ')} and gives no reason (analysis-facility.io/exception.<name>: why)`,
    }));
}

async function run(args: readonly string[], examples: string): Promise<Finding[]> {
  const sites = folders(args, '--manifests', [join(project, 'dist/manifests'), examples]).flatMap(readSites);
  demandEnough(sites);
  await phase('kube-score, built where missing', () => built('tool', 'kube-score'));

  const rows: (string | number)[][] = [['site', 'objects', 'workloads', 'checks', 'exemptions', 'findings']];
  const all: Finding[] = [];
  for (const site of sites) {
    const scored = await phase(site.name, () => score(site));
    const checks = scored.flatMap((it) => it.checks ?? []);
    const found = [...findings(site, scored), ...unexplained(site)];
    const workloads = site.manifests.filter(({ object }) => podTemplate(object)).length;
    rows.push([
      site.name,
      site.manifests.length,
      workloads,
      checks.length,
      exceptions(site).reduce((sum, it) => sum + it.exempt.length, 0),
      found.length,
    ]);
    all.push(...found);
  }
  table(rows);
  for (const site of sites) {
    for (const { manifest, exempt, reasons } of exceptions(site)) {
      console.log(
        `  ${site.name}: ${manifest.object.kind} ${manifest.object.metadata.name} (${exempt.length} exemptions): ${reasons.join('; ')}`,
      );
    }
  }
  return all;
}

void suite('checkers', () => withExamples((examples) => run(process.argv.slice(2), examples)));
