/** Applies the manifests of one site to a real API server, from its namespaces to a second apply without changes. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseDocument } from 'yaml';
import type { ControlPlane } from '../cluster/control-plane';
import { group, type Manifest, podTemplate, type Site, title } from '../cluster/manifests';
import type { Finding } from '../cluster/report';
import { within } from '../cluster/time';
import { type Answer, kubectl } from './kubectl';
import { openDefinition, WITHOUT_SCHEMA } from './open-definitions';

const enforce = 'pod-security.kubernetes.io/enforce';

export interface SiteResult {
  readonly findings: readonly Finding[];
  readonly warnings: readonly string[];
  readonly applied: number;
  readonly pods: number;
}

/** @param cluster without objects of other sites, so that the site cannot depend on them */
export function proveSite(site: Site, cluster: ControlPlane): Promise<SiteResult> {
  return new SiteOnServer(site, cluster).prove();
}

/** Installs the CRDs that the sites use; others may need a newer API server. Sites that write CRDs of their own get them from their manifests. */
export async function installCrds(sites: readonly Site[], cluster: ControlPlane, folder: string): Promise<void> {
  const objects = sites.flatMap(({ manifests }) => manifests.map(({ object }) => object));
  const used = new Set(objects.map((object) => `${object.kind}.${group(object)}`));
  const groups = new Set(objects.map(group));
  const needed = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((it) => groups.has(/^[^.]+\.(.+)\.yaml$/.exec(basename(it))?.[1] ?? 'none'))
    .map((it) => join(folder, it))
    .filter((it) => {
      const crd = parseDocument(readFileSync(it, 'utf8'));
      return used.has(`${crd.getIn(['spec', 'names', 'kind'])}.${crd.getIn(['spec', 'group'])}`);
    });
  const open = Object.keys(WITHOUT_SCHEMA)
    .filter((it) => used.has(it))
    .map((it) => JSON.stringify(openDefinition(it)));
  if (needed.length + open.length === 0) return;
  const files = [...needed.flatMap((it) => ['-f', it]), ...(open.length === 0 ? [] : ['-f', '-'])];
  const { status, stderr } = await kubectl(cluster, ['apply', '--server-side', ...files], open.join('\n---\n'));
  if (status !== 0) throw new Error(`Kubernetes ${cluster.version} rejects a CustomResourceDefinition that the sites need: ${stderr}`);
}

class SiteOnServer {
  private readonly findings: Finding[] = [];
  private readonly warnings = new Set<string>();

  public constructor(
    private readonly site: Site,
    private readonly cluster: ControlPlane,
  ) {}

  public async prove(): Promise<SiteResult> {
    const apply = ['apply', '--server-side', '--validate=strict'];
    const first = ['Namespace', 'CustomResourceDefinition', 'ResourceQuota'];
    for (const kind of first)
      await this.all(
        apply,
        this.site.manifests.filter(({ object }) => object.kind === kind),
      );
    await this.customKindsServed();
    await this.quotasCounted();
    await this.all(
      apply,
      this.site.manifests.filter(({ object }) => !first.includes(object.kind)),
    );

    const pods = this.site.manifests.flatMap(firstPod);
    this.labelled(pods);
    await this.all(['create', '--dry-run=server', '--validate=strict'], pods);
    // After a finding, the diff would only repeat it.
    if (this.findings.length === 0) await this.unchanged();
    return { findings: this.findings, warnings: [...this.warnings], applied: this.site.manifests.length, pods: pods.length };
  }

  /** All objects in one call; one by one after an error, because kubectl does not always name the object. */
  private async all(args: readonly string[], manifests: readonly Manifest[]): Promise<void> {
    if (manifests.length === 0) return;
    const together = await this.kubectl([...args, '-f', '-'], joined(manifests));
    for (const line of together.stderr.split('\n')) if (line.startsWith('Warning: ')) this.warnings.add(line);
    if (!refused(together)) return;

    const known = this.findings.length;
    for (const manifest of manifests) {
      const alone = await this.kubectl([...args, '-f', '-'], manifest.text);
      if (refused(alone)) this.find(`${manifest.file}: ${title(manifest.object)}`, alone.stderr);
    }
    if (this.findings.length === known) this.find('all together', together.stderr);
  }

  private async unchanged(): Promise<void> {
    const { status, stdout, stderr } = await this.kubectl(['diff', '--server-side', '-f', '-'], joined(this.site.manifests));
    if (status !== 0) this.find('a second apply would change something', `${stdout}${stderr}`);
  }

  /** Without the label, the API server accepts every pod, and the dry run proves nothing. */
  private labelled(pods: readonly Manifest[]): void {
    const used = new Set(pods.map(({ object }) => object.metadata.namespace));
    for (const { file, object } of this.site.manifests) {
      const open = object.kind === 'Namespace' && used.has(object.metadata.name) && !object.metadata.labels?.[enforce];
      if (open) this.find(`${file}: ${title(object)}`, `has pods, but no label ${enforce}`);
    }
  }

  private async customKindsServed(): Promise<void> {
    const { stdout } = await this.kubectl(['get', 'crd', '-o', 'name']);
    const names = stdout
      .split('\n')
      .filter((it) => it !== '')
      .map((it) => it.slice(it.indexOf('/') + 1));
    await this.until('every custom kind is served', async () => {
      const served = await this.kubectl(['api-resources', '--cached=false', '--no-headers', '-o', 'name']);
      return names.every((it) => served.stdout.split('\n').includes(it));
    });
  }

  /** Admission rejects objects that a quota counts until the quota controller has run once. */
  private quotasCounted(): Promise<void> {
    return this.until('every quota is counted', async () => {
      const { stdout } = await this.kubectl(['get', 'resourcequota', '-A', '-o', 'json']);
      const { items } = JSON.parse(stdout) as { items: { status?: { hard?: unknown } }[] };
      return items.every((it) => it.status?.hard !== undefined);
    });
  }

  private async until(what: string, done: () => Promise<boolean>): Promise<void> {
    if (!(await within(60, done))) throw new Error(`${this.site.name} on ${this.cluster.version}: waited 60 s until ${what}`);
  }

  private kubectl(args: readonly string[], input = ''): Promise<Answer> {
    return kubectl(this.cluster, args, input);
  }

  private find(where: string, message: string): void {
    this.findings.push({ where: `${this.site.name} on ${this.cluster.version}: ${where}`, message });
  }
}

const refused = ({ status, stderr }: Answer) => status !== 0 || /^Warning: .*would violate/m.test(stderr);
const joined = (manifests: readonly Manifest[]) => manifests.map((it) => it.text).join('\n---\n');

/** The first pod that the controller of a workload would create. */
function firstPod({ file, object }: Manifest): Manifest[] {
  const template = podTemplate(object);
  if (!template) return [];
  const { name, namespace } = object.metadata;
  const pod = `${name}-0`;
  const claims = (object.spec?.volumeClaimTemplates ?? []).map(({ metadata }) => ({
    name: metadata.name,
    persistentVolumeClaim: { claimName: `${metadata.name}-${pod}` },
  }));
  const text = JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...template.metadata, name: pod, namespace },
    spec: { ...template.spec, volumes: [...(template.spec.volumes ?? []), ...claims] },
  });
  return [{ file, text, object: { ...object, kind: `pod of ${object.kind}` } }];
}
