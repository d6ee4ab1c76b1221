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
import { type UserTokens, userTokens } from './user-tokens';
import { environmentOf } from './variables';

/** Label of the servers of an environment with its own endpoints; NetworkPolicies select it. */
const ENVIRONMENT_LABEL = 'analysis-facility.io/environment';

/** The servers of an environment with its own endpoints. Only they are allowed to connect to these endpoints. */
export class EnvironmentServers extends SpawnedSubset {
  /** Labels that distinguish them from other servers. */
  readonly labels: Readonly<Record<string, string>>;
  readonly uses: SpawnedUses;
  /** Tokens for servers of this environment only. */
  readonly tokens: UserTokens;

  constructor(
    chart: ServiceChart,
    readonly environment: Environment,
    servers: SpawnedPods,
    common: { readonly beside: readonly Endpoint[]; readonly mounts: Readonly<Record<string, string>> },
  ) {
    const labels = { [ENVIRONMENT_LABEL]: environment.name };
    super(chart, `environment-${environment.name}`, servers, labels);
    this.labels = labels;
    const path = `${chart.path()}/environments/${environment.name}/uses`;
    this.uses = this.use(environment.uses ?? [], { ...common, path, notebook: true });
    checkUses(chart, path, this.uses);
    this.tokens = userTokens(chart, this.uses.tokens, environment.name);
  }

  /** The override of the environment, with variables, mounts and permissions of its endpoints. */
  override(own: Override): Override {
    const { variables, mounts, token } = this.uses;
    return {
      ...own,
      extra_labels: this.labels,
      ...(token ? { automount_service_account_token: true } : {}),
      environment: { ...environmentOf({ ...variables, ...this.tokens.variables }), ...own.environment },
      volumes: { ...byName(volumesOf([mounts])), ...own.volumes },
      volume_mounts: { ...byName(mountsOf(mounts)), ...own.volume_mounts },
    };
  }
}

/** Entries keyed by name: KubeSpawner merges them by key. */
export function byName<T extends { readonly name: string }>(entries: readonly T[]): Readonly<Record<string, T>> {
  return Object.fromEntries(entries.map((entry) => [entry.name, entry]));
}

/** Reports INSECURE_HUB_REACH, CONFLICTING_HUB_IDENTITY and UNKNOWN_HUB_SCOPE of endpoints. */
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

/** Checks the compatibility of every image of an environment's servers with the endpoints. */
export function checkImages(chart: ServiceChart, environment: Environment, props: JupyterHubProps, uses: Uses): void {
  const { name, image = chart.image('notebook') } = environment;
  uses.check(image, `${chart.path()}/environments/${name}/image`);
  const choices = [
    ...sizesIn(environment, props).map((size) => ({ at: `sizes/${size.name}`, choiceImage: size.image })),
    ...optionsIn(environment, props).flatMap((option) =>
      option.choices.map((choice) => ({ at: `options/${option.name}/${choice.name}`, choiceImage: choice.image })),
    ),
  ];
  for (const { at, choiceImage } of choices) if (choiceImage !== undefined) uses.check(choiceImage, `${chart.path()}/${at}/image`);
}

/** Throws INSECURE_HUB_REACH for the metadata service, which exposes credentials of the VM, and for the API server. */
export function checkReach({ peer }: Target, servers: readonly string[]): void {
  if (peer.kind === 'api-server') throw failure(hubReach('the API server'));
  if (peer.kind !== 'addresses') return;
  for (const cidr of peer.cidrs) {
    const sensitive = [...METADATA, ...servers].find((address) => containsCidr(cidr, address));
    if (sensitive) throw failure(hubReach(`${cidr}, which contains ${sensitive}`));
  }
}

/** Metadata services of clouds, IPv4 and IPv6. */
const METADATA = ['169.254.169.254/32', 'fd00:ec2::254/128'] as const;
