import { join } from 'node:path';
import { ApiObject, App, Chart, DependencyGraph, Names } from 'cdk8s';
import { clusterProblems, clusterWarnings } from '../cluster';
import {
  type AcceptedWarning,
  acceptanceOfError,
  checkProps,
  failure,
  matches,
  type Problem,
  Problems,
  propsSchema,
  propType,
  sortByPath,
  splitWarnings,
} from '../errors';
import {
  type Built,
  type BuiltObject,
  type Flow,
  type ImpliedProps,
  ledgerOf,
  type PlacedObject,
  type PodSecurity,
  type RuntimePods,
  type SecretNeed,
  type Service,
  type ServiceChart,
  type ServiceDescription,
} from '../kubernetes';
import * as services from '../services';
import type { Exposure, Site } from '../site';
import { checkAll } from './checks';
import { ClusterObjects, type Quota, quotaOf } from './cluster-objects';
import { checkRetired, namespacesWithData } from './data';
import { exposures } from './exposures';
import { writeFolder } from './folder';
import { chartDependency, quotaNamespace } from './messages';
import document from './schema.json';
import { manifestYaml } from './yaml';

const SCHEMA = propsSchema(document, 'FacilityProps');

const SERVICES: readonly Service[] = Object.values(services);

export interface FacilityProps extends ImpliedProps {
  /** Output folder of the manifests, for `synth()`. @default - `<site>` in `CDK8S_OUTDIR`, or in `dist/manifests` */
  readonly outdir?: string;
  /** Resource quotas by namespace. @default - computed: the requests of its services, and of the pods that their users may start */
  readonly quotas?: Readonly<Record<string, Quota>>;
  /**
   * Committed objects with data that are removed on purpose, each with the reason: `{ 'Namespace/hub': 'home directories were copied' }`. Without
   * an entry, removing a namespace, claim or StatefulSet that holds data is an error. A namespace includes its contents.
   *
   * @default - none
   * @throws MISSING_COMMITTED_DATA, INVALID_RETIRED_DATA, CONFLICTING_RETIRED_DATA
   */
  readonly retired?: Readonly<Record<string, string>>;
}

/** Output of a facility: its files, its objects, and warnings. */
export interface FacilityOutput {
  readonly site: Site;
  /** Manifests by file name, as text. */
  readonly files: ReadonlyMap<string, string>;
  readonly objects: readonly PlacedObject[];
  readonly charts: readonly string[];
  readonly exposures: readonly Exposure[];
  readonly secrets: readonly SecretNeed[];
  readonly flows: readonly Flow[];
  readonly runtimePods: readonly RuntimePods[];
  /** Committed objects with data that are removed on purpose, with the reason. */
  readonly retired: Readonly<Record<string, string>>;
  /** Rendered facility that was checked. */
  readonly built: Built;
  /** Descriptions of the services of the library and of the app. */
  readonly descriptions: readonly ServiceDescription[];
  readonly summaryNotes: readonly { readonly service: string; readonly text: string }[];
  /** Warnings, sorted by path; without those that the site accepts, and without warnings of the infrastructure. */
  readonly warnings: readonly Problem[];
  /** Warnings that the site accepts, with the reasons. */
  readonly accepted: readonly AcceptedWarning[];
}

/**
 * A cdk8s app with the services of one site, which are checked together. Each chart is one file.
 *
 * @example const facility = new Facility(site); new Wiki(facility, 'wiki', { on: workers }); facility.synth();
 */
export class Facility extends App {
  readonly site: Site;
  private readonly quotas: Readonly<Record<string, Quota>>;
  private readonly retired: Readonly<Record<string, string>>;
  private result?: { readonly output: FacilityOutput; readonly problems: readonly Problem[] };

  /** @throws INVALID_PROP_TYPE, UNKNOWN_PROP */
  constructor(site: Site, props: FacilityProps = {}) {
    const unknown = checkProps(SCHEMA, 'facility', props);
    if (site?.kind !== 'site') throw failure(propType(site, 'a Site from defineSite()'), 'facility');
    super({ outdir: props.outdir ?? join(process.env.CDK8S_OUTDIR ?? 'dist/manifests', site.name) });
    this.site = site;
    this.quotas = props.quotas ?? {};
    this.retired = props.retired ?? {};
    const ledger = ledgerOf(this);
    ledger.site = site;
    ledger.problems.addAll(unknown);
    for (const { implied } of SERVICES) {
      if (!implied?.isNeeded(site)) continue;
      implied.place(this, implied.id, props);
      ledger.implied.set(implied.id, implied.prop);
    }
  }

  /** All errors of site and services. */
  problems(): readonly Problem[] {
    return this.finish().problems;
  }

  /** Ports that the services open on the nodes. */
  exposures(): readonly Exposure[] {
    return this.finish().output.exposures;
  }

  /**
   * Renders and checks the facility without writing files.
   *
   * @throws FacilityError with all errors
   */
  output(): FacilityOutput {
    const { output, problems } = this.finish();
    const all = new Problems();
    all.addAll(problems);
    all.throwIfAny();
    return output;
  }

  /**
   * Writes the manifests to `outdir` and removes all other files there.
   *
   * @throws FacilityError with all errors; nothing is written then
   */
  override synth(): void {
    writeFolder(this.outdir, this.output().files);
  }

  override synthYaml(): string {
    return [...this.output().files.values()].join('---\n');
  }

  /** Descriptions of the services of the library and of the app. */
  descriptions(): readonly ServiceDescription[] {
    const charts = this.node.findAll().filter((construct) => Chart.isChart(construct));
    return [
      ...new Set([...SERVICES.map(({ description }) => description), ...charts.filter(isService).map(({ description }) => description)]),
    ];
  }

  /** Builds the facility once and locks it: charts that are added later would be missing in the checks and in the output. */
  private finish(): NonNullable<typeof this.result> {
    this.result ??= this.build();
    this.node.lock();
    return this.result;
  }

  private build(): NonNullable<typeof this.result> {
    const ledger = ledgerOf(this);
    const problems = new Problems();
    problems.addAll(this.site.problems);
    problems.addAll(clusterProblems(this.site));
    const charts = this.node.findAll().filter((construct) => Chart.isChart(construct));
    for (const [from, to] of dependencies(charts)) problems.add(`${this.site.name}/${from}`, chartDependency(from, to));
    if (problems.all.some(({ code }) => code === 'UNSUPPORTED_CHART_DEPENDENCY'))
      return { output: this.outputOf({ site: this.site, objects: [], ledger }, new Map(), []), problems: problems.all };

    validate(this);
    const rendered = charts.map((chart) => [Names.toDnsLabel(chart), this.render(chart, problems)] as const);
    const services: Built = { site: this.site, objects: placed(this.site, rendered), ledger };
    const cluster = this.clusterObjects(charts, services, problems);
    const all = [...rendered, [CLUSTER_CHART, cluster] as const].sort(([a], [b]) => (a < b ? -1 : 1));
    const built: Built = { ...services, objects: placed(this.site, all) };
    checkAll(built, problems);
    checkRetired(built, this.retired, problems);
    for (const check of this.descriptions().flatMap(({ checks = [] }) => checks)) check(built, problems);
    problems.addAll(ledger.problems.all);
    for (const warnings of [this.site.warnings, this.site.problems.length > 0 ? [] : clusterWarnings(this.site), ledger.problems.warnings])
      problems.addAll(warnings);
    this.checkAccepted(problems);
    const files = problems.all.length > 0 ? new Map() : new Map(all.map(([name, objects]) => [`${name}.k8s.yaml`, manifestYaml(objects)]));
    return { output: this.outputOf(built, files, problems.warnings), problems: problems.all };
  }

  /** Reports acceptances of errors: only warnings can be accepted. */
  private checkAccepted(problems: Problems): void {
    for (const [index, acceptance] of (this.site.accept ?? []).entries()) {
      if (problems.all.some((error) => matches(acceptance, error)))
        problems.add(`${this.site.name}/accept/${index}`, acceptanceOfError(acceptance.code, acceptance.path));
    }
  }

  private outputOf(built: Built, files: ReadonlyMap<string, string>, warnings: readonly Problem[]): FacilityOutput {
    const { ledger, objects } = built;
    const { open, accepted, unmatched } = splitWarnings(this.site.name, sortByPath(warnings), this.site.accept);
    return {
      site: this.site,
      built,
      descriptions: this.descriptions(),
      files,
      objects,
      charts: [...files.keys()],
      exposures: exposures(objects),
      retired: this.retired,
      secrets: ledger.secrets,
      flows: ledger.flows,
      runtimePods: ledger.runtimePods,
      summaryNotes: ledger.summaryNotes,
      // For a site with a cloud, an acceptance may match a warning of the infrastructure, which the command adds.
      warnings: this.site.cloud ? open : [...open, ...unmatched],
      accepted,
    };
  }

  /** Renders the objects of a chart. An exception is reported with the other errors. */
  private render(chart: Chart, problems: Problems): readonly BuiltObject[] {
    const objects = new DependencyGraph(chart.node)
      .topology()
      .filter((construct): construct is ApiObject => ApiObject.isApiObject(construct) && construct.chart === chart);
    return problems.attempt(`${this.site.name}/${chart.node.path}`, () => objects.map((object) => object.toJson() as BuiltObject)) ?? [];
  }

  /** Renders the chart `00-cluster`. Last, because quotas are computed from the other charts; it is applied first. */
  private clusterObjects(charts: readonly Chart[], built: Built, problems: Problems): readonly BuiltObject[] {
    const security = new Map<string, PodSecurity>();
    const unlimitedNamespaces = new Set<string>();
    for (const chart of charts.filter(isService)) {
      const { namespace, description, unlimited } = chart;
      if (!isSystem(namespace)) security.set(namespace, lessStrict(security.get(namespace), description.podSecurity ?? 'restricted'));
      if (unlimited) unlimitedNamespaces.add(namespace);
    }
    for (const name of Object.keys(this.quotas))
      if (!security.has(name)) problems.add(`${this.site.name}/quotas/${name}`, quotaNamespace(name, [...security.keys()].sort()));
    const objects = new ClusterObjects(this, CLUSTER_CHART, this.site);
    const withData = namespacesWithData(built);
    for (const [name, level] of [...security].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const needed = quotaOf(built, name, this.quotas[name], problems);
      objects.addNamespace(name, level, unlimitedNamespaces.has(name) && !this.quotas[name] ? undefined : needed, withData.has(name));
    }
    if (withData.size > 0) objects.addDeletionPolicy(this.site);
    return this.render(objects, problems);
  }
}

/** Not `instanceof`: two copies of the package may be loaded in one process. */
function isService(chart: Chart): chart is ServiceChart {
  return (chart as Partial<ServiceChart>).isValidated !== undefined;
}

/** `kubectl apply -f` applies files in alphabetical order, and namespaces must exist first. No id of a service starts with a digit. */
const CLUSTER_CHART = '00-cluster';

/** Runs the validations of every construct once; cdk8s would run all of them again for each chart. */
function validate(app: App): void {
  const errors = app.node.findAll().flatMap((construct) => construct.node.validate().map((error) => `[${construct.node.path}] ${error}`));
  if (errors.length > 0) throw new Error(`Validation failed with the following errors:\n  ${errors.join('\n  ')}`);
}

/** Namespaces of Kubernetes itself, whose Pod Security level and quota the library does not change. */
function isSystem(namespace: string): boolean {
  return namespace === 'default' || namespace.startsWith('kube-');
}

const STRICTNESS: readonly PodSecurity[] = ['restricted', 'baseline', 'privileged'];

function lessStrict(a: PodSecurity | undefined, b: PodSecurity): PodSecurity {
  return a !== undefined && STRICTNESS.indexOf(a) > STRICTNESS.indexOf(b) ? a : b;
}

function placed(site: Site, charts: readonly (readonly [string, readonly BuiltObject[]])[]): readonly PlacedObject[] {
  return charts.flatMap(([chart, objects]) =>
    objects.map((object) => ({ chart, object, path: `${site.name}/${chart}/${object.kind}/${object.metadata.name}` })),
  );
}

/** Dependencies between charts: cdk8s needs exponential time for them, and numbers the files by them. */
function dependencies(charts: readonly Chart[]): readonly (readonly [string, string])[] {
  return charts.flatMap((chart) =>
    chart.node
      .findAll()
      .flatMap((construct) => construct.node.dependencies)
      .map((target) => Chart.of(target))
      .filter((other) => other !== chart && !other.node.scopes.includes(chart))
      .map((other) => [chart.node.path, other.node.path] as const),
  );
}
