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
import { noSite, poolNotInSite, serviceTwice, siteDiffers, variableReadable } from './messages';
import { ownPeer } from './owners';
import { applyPatches, type Patch } from './patch';
import type { ServiceDescription } from './service-description';

/** What every service understands. */
export interface ServiceProps {
  /** Namespace of its objects. @default - the id of the service */
  readonly namespace?: string;
  /** The site, where the service stands in an app that is no Facility. @default - the site of the facility */
  readonly site?: Site;
  /** Last resort: changes to the finished objects, by `Kind/name`. @default - none */
  readonly patch?: readonly Patch[];
}

/**
 * One system of a facility: a chart with a file, a namespace and labels of its own. It works in any cdk8s `App`; in a
 * `Facility` it needs no `site`, and everything is checked together.
 */
export abstract class ServiceChart extends Chart {
  readonly site: Site;
  /** Namespace of its objects. */
  override readonly namespace: string;
  /** Whether its props were looked at: then what it makes of them is right. */
  readonly isValidated: boolean;
  /** Whether others create pods in its namespace whose sizes are unknown: no quota and no default limits then. */
  readonly unlimited: boolean = false;
  /** What the library knows of the service. */
  readonly description: ServiceDescription;
  protected readonly ledger: Ledger;

  /**
   * @param description of the service; `{ name: 'wiki' }` is enough
   * @throws MISSING_SITE if there is no facility around and no site is given; MISSING_PROP, INVALID_PROP_TYPE; DUPLICATE_SERVICE; INVALID_NAME for no id
   */
  constructor(scope: Construct, id: string, props: ServiceProps, description: ServiceDescription) {
    checkId(scope, id);
    const { schema } = description;
    // What nothing can be made of ends here; what is merely misspelt is told below, with all else and by its path in the site.
    if (schema) checkProps(schema, id, props, 'later');
    const namespace = props.namespace ?? id;
    super(scope, id, { namespace, disableResourceNameHashes: true });
    this.ledger = ledgerOf(this);
    const site = props.site ?? this.ledger.site;
    if (!site) throw failure(noSite(), this.node.path);
    this.site = site;
    this.namespace = namespace;
    this.isValidated = schema !== undefined;
    this.description = description;
    if (this.ledger.site && this.ledger.site !== site) this.problems.add(this.path(), siteDiffers(site.name, this.ledger.site.name));
    this.problems.attempt(this.path(), () => checkName(id, 40));
    this.problems.attempt(`${this.path()}/namespace`, () => checkName(namespace));
    if (schema) checkProps(schema, this.path(), props, this.problems);
    applyPatches(this, this.path(), props.patch ?? []);
    if (!this.facility) this.node.addValidation({ validate: () => this.standalone() });
  }

  /** Whether a Facility is around: it makes the namespace, the priority classes, and all checks. */
  get facility(): boolean {
    return this.ledger.site !== undefined;
  }

  /** What endpoints of this service say of where they come from. */
  get origin(): Origin {
    return { site: this.site.name, service: this.node.id };
  }

  /** Where mistakes are collected. */
  get problems(): Problems {
    return this.ledger.problems;
  }

  /** How messages call a construct of this chart: `<site>/<chart>/<construct>`. */
  path(construct: IConstruct = this): string {
    return [this.site.name, construct.node.path].filter(Boolean).join('/');
  }

  /** Name of an object: of the chart itself, or of a part of it. */
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

  /** The pods of one part, as flows name them. */
  peerOf(part: string): PodPeer {
    return ownPeer(this, { kind: 'pods', namespace: this.namespace, labels: { [INSTANCE_LABEL]: this.objectName(part) } });
  }

  /** The pods of several workloads, as flows name them together. */
  groupOf(part: string): PodPeer {
    return ownPeer(this, { kind: 'pods', namespace: this.namespace, labels: { [GROUP_LABEL]: this.objectName(part) } });
  }

  /** Image of a name of the table, as this site pulls it. */
  image(name: ImageName): string {
    const { images } = this.ledger;
    images.set(name, (images.get(name) ?? new Set()).add(this.node.id));
    return imageOf(this.site, name);
  }

  /** Records INVALID_IMAGE, and warns of an image without a fixed tag; for those of pods that are made at run time. */
  checkImage(path: string, image: string): void {
    if (this.problems.attempt(`${this.path()}/${path}`, () => checkImage(image)) && !isPinned(image)) this.warn(imageUnpinned(image), path);
  }

  /** States that a Secret must be in this namespace, and how `facility bootstrap` comes to its value. */
  needs(secret: SecretKey, origin: SecretOrigin): SecretKey {
    const need = { namespace: this.namespace, secret, origin, path: this.path() };
    // Several workloads of a service may need the same.
    const known = this.ledger.secrets.some((one) => isDeepStrictEqual(one, need));
    if (this.problems.attempt(this.path(), () => checkReference(secret)) && !known) this.ledger.secrets.push(need);
    return secret;
  }

  /**
   * Variables that an operator gives to pods of this chart: what comes from a Secret must be there, and what looks like a secret should
   * come from one.
   */
  checkVariables(given: Readonly<Record<string, string | SecretKey>>, where: string): void {
    for (const [name, value] of Object.entries(given)) {
      if (typeof value !== 'string') this.needs(value, { kind: 'operator', what: `value of ${name} in ${where}` });
      else if (/(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|(?:PRIVATE|ACCESS|API)_?KEY)$/i.test(name) && !/^(?:\/.*)?$/.test(value))
        this.warn(variableReadable(name, where), 'env');
    }
  }

  /** A sentence for the summary. */
  note(text: string): void {
    this.ledger.summaryNotes.push({ service: this.node.id, text });
  }

  /**
   * Something that works but should be known: a finding of severity `warning`.
   *
   * @param at the prop that it is about. @default - the service as a whole
   */
  warn(finding: Finding, at?: string): void {
    this.problems.add(at === undefined ? this.path() : `${this.path()}/${at}`, { ...finding, severity: 'warning' });
  }

  /** Records UNKNOWN_POOL for pools that the site lacks, and returns the pools. */
  checkPlacement(scope: IConstruct, on: Placement): ReturnType<typeof poolsOf> {
    const pools = poolsOf(on);
    const known = this.site.pools.map(({ name }) => name);
    // Pods of no pool would go to any node.
    if (pools.length === 0) this.problems.add(`${this.path(scope)}/on`, poolNotInSite(undefined, this.site.name, known));
    for (const pool of pools) {
      if (!this.site.pools.includes(pool)) this.problems.add(`${this.path(scope)}/on`, poolNotInSite(pool?.name, this.site.name, known));
    }
    return pools.filter((pool) => pool !== undefined);
  }

  /** In an app that is no Facility, cdk8s asks each construct what is wrong with it. */
  private standalone(): string[] {
    const own = this.problems.all.filter(({ path }) => path === this.path() || path.startsWith(`${this.path()}/`));
    return [...(this.reportsSite() ? this.site.problems : []), ...own].map(
      ({ path, code, given, allowed, fix }) => `${code} at ${path}: given ${given}; allowed: ${allowed}; fix: ${fix}`,
    );
  }

  /** What is wrong with a site is told once, by the first of its services. */
  private reportsSite(): boolean {
    if (this.site.problems.length === 0) return false;
    return this.node.root.node.findAll().find((one) => (one as Partial<ServiceChart>).site === this.site) === this;
  }
}

/** What the constructs below would refuse in words of their own. */
function checkId(scope: Construct, id: string): void {
  if (!id) checkName(id);
  if (!scope.node.tryFindChild(id)) return;
  const taken = scope.node.children.map(({ node }) => node.id);
  throw failure(serviceTwice(id, taken, ledgerOf(scope).implied.get(id)), id);
}
