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
import { checkImages, checkReach, checkUses, EnvironmentServers, named } from './notebook-uses';
import type { Override } from './override';
import type { Profile } from './profiles';
import type { JupyterHubProps } from './props';
import { environmentOf } from './variables';

/** The port that every notebook server answers on. */
export const NOTEBOOK_PORT = 8888;

/** What the hub is told about all notebook servers alike. */
export interface NotebookSettings {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly component: string;
  readonly serviceAccount: string;
  readonly priorityClass: string;
  readonly port: number;
  /** What a server is before anything is chosen. */
  readonly base: Override;
  /** Arguments of the notebook server. */
  readonly args: readonly string[];
  readonly home: HomeSettings | null;
  readonly accounts: AccountSettings;
}

/** The notebook servers: pods that the hub makes, with the flows that are open to them. */
export class Notebooks extends SpawnedPods {
  readonly settings: NotebookSettings;
  /** What their endpoints bring. */
  readonly uses: SpawnedUses;
  /** Servers of environments that have endpoints of their own. */
  readonly environments: readonly EnvironmentServers[];

  constructor(chart: ServiceChart, props: JupyterHubProps, base: Override, args: readonly string[]) {
    super(chart, 'user');
    const own = { [SERVER_CONFIG]: 'the configuration of the notebook server', ...(props.home === 'none' ? {} : { [HOME]: 'the home' }) };
    const uses = this.use(props.uses ?? [], { notebook: true, mounts: own });
    this.uses = uses;
    checkUses(chart, `${chart.path()}/uses`, uses);
    this.environments = props.environments
      .filter((one) => one.uses?.length)
      .map((one) => new EnvironmentServers(chart, one, this, { beside: props.uses ?? [], mounts: own }));
    for (const one of props.environments) for (const each of [uses, this.of(one)?.uses]) if (each) checkImages(chart, one, props, each);
    // One list for all: whether a server reaches a host is for NetworkPolicies to say.
    const pages = [uses, ...this.environments.map((one) => one.uses)].flatMap((one) => one.pages);
    const files = { ...(pages.length > 0 ? { [SERVER_CONFIG]: serverConfig(chart, pages) } : {}), ...uses.mounts };
    if (props.internet ?? true) this.mayReach({ peer: { kind: 'internet' } });
    for (const target of props.reach ?? []) {
      chart.problems.attempt(`${chart.path()}/reach`, () => checkReach(target, apiServers(chart.site)));
      this.mayReach(target);
    }
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
        environment: { ...environmentOf(uses.variables), ...base.environment },
        volumes: { ...named(volumesOf([files])), ...base.volumes },
        volume_mounts: { ...named(mountsOf(files)), ...base.volume_mounts },
      },
      args,
      home: homeSettings(chart, props.home ?? {}),
      accounts: accountSettings(chart, props.accounts ?? {}),
    };
  }

  /** Services that recognize the notebooks' users by the hub. */
  get identities(): readonly Pick<HubIdentity, 'service' | 'scopes'>[] {
    // Two endpoints may be known by one service, e.g. two gateways of one hub.
    const identities = [this.uses, ...this.environments.map(({ uses }) => uses)].flatMap((one) => one.identities);
    return [...new Map(identities.map(({ identity: { service, scopes } }) => [service, { service, scopes }])).values()];
  }

  /** The servers of an environment, if it has endpoints of its own. */
  of(environment: Environment): EnvironmentServers | undefined {
    return this.environments.find((one) => one.environment === environment);
  }

  /** Environments as users choose them, with what their own endpoints bring. */
  profiles(offered: readonly Profile[]): readonly Profile[] {
    return offered.map((profile) => {
      const servers = this.environments.find(({ environment }) => environment.name === profile.slug);
      return servers ? { ...profile, kubespawner_override: servers.override(profile.kubespawner_override) } : profile;
    });
  }
}

/** Where every Jupyter server looks, whatever its image; there is a `.py` of the same name in most. */
const SERVER_CONFIG = '/etc/jupyter/jupyter_server_config.json';

/** Lets jupyter-server-proxy lead to the pages of endpoints: it refuses every host but its own otherwise. */
function serverConfig(chart: ServiceChart, pages: readonly string[]): VolumeSource {
  const hosts = new Set(pages.map((page) => new URL(page).hostname));
  const config = { ServerProxy: { host_allowlist: ['localhost', '127.0.0.1', ...hosts] } };
  return onlyFile(
    configFiles(chart, 'user', { 'jupyter_server_config.json': `${JSON.stringify(config, undefined, 2)}\n` }),
    'jupyter_server_config.json',
  );
}
