import type { HubIdentity } from '../../endpoints';
import {
  configFiles,
  mountsOf,
  onlyFile,
  priorityClass,
  type ServiceChart,
  SpawnedPods,
  type SpawnedUses,
  type VolumeSource,
  volumesOf,
} from '../../kubernetes';
import { apiServers } from '../../site';
import { type AccountSettings, accountSettings } from './accounts';
import type { Environment } from './choices';
import { HOME, type HomeSettings, homeSettings } from './homes';
import { byName, checkImages, checkReach, checkUses, EnvironmentServers } from './notebook-uses';
import type { Override } from './override';
import type { Profile } from './profiles';
import type { JupyterHubProps } from './props';
import { type UserTokenSettings, type UserTokens, userTokens } from './user-tokens';
import { environmentOf } from './variables';

/** Port of every notebook server. */
export const NOTEBOOK_PORT = 8888;

/** Settings of all notebook servers in `hub.json`. */
export interface NotebookSettings {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly component: string;
  readonly serviceAccount: string;
  readonly priorityClass: string;
  readonly port: number;
  /** Settings that the choices override. */
  readonly base: Override;
  /** Command line arguments of the notebook server. */
  readonly args: readonly string[];
  readonly home: HomeSettings | null;
  readonly accounts: AccountSettings;
  /** Tokens of endpoints, which each server writes into its home directory. */
  readonly userTokens: readonly UserTokenSettings[];
}

/** The notebook servers: pods that the hub creates, and the connections that they are allowed to open. */
export class Notebooks extends SpawnedPods {
  readonly settings: NotebookSettings;
  /** Variables, mounts and permissions of `uses`. */
  readonly uses: SpawnedUses;
  /** Servers of environments with their own endpoints. */
  readonly environments: readonly EnvironmentServers[];
  /** Keys with which the hub signs tokens of users, by environment variable of the hub. */
  readonly tokenKeys: UserTokens['keys'];

  constructor(chart: ServiceChart, props: JupyterHubProps, base: Override, args: readonly string[]) {
    super(chart, 'user');
    const own = {
      [SERVER_CONFIG]: 'the configuration of the notebook server',
      ...(props.home === 'none' ? {} : { [HOME]: 'the home directory' }),
    };
    const uses = this.use(props.uses ?? [], { notebook: true, mounts: own });
    this.uses = uses;
    checkUses(chart, `${chart.path()}/uses`, uses);
    this.environments = props.environments
      .filter((environment) => environment.uses?.length)
      .map((environment) => new EnvironmentServers(chart, environment, this, { beside: props.uses ?? [], mounts: own }));
    for (const environment of props.environments)
      for (const each of [uses, this.of(environment)?.uses]) if (each) checkImages(chart, environment, props, each);
    // The same list for all servers: NetworkPolicies restrict the connections of each.
    const pages = [uses, ...this.environments.map((servers) => servers.uses)].flatMap((each) => each.pages);
    const files = { ...(pages.length > 0 ? { [SERVER_CONFIG]: serverConfig(chart, pages) } : {}), ...uses.mounts };
    if (props.internet ?? true) this.mayReach({ peer: { kind: 'internet' } });
    for (const target of props.reach ?? []) {
      chart.problems.attempt(`${chart.path()}/reach`, () => checkReach(target, apiServers(chart.site)));
      this.mayReach(target);
    }
    const tokens = userTokens(chart, uses.tokens);
    const all = [tokens, ...this.environments.map((servers) => servers.tokens)];
    this.tokenKeys = Object.assign({}, ...all.map(({ keys }) => keys));
    this.settings = {
      namespace: chart.namespace,
      labels: this.labels,
      component: this.labels['app.kubernetes.io/component'] ?? '',
      serviceAccount: this.serviceAccount,
      priorityClass: priorityClass(chart, 'user') ?? '',
      port: NOTEBOOK_PORT,
      base: {
        ...base,
        ...(uses.token ? { automount_service_account_token: true } : {}),
        environment: { ...environmentOf({ ...uses.variables, ...tokens.variables }), ...base.environment },
        volumes: { ...byName(volumesOf([files])), ...base.volumes },
        volume_mounts: { ...byName(mountsOf(files)), ...base.volume_mounts },
      },
      args,
      home: homeSettings(chart, props.home ?? {}),
      accounts: accountSettings(chart, props.accounts ?? {}),
      userTokens: all.flatMap(({ settings }) => settings),
    };
  }

  /** Services that authenticate the users of notebooks with the API of the hub. */
  get identities(): readonly Pick<HubIdentity, 'service' | 'scopes'>[] {
    // Two endpoints may have the same service, e.g. two gateways.
    const identities = [this.uses, ...this.environments.map(({ uses }) => uses)].flatMap((each) => each.identities);
    return [...new Map(identities.map(({ identity: { service, scopes } }) => [service, { service, scopes }])).values()];
  }

  /** The servers of an environment with its own endpoints; undefined for other environments. */
  of(environment: Environment): EnvironmentServers | undefined {
    return this.environments.find((servers) => servers.environment === environment);
  }

  /** Adds the variables, mounts and labels of their own endpoints to profiles. */
  withEndpoints(profiles: readonly Profile[]): readonly Profile[] {
    return profiles.map((profile) => {
      const servers = this.environments.find(({ environment }) => environment.name === profile.slug);
      return servers ? { ...profile, kubespawner_override: servers.override(profile.kubespawner_override) } : profile;
    });
  }
}

/** Jupyter servers read this file in every image. Most images also have one with the extension `.py`. */
const SERVER_CONFIG = '/etc/jupyter/jupyter_server_config.json';

/** Allows jupyter-server-proxy to open the pages of endpoints. By default it only allows localhost. */
function serverConfig(chart: ServiceChart, pages: readonly string[]): VolumeSource {
  const hosts = new Set(pages.map((page) => new URL(page).hostname));
  const config = { ServerProxy: { host_allowlist: ['localhost', '127.0.0.1', ...hosts] } };
  return onlyFile(
    configFiles(chart, 'user', { 'jupyter_server_config.json': `${JSON.stringify(config, undefined, 2)}\n` }),
    'jupyter_server_config.json',
  );
}
