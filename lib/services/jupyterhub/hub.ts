import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Endpoint, HubIdentity } from '../../endpoints';
import { claim, configFiles, Deployment, type Resources, type ServiceChart, scratch } from '../../kubernetes';
import type { Placement, SecretKey } from '../../site';
import { type Database, isPostgres, isSqlite } from './database';
import { homeRules } from './homes';
import type { LoginSettings } from './login-settings';
import type { NotebookSettings } from './notebooks';
import { HUB_PORT } from './ports';
import type { Profile } from './profiles';
import type { JupyterHubProps, Texts } from './props';
import type { ServiceSettings } from './services';

const pythonFile = (name: string) => readFileSync(join(__dirname, name), 'utf8');

/** Contents of `hub.json`, which `jupyterhub_config.py` reads. Times are in seconds. */
export interface HubSettings {
  readonly publicUrl: string;
  /** URL of the hub for notebook servers and the proxy. */
  readonly hubUrl: string;
  readonly proxyApi: string;
  /** URL; empty if it comes from a Secret. */
  readonly database: string;
  readonly namedServers: number;
  /** 0: no limit. */
  readonly activeServers: number;
  readonly concurrentStarts: number;
  readonly startTimeout: number;
  /** Interval at which the hub reads the last activity from the proxy. */
  readonly activityInterval: number;
  readonly cull: { readonly after: number; readonly every: number; readonly oldest: number } | null;
  /** Interval of the culler for choices with a `cull` of their own; null without such choices. */
  readonly cullEarly: { readonly every: number } | null;
  readonly login: LoginSettings;
  readonly notebooks: NotebookSettings;
  readonly profiles: readonly Profile[];
  readonly services: readonly ServiceSettings[];
  /** Services that authenticate users by the tokens of their notebook servers, and the scopes that these tokens need. */
  readonly identities: readonly Pick<HubIdentity, 'service' | 'scopes'>[];
  /** Whether `/hub/metrics` needs no authentication. */
  readonly openMetrics: boolean;
  readonly texts: Texts;
  readonly settings: NonNullable<JupyterHubProps['settings']>;
}

/** Secrets of the hub. */
export interface HubSecrets {
  readonly proxyToken: SecretKey;
  readonly cookies: SecretKey;
  readonly crypt: SecretKey;
  readonly oidcClient?: SecretKey;
  /** Tokens of services, by environment variable. */
  readonly tokens: Readonly<Record<string, SecretKey>>;
}

export interface HubProps {
  /** Endpoints of the hub itself, e.g. its database. */
  readonly uses: readonly Endpoint[];
  readonly on: Placement;
  readonly resources: Resources;
  readonly database: Database;
  readonly settings: HubSettings;
  readonly secrets: HubSecrets;
}

/** Directory of the database, and working directory of the hub, so that other files that it writes persist too. */
const STATE = '/var/lib/jupyterhub';

export const DATABASE = `sqlite:///${STATE}/jupyterhub.sqlite`;

/** The hub: authenticates users, starts their servers, and adds routes to the proxy. */
export class Hub extends Deployment {
  constructor(chart: ServiceChart, props: HubProps) {
    const { database } = props;
    const postgres = isPostgres(database) ? database : undefined;
    super(chart, 'hub', {
      on: props.on,
      strategy: 'Recreate',
      uses: props.uses,
      containers: {
        hub: {
          image: chart.image('jupyterhub'),
          // `args`, not `command`: the entrypoint of the image is an init process that reaps the children of the culler.
          args: [
            'jupyterhub',
            '--config',
            '/etc/jupyterhub/jupyterhub_config.py',
            ...(postgres?.upgrade === false ? [] : ['--upgrade-db']),
          ],
          workingDir: STATE,
          ports: { http: HUB_PORT },
          env: {
            // The user id of the container is not in /etc/passwd; Python takes the user name from this variable.
            USER: 'jupyterhub',
            HOME: '/tmp',
            PYTHONDONTWRITEBYTECODE: '1',
            CONFIGPROXY_AUTH_TOKEN: props.secrets.proxyToken,
            JPY_COOKIE_SECRET: props.secrets.cookies,
            JUPYTERHUB_CRYPT_KEY: props.secrets.crypt,
            ...(props.secrets.oidcClient ? { OIDC_CLIENT_SECRET: props.secrets.oidcClient } : {}),
            ...(postgres ? { HUB_DATABASE: postgres.url } : {}),
            ...props.secrets.tokens,
          },
          resources: props.resources,
          mounts: {
            '/etc/jupyterhub': configFiles(chart, 'hub', {
              'jupyterhub_config.py': pythonFile('jupyterhub_config.py'),
              ...(props.settings.cullEarly ? { 'cull_early.py': pythonFile('cull_early.py') } : {}),
              'hub.json': `${JSON.stringify(props.settings, undefined, 2)}\n`,
            }),
            [STATE]: isSqlite(database) ? claim(chart, 'hub', database, 'SQLite') : scratch('state', '64MiB'),
            '/tmp': scratch('tmp', '256MiB'),
          },
          probes: {
            // 15 minutes: a new release first migrates the database, and must not be killed during that.
            startup: { http: '/hub/health', port: 'http', every: 5, failures: 180, timeout: 3 },
            // The hub is ready when its API responds: servers, proxy and culler use only the API.
            readiness: { http: '/hub/api/', port: 'http', every: 5, timeout: 3 },
            liveness: { http: '/hub/health', port: 'http', every: 20, failures: 15, timeout: 10 },
          },
        },
      },
      access: {
        // The permissions that KubeSpawner needs. Its features that need Secrets and Services for each user are disabled.
        rules: [
          { apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch', 'create', 'delete'] },
          { apiGroups: [''], resources: ['events'], verbs: ['list', 'watch'] },
          ...homeRules(props.settings.notebooks.home),
        ],
      },
      exceptions: {
        singleton: 'JupyterHub does not support several replicas: two would start the same server twice',
        recreate: isSqlite(database)
          ? 'the volume of the database is ReadWriteOnce'
          : 'two hubs on the same database would both start and stop servers',
      },
    });
  }
}
