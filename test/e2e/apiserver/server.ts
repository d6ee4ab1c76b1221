/** Applies the manifests of one site to a real API server, from its namespaces to a second apply without changes. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseDocument } from 'yaml';
import type { ControlPlane } from '../cluster/control-plane';
import { group, type Manifest, podTemplate, type Site, title } from '../cluster/manifests';
import type { Finding } from '../cluster/report';
import { within } from '../cluster/time';
import { Api, type ApiAnswer, type StoredObject } from './api';
import { kubectl } from './kubectl';
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
  /** Objects as the server stored them. */
  private readonly stored = new Map<Manifest, StoredObject>();

  public constructor(
    private readonly site: Site,
    private readonly cluster: ControlPlane,
  ) {}

  public prove(): Promise<SiteResult> {
    return Api.with(this.cluster, async (api) => {
      const first = ['Namespace', 'CustomResourceDefinition', 'ResourceQuota'];
      const { manifests } = this.site;
      for (const kind of first)
        await this.each(
          manifests.filter(({ object }) => object.kind === kind),
          (manifest) => this.apply(api, manifest),
        );
      await this.kindsServed(api);
      await this.quotasCounted(api);
      await this.each(
        manifests.filter(({ object }) => !first.includes(object.kind)),
        (manifest) => this.apply(api, manifest),
      );

      const pods = manifests.flatMap(firstPod);
      this.labelled(pods);
      await this.each(pods, (pod) => this.create(api, pod));
      // After a finding, the comparison would only repeat it.
      if (this.findings.length === 0) await this.each(manifests, (manifest) => this.unchanged(api, manifest));
      return { findings: this.findings, warnings: [...this.warnings], applied: manifests.length, pods: pods.length };
    });
  }

  private async each(manifests: readonly Manifest[], work: (manifest: Manifest) => Promise<void>): Promise<void> {
    await Promise.all(manifests.map(work));
  }

  private async apply(api: Api, manifest: Manifest): Promise<void> {
    const { object } = this.judged(manifest, await api.apply(manifest.object, manifest.text));
    if (object) this.stored.set(manifest, object);
  }

  private async create(api: Api, pod: Manifest): Promise<void> {
    this.judged(pod, await api.dryCreate(JSON.parse(pod.text)));
  }

  private judged(manifest: Manifest, answer: ApiAnswer): ApiAnswer {
    const where = `${manifest.file}: ${title(manifest.object)}`;
    for (const warning of answer.warnings) this.warnings.add(`${manifest.object.kind}: ${warning}`);
    const violation = answer.warnings.find((warning) => warning.includes('would violate'));
    if (!answer.accepted || violation) this.find(where, answer.message || (violation ?? ''));
    return answer;
  }

  /** Applies an object again, without storing it: nothing may change. */
  private async unchanged(api: Api, manifest: Manifest): Promise<void> {
    const { object, message } = await api.apply(manifest.object, manifest.text, true);
    const [before, after] = [this.stored.get(manifest), object].map((one) => one && JSON.stringify(contentOf(one)));
    if (before !== after)
      this.find(`${manifest.file}: ${title(manifest.object)}`, `a second apply changes it: ${message}\n${before}\n${after}`);
  }

  /** Without the label, the API server accepts every pod, and the dry run proves nothing. */
  private labelled(pods: readonly Manifest[]): void {
    const used = new Set(pods.map(({ object }) => object.metadata.namespace));
    for (const { file, object } of this.site.manifests) {
      const open = object.kind === 'Namespace' && used.has(object.metadata.name) && !object.metadata.labels?.[enforce];
      if (open) this.find(`${file}: ${title(object)}`, `has pods, but no label ${enforce}`);
    }
  }

  /** The API server serves the kinds of new CustomResourceDefinitions after a moment. */
  private kindsServed(api: Api): Promise<void> {
    return this.until('every kind is served', async () => {
      const served = () => this.site.manifests.every(({ object }) => api.serves(object));
      if (!served()) await api.discover();
      return served();
    });
  }

  /** Admission rejects objects that a quota counts until the quota controller has run once. */
  private quotasCounted(api: Api): Promise<void> {
    return this.until('every quota is counted', async () => {
      const quotas = (await api.list('/api/v1/resourcequotas')) as unknown as readonly { readonly status?: { readonly hard?: unknown } }[];
      return quotas.every((it) => it.status?.hard !== undefined);
    });
  }

  private async until(what: string, done: () => Promise<boolean>): Promise<void> {
    if (!(await within(60, done))) throw new Error(`${this.site.name} on ${this.cluster.version}: waited 60 s until ${what}`);
  }

  private find(where: string, message: string): void {
    this.findings.push({ where: `${this.site.name} on ${this.cluster.version}: ${where}`, message });
  }
}

/** What an apply can change: without the fields of the server, and without the status, which belongs to controllers. */
function contentOf({ metadata, status: _, ...content }: StoredObject): object {
  const { managedFields, resourceVersion, generation, ...own } = metadata as Record<string, unknown>;
  return { ...content, metadata: own, generation };
}

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
