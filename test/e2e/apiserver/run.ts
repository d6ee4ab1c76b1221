/**
 * Applies every manifest of every site to a real kube-apiserver, of the oldest release that can be built and of the newest: all are created and
 * not changed by a second apply, and Pod Security admission accepts a pod of every workload. Every manifest is valid for Kubernetes 1.27. The
 * Pod Security check of the library agrees with the newest server. Both servers reject exactly the changes that `lib/facility/immutable.ts`
 * rejects, and deny deletion of objects with data.
 *
 *   npm run e2e -- apiserver [--manifests FOLDER ...]
 *
 * Seen to fail: with a misspelt `readynessProbe` (rejected by both servers, and by kubeconform for 1.27); with `allowPrivilegeEscalation`
 * in the worker of Dask (the server warns of the Deployment and forbids its pod); when the library ignores the seccomp profile of the pod (two
 * pods that the server forbids); with a rule that `volumeName` of a claim cannot be set later (both servers accept that while it is not bound).
 */
import { spawnSync } from 'node:child_process';
import { join, relative, resolve } from 'node:path';
import { built, newest, oldest } from '../cluster/control-plane';
import { demandEnough, group, readSites, type Site, title } from '../cluster/manifests';
import { type Finding, folders, phase, suite, table } from '../cluster/report';
import { withExamples } from './examples';
import { proveImmutable } from './immutable';
import { proveJudgement } from './judgement';
import { WITHOUT_SCHEMA } from './open-definitions';
import { proveProtection } from './protection';
import { ReusedServer } from './reused-server';
import { installCrds, proveSite, type SiteResult } from './server';

const project = resolve(__dirname, '../../..');
const crds = resolve(project, '../shared/data/crds');

/** API groups that the oldest release does not serve, and the minor version that first serves them as `v1`. */
const since: Readonly<Record<string, number>> = { 'resource.k8s.io': 34 };

/** Whether a release serves all kinds of a site; the newest release serves those of every site. */
function knows(version: string, { manifests }: Site): boolean {
  const minor = Number(version.split('.')[1]);
  return version === newest || manifests.every(({ object }) => (since[group(object)] ?? 0) <= minor);
}

async function run(args: readonly string[], examples: string): Promise<Finding[]> {
  const sites = folders(args, '--manifests', [join(project, 'dist/manifests'), examples]).flatMap(readSites);
  demandEnough(sites);
  await phase('binaries, built where missing', () => {
    for (const version of [newest, oldest]) built('kubernetes', version, 'kube-apiserver', 'kube-controller-manager');
  });

  const results: Record<string, SiteResult[]> = { [newest]: [], [oldest]: [] };
  const known = (version: string) => sites.filter((site) => knows(version, site));
  const onServers = await Promise.all([newest, oldest].map((version) => onServer(known(version), version, results[version] ?? [])));
  const invalid = await phase('kubeconform, Kubernetes 1.27.16', () => known('1.27.16').flatMap(conform));
  print(sites, results);
  return [...sites.flatMap(twice), ...onServers.flat(), ...invalid];
}

/** All proofs on one release; its server is emptied between them, so that none depends on objects of another. */
async function onServer(sites: readonly Site[], version: string, results: SiteResult[]): Promise<Finding[]> {
  const server = await ReusedServer.start(version, (cluster) => installCrds(sites, cluster, crds));
  try {
    for (const site of sites)
      results.push(await phase(`${site.name} on Kubernetes ${version}`, () => server.use((cluster) => proveSite(site, cluster))));
    const judged = version === newest ? [['Pod Security', proveJudgement] as const] : [];
    const proofs = [...judged, ['immutable fields', proveImmutable] as const, ['protection of data', proveProtection] as const];
    const findings: Finding[] = [];
    for (const [name, proof] of proofs) findings.push(...(await phase(`${name} on Kubernetes ${version}`, () => server.use(proof))));
    return [...results.flatMap((it) => it.findings), ...findings];
  } finally {
    server.stop();
  }
}

/** Duplicate keys: the API server silently uses the last one. */
function twice({ name, manifests }: Site): Finding[] {
  const seen = new Map<string, string>();
  return manifests.flatMap(({ file, object }) => {
    const what = `${group(object)} ${title(object)}`.trim();
    const first = seen.get(what);
    seen.set(what, file);
    return first === undefined ? [] : [{ where: `${name}: ${file}: ${what}`, message: `is already in ${first}` }];
  });
}

function conform(site: Site): Finding[] {
  const location = `${built('schemas', crds)}/{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json`;
  // Only written for clusters that serve them; kinds without a schema.
  const skipped = [
    'ValidatingAdmissionPolicy',
    'ValidatingAdmissionPolicyBinding',
    ...Object.keys(WITHOUT_SCHEMA).map((it) => it.split('.')[0]),
  ].join();
  const args = ['-strict', '-output', 'json', '-skip', skipped, '-schema-location', location, ...site.files];
  const { stdout, stderr } = spawnSync(built('tool', 'kubeconform'), args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (stdout.trim() === '') throw new Error(`kubeconform: ${stderr}`);
  const { resources } = JSON.parse(stdout) as { resources: { filename: string; kind: string; name: string; msg: string }[] };
  return resources.map(({ filename, kind, name, msg }) => ({
    where: `${site.name} for 1.27.16: ${relative(site.folder, filename)}: ${kind} ${name}`,
    message: msg,
  }));
}

function print(sites: readonly Site[], results: Readonly<Record<string, readonly SiteResult[]>>): void {
  const rows = sites.flatMap((site) =>
    Object.entries(results).flatMap(([version, all]) => {
      const result = all[sites.filter((one) => knows(version, one)).indexOf(site)];
      return knows(version, site)
        ? [[site.name, version, site.files.length, result?.applied ?? 0, result?.pods ?? 0, result?.findings.length ?? 0]]
        : [];
    }),
  );
  table([['site', 'Kubernetes', 'files', 'objects', 'pods', 'findings'], ...rows]);
  const warnings = new Set(Object.values(results).flatMap((all) => all.flatMap((it) => it.warnings)));
  for (const warning of warnings) console.log(`  ${warning}`);
}

void suite('apiserver', () => withExamples((examples) => run(process.argv.slice(2), examples)));
