import { isDeepStrictEqual } from 'node:util';
import { Chart } from 'cdk8s';
import type { Construct, IConstruct } from 'constructs';
import type { Origin } from '../endpoints';
import { checkProps, type Finding, failure, imageUnpinned, type Problems } from '../errors';
import {
  checkImage,
  checkName,
  checkReference,
  type ImageName,
  imageOf,
  isPinned,
  type Placement,
  type PodPeer,
  poolsOf,
  type SecretKey,
  type SecretOrigin,
  type Site,
} from '../site';
import { type Ledger, ledgerOf } from './ledger';
import { GROUP_LABEL, INSTANCE_LABEL, standardLabels } from './manifest';
import { duplicateService, poolNotInSite, siteDiffers, siteMissing, variableReadable } from './messages';
import { ownPeer } from './owners';
import { applyPatches, type Patch } from './patch';
import type { ServiceDescription } from './service-description';

/** Props of every service. */
export interface ServiceProps {
  /** Namespace of its objects. @default - the id of the service */
  readonly namespace?: string;
  /** Site of the service; required in an app that is not a Facility. @default - the site of the facility */
  readonly site?: Site;
  /** Changes to rendered objects that no prop covers, by `Kind/name`. @default - none */
  readonly patch?: readonly Patch[];
}

/**
 * A service of a facility: a chart with its own file, namespace and labels. It works in any cdk8s `App`; in a `Facility` it needs no `site`,
 * and all services are checked together.
 */
export abstract class ServiceChart extends Chart {
  readonly site: Site;
  /** Namespace of its objects. */
  override readonly namespace: string;
  /** Whether its props were validated; props of its workloads are then not validated again. */
  readonly isValidated: boolean;
  /** Whether other software creates pods of unknown size in its namespace; it then gets no quota and no default limits. */
  readonly unlimited: boolean = false;
  /** Description of the service for the other modules. */
  readonly description: ServiceDescription;
  protected readonly ledger: Ledger;

  /**
   * @param description of the service; `{ name: 'wiki' }` is enough
   * @throws MISSING_SITE without `site` in an app that is not a Facility; MISSING_PROP, INVALID_PROP_TYPE; DUPLICATE_SERVICE; INVALID_NAME for an
   * empty id
   */
  constructor(scope: Construct, id: string, props: ServiceProps, description: ServiceDescription) {
    checkId(scope, id);
    const { schema } = description;
    // Missing props and wrong types are thrown here; misspelt props are reported below, with all other errors and their path in the site.
    if (schema) checkProps(schema, id, props, 'later');
    const namespace = props.namespace ?? id;
    super(scope, id, { namespace, disableResourceNameHashes: true });
    this.ledger = ledgerOf(this);
    const site = props.site ?? this.ledger.site;
    if (!site) throw failure(siteMissing(), this.node.path);
    this.site = site;
    this.namespace = namespace;
    this.isValidated = schema !== undefined;
    this.description = description;
    if (this.ledger.site && this.ledger.site !== site) this.problems.add(this.path(), siteDiffers(site.name, this.ledger.site.name));
    this.problems.attempt(this.path(), () => checkName(id, 40));
    this.problems.attempt(`${this.path()}/namespace`, () => checkName(namespace));
    if (schema) checkProps(schema, this.path(), props, this.problems);
    applyPatches(this, this.path(), props.patch ?? []);
    if (!this.facility) this.node.addValidation({ validate: () => this.standaloneErrors() });
  }

  /** Whether the app is a Facility, which creates namespaces and priority classes and runs all checks. */
  get facility(): boolean {
    return this.ledger.site !== undefined;
  }

  /** Origin of the endpoints of this service. */
  get origin(): Origin {
    return { site: this.site.name, service: this.node.id };
  }

  /** Collection of errors and warnings of the app. */
  get problems(): Problems {
    return this.ledger.problems;
  }

  /** Path of a construct of this chart in messages: `<site>/<chart>/<construct>`. */
  path(construct: IConstruct = this): string {
    return [this.site.name, construct.node.path].filter(Boolean).join('/');
  }

  /** Name of an object of the chart, or of one of its parts. */
  objectName(part: string): string {
    return part === this.node.id ? part : `${this.node.id}-${part}`;
  }

  /** Labels of an object of one part. */
  labelsOf(part: string): Record<string, string> {
    return {
      ...standardLabels(this.description.name, part),
      'app.kubernetes.io/part-of': this.node.id,
      [INSTANCE_LABEL]: this.objectName(part),
    };
  }

  /** Pods of one part, as a peer of flows. */
  peerOf(part: string): PodPeer {
    return ownPeer(this, { kind: 'pods', namespace: this.namespace, labels: { [INSTANCE_LABEL]: this.objectName(part) } });
  }

  /** Pods of a group of workloads, as a peer of flows. */
  groupOf(part: string): PodPeer {
    return ownPeer(this, { kind: 'pods', namespace: this.namespace, labels: { [GROUP_LABEL]: this.objectName(part) } });
  }

  /** Image reference of an image name, with the overrides of this site. */
  image(name: ImageName): string {
    const { images } = this.ledger;
    images.set(name, (images.get(name) ?? new Set()).add(this.node.id));
    return imageOf(this.site, name);
  }

  /** Reports INVALID_IMAGE, and warns of an image without a fixed tag; for images of pods that are created at run time. */
  checkImage(path: string, image: string): void {
    if (this.problems.attempt(`${this.path()}/${path}`, () => checkImage(image)) && !isPinned(image)) this.warn(imageUnpinned(image), path);
  }

  /** Declares that a Secret is required in this namespace, and how `npx facility bootstrap` creates its value. */
  needs(secret: SecretKey, origin: SecretOrigin): SecretKey {
    const need = { namespace: this.namespace, secret, origin, path: this.path() };
    // Several workloads of a service may require the same Secret.
    const known = this.ledger.secrets.some((secret) => isDeepStrictEqual(secret, need));
    if (this.problems.attempt(this.path(), () => checkReference(secret)) && !known) this.ledger.secrets.push(need);
    return secret;
  }

  /**
   * Checks environment variables that an operator sets on pods of this chart: declares the Secrets that they refer to, and warns of variables
   * in plain text whose name suggests a secret.
   */
  checkVariables(given: Readonly<Record<string, string | SecretKey>>, where: string): void {
    for (const [name, value] of Object.entries(given)) {
      if (typeof value !== 'string') this.needs(value, { kind: 'operator', what: `value of ${name} in ${where}` });
      else if (/(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|(?:PRIVATE|ACCESS|API)_?KEY)$/i.test(name) && !/^(?:\/.*)?$/.test(value))
        this.warn(variableReadable(name, where), 'env');
    }
  }

  /** Adds a sentence to the summary. */
  note(text: string): void {
    this.ledger.summaryNotes.push({ service: this.node.id, text });
  }

  /**
   * Reports a finding as a warning.
   *
   * @param at prop that the warning is about. @default - the whole service
   */
  warn(finding: Finding, at?: string): void {
    this.problems.add(at === undefined ? this.path() : `${this.path()}/${at}`, { ...finding, severity: 'warning' });
  }

  /** Reports UNKNOWN_POOL for pools that the site does not have, and returns the pools. */
  checkPlacement(scope: IConstruct, on: Placement): ReturnType<typeof poolsOf> {
    const pools = poolsOf(on);
    const known = this.site.pools.map(({ name }) => name);
    // Without a pool, the pods could be scheduled to any node.
    if (pools.length === 0) this.problems.add(`${this.path(scope)}/on`, poolNotInSite(undefined, this.site.name, known));
    for (const pool of pools) {
      if (!this.site.pools.includes(pool)) this.problems.add(`${this.path(scope)}/on`, poolNotInSite(pool?.name, this.site.name, known));
    }
    return pools.filter((pool) => pool !== undefined);
  }

  /** Errors of this chart, for the validation by cdk8s in an app that is not a Facility. */
  private standaloneErrors(): string[] {
    const own = this.problems.all.filter(({ path }) => path === this.path() || path.startsWith(`${this.path()}/`));
    return [...(this.reportsSite() ? this.site.problems : []), ...own].map(
      ({ path, code, given, allowed, fix }) => `${code} at ${path}: given ${given}; allowed: ${allowed}; fix: ${fix}`,
    );
  }

  /** Errors of a site are reported once, by the first of its services. */
  private reportsSite(): boolean {
    if (this.site.problems.length === 0) return false;
    return this.node.root.node.findAll().find((construct) => (construct as Partial<ServiceChart>).site === this.site) === this;
  }
}

/** Reports ids that `constructs` would reject with a message of its own. */
function checkId(scope: Construct, id: string): void {
  if (!id) checkName(id);
  if (!scope.node.tryFindChild(id)) return;
  const taken = scope.node.children.map(({ node }) => node.id);
  throw failure(duplicateService(id, taken, ledgerOf(scope).implied.get(id)), id);
}
