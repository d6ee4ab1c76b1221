import { failure } from '../../errors';
import {
  configFiles,
  mountsOf,
  onlyFile,
  priorityClass,
  type ServiceChart,
  SpawnedPods,
  storeAuthority,
  type VolumeSource,
  volumesOf,
} from '../../kubernetes';
import {
  apiServers,
  contains,
  type DaskEndpoint,
  type DaskGatewayEndpoint,
  daskVariables,
  range,
  type S3Endpoint,
  s3Variables,
  type Target,
} from '../../site';
import { type AccountSettings, accountSettings } from './accounts';
import { checkDaskVersions, daskFiles } from './dask';
import { type HomeSettings, homeSettings } from './homes';
import { hubReach } from './messages';
import type { Override } from './override';
import type { JupyterHubProps } from './props';
import { type Variables, variable } from './variables';

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

  constructor(chart: ServiceChart, props: JupyterHubProps, base: Override, args: readonly string[]) {
    super(chart, 'user');
    const { s3, dask, daskGateway } = props;
    const store = s3 && s3Settings(chart, s3);
    const engines = [dask, daskGateway].filter((one) => one !== undefined);
    const files = {
      ...(engines.length > 0 ? { [SERVER_CONFIG]: serverConfig(chart, engines) } : {}),
      ...(dask ? daskFiles(chart, dask) : {}),
      ...store?.files,
    };
    if (dask)
      checkDaskVersions(
        chart,
        dask,
        Object.fromEntries(props.environments.map((one) => [one.name, one.image ?? chart.image('dask-notebook')])),
      );
    if (s3) this.mayReach(s3.reach);
    this.mayReach(...engines.flatMap(({ reach }) => reach));
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
        environment: { ...store?.variables, ...Object.assign({}, ...engines.map(daskVariables)), ...base.environment },
        volumes: { ...Object.fromEntries(volumesOf([files]).map((volume) => [volume.name, volume])), ...base.volumes },
        volume_mounts: { ...Object.fromEntries(mountsOf(files).map((mount) => [mount.name, mount])), ...base.volume_mounts },
      },
      args,
      home: homeSettings(chart, props.home ?? {}),
      accounts: accountSettings(chart, props.accounts ?? {}),
    };
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

/** The store in variables, the keys the same for all users; and its authority as a file, where not everybody trusts it. */
function s3Settings(
  chart: ServiceChart,
  s3: S3Endpoint,
): { readonly variables: Variables; readonly files: Readonly<Record<string, VolumeSource>> } {
  const variables = Object.entries(s3Variables(s3)).map(([name, value]) => [name, variable(value)]);
  chart.needsStore(s3);
  return {
    variables: Object.fromEntries(variables),
    files: storeAuthority(s3),
  };
}

/** Where every Jupyter server looks, whatever its image; there is a `.py` of the same name in most. */
const SERVER_CONFIG = '/etc/jupyter/jupyter_server_config.json';

/** Lets jupyter-server-proxy lead to the dashboard: it refuses every host but its own otherwise. */
function serverConfig(chart: ServiceChart, engines: readonly (DaskEndpoint | DaskGatewayEndpoint)[]): VolumeSource {
  const hosts = engines.map((one) => new URL(one.kind === 'dask' ? one.dashboard : one.address).hostname);
  const config = { ServerProxy: { host_allowlist: ['localhost', '127.0.0.1', ...hosts] } };
  return onlyFile(
    configFiles(chart, 'user', { 'jupyter_server_config.json': `${JSON.stringify(config, undefined, 2)}\n` }),
    'jupyter_server_config.json',
  );
}
