import type { HubIdentity } from '../../endpoints';
import { failure } from '../../errors';
import {
  configFiles,
  mountsOf,
  onlyFile,
  priorityClass,
  type ServiceChart,
  SpawnedPods,
  type Uses,
  type VolumeSource,
  volumesOf,
} from '../../kubernetes';
import { apiServers, contains, range, type Target } from '../../site';
import { type AccountSettings, accountSettings } from './accounts';
import { HOME, type HomeSettings, homeSettings } from './homes';
import { hubIdentity, hubReach } from './messages';
import type { Override } from './override';
import { everyChoice } from './profiles';
import type { JupyterHubProps } from './props';
import { checkScope } from './services';
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
  readonly uses: Uses;

  constructor(chart: ServiceChart, props: JupyterHubProps, base: Override, args: readonly string[]) {
    super(chart, 'user');
    const own = { [SERVER_CONFIG]: 'the configuration of the notebook server', ...(props.home === 'none' ? {} : { [HOME]: 'the home' }) };
    const uses = this.use(props.uses ?? [], { notebook: true, mounts: own });
    this.uses = uses;
    const files = { ...(uses.pages.length > 0 ? { [SERVER_CONFIG]: serverConfig(chart, uses.pages) } : {}), ...uses.mounts };
    this.checkImages(chart, props);
    checkIdentities(chart, uses);
    for (const target of uses.reach) chart.problems.attempt(`${chart.path()}/uses`, () => checkReach(target, apiServers(chart.site)));
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
        volumes: { ...Object.fromEntries(volumesOf([files]).map((volume) => [volume.name, volume])), ...base.volumes },
        volume_mounts: { ...Object.fromEntries(mountsOf(files).map((mount) => [mount.name, mount])), ...base.volume_mounts },
      },
      args,
      home: homeSettings(chart, props.home ?? {}),
      accounts: accountSettings(chart, props.accounts ?? {}),
    };
  }

  /** Services that recognize the notebooks' users by the hub. */
  get identities(): readonly Pick<HubIdentity, 'service' | 'scopes'>[] {
    // Two endpoints may be known by one service, e.g. two gateways of one hub.
    return [...new Map(this.uses.identities.map(({ identity: { service, scopes } }) => [service, { service, scopes }])).values()];
  }

  /** Every image that somebody may start, as far as the endpoints can judge it. */
  private checkImages(chart: ServiceChart, props: JupyterHubProps): void {
    const usual = chart.image('dask-notebook');
    for (const { name, image = usual } of props.environments) this.uses.check(image, `${chart.path()}/environments/${name}/image`);
    for (const { at, one } of everyChoice(props)) if (one.image !== undefined) this.uses.check(one.image, `${chart.path()}/${at}/image`);
  }
}

/** An endpoint that asks another hub refuses the tokens of this one. */
function checkIdentities(chart: ServiceChart, { identities }: Uses): void {
  const text = ({ id, namespace }: HubIdentity['hub']) => `{ id: '${id}', namespace: '${namespace}' }`;
  const own = text({ id: chart.node.id, namespace: chart.namespace });
  for (const { endpoint, identity } of identities) {
    const given = text(identity.hub);
    if (given !== own) chart.problems.add(`${chart.path()}/uses/${endpoint}`, hubIdentity(endpoint, given, own));
    for (const scope of identity.scopes) checkScope(chart, `${chart.path()}/uses/${endpoint}`, scope);
  }
}

/** What would give a user more rights than the hub gives: the cloud's keys of the machine, or the cluster. */
function checkReach({ peer }: Target, servers: readonly string[]): void {
  if (peer.kind === 'api-server') throw failure(hubReach('the API server'));
  if (peer.kind !== 'addresses') return;
  for (const cidr of peer.cidrs) {
    const open = [METADATA, ...servers].find((one) => contains(range(cidr), range(one)));
    if (open) throw failure(hubReach(`${cidr}, with ${open}`));
  }
}

/** Where every cloud tells a machine about itself. */
const METADATA = '169.254.169.254/32';

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
