import type { Construct } from 'constructs';
import { configFiles, ServiceChart } from '../../kubernetes';
import { hostTarget, poolsOf, type SecretKey, seconds, type Target } from '../../site';
import { AccessPoint, accessPointConfig, leaseOf, SHORTEST_LEASE } from './access-point';
import { quotasOf, transformsOf } from './accounting';
import { connect, externalAddress, isOutside, openNodePort, type Place, placeOf, sources, targets } from './addressing';
import type { Authentication, PoolFacts } from './base-config';
import { lateConfig, validFiles } from './daemon';
import { DemandNodes, stopAfter } from './demand';
import { describedPool } from './description';
import { type Drain, drainOf } from './drain';
import type { HTCondorEndpoint } from './endpoint';
import { ExecuteNodes, type ExecuteWorkloadProps } from './execute';
import { executeConfig, slotOf } from './execute-config';
import type { ExecuteProps } from './execute-props';
import { type FlockLink, flockTo, type Member, remember } from './flocking';
import { Manager, managerConfig, negotiatorInterval } from './manager';
import { condorLease } from './messages';
import { placeMetrics } from './monitoring';
import { poolEndpoint, readerToken } from './pool-endpoint';
import { CONDOR_PORT } from './ports';
import type { AccessPointProps, HTCondorPoolProps } from './props';
import { accessPointAllows, executeAllows, identity, type Membership, managerAllows, scopesOf } from './roles';
import { hostCertificate, type PoolKeys, poolKeys, tokenLifetime, tokenOrigin } from './secrets';
import { accessPointsOf, checkPool } from './validation';

/** An access point, before it is a pod. */
interface PlacedAccessPoint {
  readonly name: string;
  readonly props: AccessPointProps;
  readonly place: Place;
}

/** Managers, access points and execute nodes of one pool. */
export class HTCondorPool extends ServiceChart {
  /** What notebooks need in order to submit jobs, and other pools in order to flock here. */
  readonly endpoint: HTCondorEndpoint;

  /** Identities of access points of other pools, which are added while these are described. */
  private readonly flocking: string[] = [];
  private readonly keys: PoolKeys;
  private readonly lifetime: number;
  private readonly facts: PoolFacts;
  private readonly access: readonly PlacedAccessPoint[];

  constructor(
    scope: Construct,
    id: string,
    private readonly props: HTCondorPoolProps,
  ) {
    super(scope, id, props, describedPool(props));
    checkPool(this, props);
    const security = props.security ?? {};
    this.keys = poolKeys(this, security);
    this.lifetime = tokenLifetime(this.problems, `${this.path()}/security`, security, 'tokenLifetime');

    const pools = poolsOf(props.manager?.on ?? props.on);
    const managerPlace = placeOf(this, `${this.path()}/manager`, pools, props.manager?.addressing);
    const hosts = Array.from({ length: props.manager?.count === 2 ? 2 : 1 }, (_, index) => this.podHost('manager', index));
    const collectors = hosts.map((host) => `${host}:${managerPlace.port}`);
    this.facts = { domain: props.domain, collectors, security, config: props.config ?? {} };
    this.access = Object.entries(accessPointsOf(props)).map(([name, one]) => {
      const place = placeOf(this, `${this.path()}/accessPoints/${name}`, poolsOf(one.on ?? props.on), one.addressing);
      return { name, props: one, place };
    });

    const managers = this.placeManagers(managerPlace, hosts);
    const own = this.access.map((one) => ({ name: one.name, member: this.placeAccessPoint(one) }));
    const accessPoints = own.map(({ member }) => member);
    const nodes = Object.entries(props.execute).flatMap(([name, group]) => this.placeNodes(name, group));

    connect(this, managers.sources, managers.targets);
    for (const one of accessPoints) {
      connect(this, one.sources, managers.targets);
      connect(this, managers.sources, one.targets);
    }
    for (const one of nodes) {
      connect(this, one.sources, managers.targets);
      // Starters of jobs report to the shadows at the access point, and transfer files with them.
      for (const accessPoint of accessPoints) connect(this, one.sources, accessPoint.targets);
    }
    if (!this.usesCcb()) for (const one of accessPoints) for (const node of nodes) connect(this, one.sources, node.targets);

    const schedds = this.access.map(({ name }) => this.scheddName(name));
    const direct = !this.usesCcb();
    this.endpoint = remember(
      poolEndpoint(this, {
        props,
        collectors,
        schedds,
        keys: this.keys,
        lifetime: this.lifetime,
        managers,
        managerPlace,
        accessPoints,
        nodes,
        direct,
      }),
      {
        chart: this,
        domain: props.domain,
        keys: this.keys,
        lifetime: this.lifetime,
        managers,
        nodes,
        accept: (one) => {
          this.flocking.push(one);
        },
      },
    );
    if (props.metrics)
      placeMetrics(this, {
        on: props.on,
        metrics: props.metrics,
        endpoint: this.endpoint,
        reader: readerToken(this, this.keys, props.domain, this.lifetime),
        access: this.access.map(({ name }) => `access-${name}`),
        members: [managers, ...accessPoints],
      });
    this.describe(collectors);
  }

  /** Host name of one pod of a part, in DNS of the cluster. */
  private podHost(part: string, index = 0): string {
    const name = this.objectName(part);
    return `${name}-${index}.${name}.${this.namespace}.svc.${this.site.cluster.domain}`;
  }

  private scheddName(accessPoint: string): string {
    // With @, HTCondor does not append the host name of the pod.
    return `${accessPoint}@${this.facts.domain}`;
  }

  /** Whether execute nodes of the pool register with CCB. */
  private usesCcb(): boolean {
    return Object.values(this.props.execute).some((group) => this.isCcb(group));
  }

  private isCcb({ inbound }: ExecuteProps): boolean {
    return (inbound ?? (this.access.some(({ place }) => isOutside(place)) ? 'ccb' : 'direct')) === 'ccb';
  }

  /** Who is part of the pool; complete only when all pools are described. */
  private membership(): Membership {
    const { domain, security } = this.facts;
    return { domain, accessPoints: this.access.map(({ name }) => name), ccb: this.usesCcb(), flocking: this.flocking, security };
  }

  private placeManagers(place: Place, hosts: readonly string[]): Member {
    const { props } = this;
    const security = props.security ?? {};
    const certificates = hostCertificate(this, security, this.certificateHosts());
    const authentication: Authentication = { issuerKey: this.keys.sign, certificate: certificates !== undefined };
    const manager = props.manager ?? {};
    const interval = negotiatorInterval(this, manager);
    const config = lateConfig(this, 'manager', () =>
      managerConfig({
        pool: this.facts,
        place,
        name: `${this.node.id} of ${this.site.name}`,
        allow: managerAllows(this.membership()),
        authentication,
        hosts,
        negotiatorInterval: interval,
        groups: quotasOf(props),
      }),
    );
    const workload = new Manager(this, {
      props: manager,
      place,
      image: this.imageOf(),
      pools: place.pools,
      config,
      secrets: { keys: this.keys.all, ...(certificates ? { certificates } : {}) },
      domain: this.podHost('manager').replace(/^[^.]+\./, ''),
    });
    openNodePort(this, 'manager', place, workload);
    const path = `${this.path()}/manager`;
    return { sources: sources(this, path, place, workload), targets: targets(this, path, place, workload) };
  }

  private placeAccessPoint(one: PlacedAccessPoint): Member {
    const { name, props, place } = one;
    const { domain, security } = this.facts;
    const path = `${this.path()}/accessPoints/${name}`;
    const certificates = hostCertificate(this, security, this.certificateHosts());
    const authentication: Authentication = {
      certificate: certificates !== undefined,
      scitokens: security.scitokens !== undefined,
    };
    const lease = leaseOf(this, name, props);
    if (lease < SHORTEST_LEASE) this.problems.add(`${path}/jobLease`, condorLease(lease));
    const links: FlockLink[] = [];
    const config = lateConfig(this, `access-${name}`, () =>
      accessPointConfig({
        pool: this.facts,
        place,
        scheddName: this.scheddName(name),
        allow: accessPointAllows(this.membership()),
        authentication,
        limits: props.limits ?? {},
        lease,
        flockTo: links.flatMap(({ collectors }) => collectors),
        transforms: transformsOf(this.props, props.tenant),
        credentials: props.credentials,
      }),
    );
    const token = this.token(`token-access-${name}`, 'ap', identity('accessPoint', domain, name), 'accessPoint');
    const flocked = (this.props.flocksTo ?? []).map(
      (endpoint): SecretKey => ({ name: this.objectName(`flock-${endpoint.name}`), key: `flock-${endpoint.name}` }),
    );
    const workload = new AccessPoint(this, {
      name,
      props,
      place,
      image: this.imageOf(),
      pools: place.pools,
      config,
      secrets: { keys: [this.keys.users], tokens: [token, ...flocked], ...(certificates ? { certificates } : {}) },
      host: this.podHost(`access-${name}`),
    });
    openNodePort(this, `access-${name}`, place, workload);
    const member = { sources: sources(this, path, place, workload), targets: targets(this, path, place, workload) };
    const address = externalAddress(place);
    const outside: readonly Target[] = address === undefined ? [] : [hostTarget(address, place.port)];
    for (const endpoint of this.props.flocksTo ?? []) {
      const link = flockTo({ chart: this, domain, accessPoints: [member], outside }, endpoint);
      if (link) links.push(link);
    }
    return member;
  }

  private placeNodes(name: string, group: ExecuteProps): readonly Member[] {
    const path = `${this.path()}/execute/${name}`;
    const slot = this.problems.attempt(`${path}/memory`, () => slotOf(group)) ?? { cpus: Number.NaN, memory: Number.NaN };
    const drain = this.drain(path, group);
    const ccb = this.isCcb(group);
    const token = this.token('token-execute', 'ep', identity('execute', this.facts.domain), 'execute');
    const made = (part: string, stop?: number): ExecuteWorkloadProps => ({
      name,
      props: group,
      on: group.on ?? group.accelerator?.on ?? this.props.on,
      port: CONDOR_PORT,
      image: group.image ?? this.imageOf(),
      config: configFiles(
        this,
        part,
        validFiles(this, () =>
          executeConfig({
            pool: this.facts,
            port: CONDOR_PORT,
            allow: executeAllows(this.membership()),
            authentication: {},
            props: group,
            slot,
            drain,
            ccb,
            namespace: this.namespace,
            stopAfter: stop,
          }),
        ),
      ),
      secrets: { tokens: [token] },
      drain,
      ccb,
    });
    const pods = group.pods ?? (group.demand ? 0 : 1);
    const fixed = pods > 0 ? [new ExecuteNodes(this, made(`execute-${name}`), pods)] : [];
    const { demand } = group;
    const onDemand = demand ? [new DemandNodes(this, made(`execute-${name}-demand`, stopAfter(this, name, demand)), demand)] : [];
    for (const one of onDemand)
      this.ledger.runtimePods.push({
        what: `execute node '${name}' on demand`,
        namespace: this.namespace,
        labels: one.podLabels,
        spec: one.spec,
        most: demand?.most ?? 0,
        path: `${path}/demand`,
      });
    return [...fixed, ...onDemand].map((workload) => {
      if (group.internet) workload.mayReach({ peer: { kind: 'internet' } });
      const target = workload.port('condor');
      return { sources: [target.peer], targets: [target] };
    });
  }

  private drain(path: string, group: ExecuteProps): Drain {
    const longest = this.problems.number(`${path}/longestJob`, () => seconds(group.longestJob ?? this.props.longestJob ?? '24h'));
    const vacate = this.problems.number(`${path}/vacate`, () => seconds(group.vacate ?? '1m'));
    const grace = group.grace === undefined ? undefined : this.problems.number(`${path}/grace`, () => seconds(group.grace ?? '1m'));
    const unknown = { retirement: Number.NaN, vacate, shutdown: Number.NaN, grace: Number.NaN };
    if (Number.isNaN(longest + vacate + (grace ?? 0))) return unknown;
    return this.problems.attempt(`${path}/grace`, () => drainOf(longest, vacate, grace)) ?? unknown;
  }

  private token(part: string, key: string, of: string, role: 'accessPoint' | 'execute'): SecretKey {
    const claims = { identity: of, issuer: this.facts.domain, scopes: scopesOf(role, this.usesCcb()) };
    return this.needs({ name: this.objectName(part), key }, tokenOrigin(this.keys, claims, this.lifetime));
  }

  private imageOf(): string {
    return this.props.image ?? this.image('htcondor');
  }

  /** Names of managers and access points, for their certificate. */
  private certificateHosts(): readonly string[] {
    const parts = ['manager', ...this.access.map(({ name }) => `access-${name}`)];
    const inside = `${this.namespace}.svc.${this.site.cluster.domain}`;
    return parts.flatMap((part) => [`*.${this.objectName(part)}.${inside}`]);
  }

  private describe(collectors: readonly string[]): void {
    const { props } = this;
    const groups = Object.entries(props.execute).map(([name, { pods, demand, cpu, memory }]) => {
      const count = [...(pods || !demand ? [`${pods ?? 1}`] : []), ...(demand ? [`up to ${demand.most} on demand`] : [])].join(' and ');
      return `${name}: ${count} × ${cpu} cores and ${memory}`;
    });
    this.note(
      `pool ${props.domain} at ${collectors.join(', ')}; submit to ${this.access.map(({ name }) => this.scheddName(name)).join(', ')}; ${groups.join('; ')}`,
    );
  }
}
