import type { Endpoint, HubIdentity } from '../../endpoints';
import { failure } from '../../errors';
import { mountsOf, type ServiceChart, type SpawnedPods, SpawnedSubset, type SpawnedUses, type Uses, volumesOf } from '../../kubernetes';
import { apiServers, containsCidr, type Target } from '../../site';
import type { Environment } from './choices';
import { hubIdentity, hubReach } from './messages';
import type { Override } from './override';
import type { JupyterHubProps } from './props';
import { optionsIn, sizesIn } from './servers';
import { checkScope } from './services';
import { environmentOf } from './variables';

/** Label of the servers of an environment that has endpoints of its own: NetworkPolicies select them by it. */
const ENVIRONMENT_LABEL = 'analysis-facility.io/environment';

/** The servers of an environment that has endpoints of its own: what these open is closed to all other servers. */
export class EnvironmentServers extends SpawnedSubset {
  /** Labels by which they differ from other servers. */
  readonly labels: Readonly<Record<string, string>>;
  readonly uses: SpawnedUses;

  constructor(
    chart: ServiceChart,
    readonly environment: Environment,
    servers: SpawnedPods,
    others: { readonly beside: readonly Endpoint[]; readonly mounts: Readonly<Record<string, string>> },
  ) {
    const labels = { [ENVIRONMENT_LABEL]: environment.name };
    super(chart, `environment-${environment.name}`, servers, labels);
    this.labels = labels;
    const path = `${chart.path()}/environments/${environment.name}/uses`;
    this.uses = this.use(environment.uses ?? [], { ...others, path, notebook: true });
    checkUses(chart, path, this.uses);
  }

  /** What the choice of the environment changes in a server, with what its endpoints bring. */
  override(own: Override): Override {
    const { variables, mounts, token } = this.uses;
    return {
      ...own,
      extra_labels: this.labels,
      ...(token ? { automount_service_account_token: true } : {}),
      environment: { ...environmentOf(variables), ...own.environment },
      volumes: { ...named(volumesOf([mounts])), ...own.volumes },
      volume_mounts: { ...named(mountsOf(mounts)), ...own.volume_mounts },
    };
  }
}

/** By name, as KubeSpawner merges them. */
export function named<T extends { readonly name: string }>(entries: readonly T[]): Readonly<Record<string, T>> {
  return Object.fromEntries(entries.map((one) => [one.name, one]));
}

/** Records what endpoints may not do to users of a hub: open what it keeps from them, or ask another hub who they are. */
export function checkUses(chart: ServiceChart, path: string, { reach, identities }: Uses): void {
  for (const target of reach) chart.problems.attempt(path, () => checkReach(target, apiServers(chart.site)));
  const text = ({ id, namespace }: HubIdentity['hub']) => `{ id: '${id}', namespace: '${namespace}' }`;
  const own = text({ id: chart.node.id, namespace: chart.namespace });
  for (const { endpoint, identity } of identities) {
    const given = text(identity.hub);
    if (given !== own) chart.problems.add(`${path}/${endpoint}`, hubIdentity(endpoint, given, own));
    for (const scope of identity.scopes) checkScope(chart, `${path}/${endpoint}`, scope);
  }
}

/** Compares every image of an environment's servers with the endpoints. */
export function checkImages(chart: ServiceChart, environment: Environment, props: JupyterHubProps, uses: Uses): void {
  const { name, image = chart.image('dask-notebook') } = environment;
  uses.check(image, `${chart.path()}/environments/${name}/image`);
  const choices = [
    ...sizesIn(environment, props).map((one) => ({ at: `sizes/${one.name}`, one })),
    ...optionsIn(environment, props).flatMap((option) => option.choices.map((one) => ({ at: `options/${option.name}/${one.name}`, one }))),
  ];
  for (const { at, one } of choices) if (one.image !== undefined) uses.check(one.image, `${chart.path()}/${at}/image`);
}

/** What would give a user more rights than the hub gives: the cloud's keys of the machine, or the cluster. */
export function checkReach({ peer }: Target, servers: readonly string[]): void {
  if (peer.kind === 'api-server') throw failure(hubReach('the API server'));
  if (peer.kind !== 'addresses') return;
  for (const cidr of peer.cidrs) {
    const open = [...METADATA, ...servers].find((one) => containsCidr(cidr, one));
    if (open) throw failure(hubReach(`${cidr}, with ${open}`));
  }
}

/** Where clouds tell a machine about itself, by IPv4 and IPv6. */
const METADATA = ['169.254.169.254/32', 'fd00:ec2::254/128'] as const;
