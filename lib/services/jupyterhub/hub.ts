import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Endpoint, HubIdentity } from '../../endpoints';
import { claim, configFiles, Deployment, type Resources, type ServiceChart, scratch } from '../../kubernetes';
import type { Placement, SecretKey } from '../../site';
import { type Database, isPostgres, isSqlite } from './database';
import { homeRules } from './homes';
import type { LoginSettings } from './login-settings';
import type { NotebookSettings } from './notebooks';
import type { Profile } from './profiles';
import type { JupyterHubProps, Texts } from './props';
import type { ServiceSettings } from './services';

const program = (name: string) => readFileSync(join(__dirname, name), 'utf8');

/** What `jupyterhub_config.py` reads from `hub.json`. */
export interface HubSettings {
  readonly publicUrl: string;
  /** Where notebook servers and the proxy find the hub. */
  readonly hubUrl: string;
  readonly proxyApi: string;
  /** Empty where the URL is a secret. */
  readonly database: string;
  readonly namedServers: number;
  /** 0: any number. */
  readonly activeServers: number;
  readonly concurrentStarts: number;
  /** In seconds, as all spans of time here. */
  readonly startTimeout: number;
  /** How often the hub asks the proxy who is active. */
  readonly activityInterval: number;
  readonly cull: { readonly after: number; readonly every: number; readonly oldest: number } | null;
  /** Whether some choice is stopped sooner than others, and how often the hub looks. */
  readonly cullSooner: { readonly every: number } | null;
  readonly login: LoginSettings;
  readonly notebooks: NotebookSettings;
  readonly profiles: readonly Profile[];
  readonly services: readonly ServiceSettings[];
  /** Services that recognize users by the tokens of their notebooks, and the scopes that these tokens need. */
  readonly identities: readonly Pick<HubIdentity, 'service' | 'scopes'>[];
  /** Whether whoever reaches the hub reads its metrics. */
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
  /** Tokens of services, by the variable that holds them. */
  readonly tokens: Readonly<Record<string, SecretKey>>;
}

export interface HubProps {
  /** What the hub itself connects to. */
  readonly uses: readonly Endpoint[];
  readonly on: Placement;
  readonly resources: Resources;
  readonly database: Database;
  readonly settings: HubSettings;
  readonly secrets: HubSecrets;
}

/** Folder of the database; the hub runs there, so that whatever else it writes is kept too. */
const STATE = '/var/lib/jupyterhub';

export const DATABASE = `sqlite:///${STATE}/jupyterhub.sqlite`;

/** The hub: logs users in, starts their servers, tells the proxy where they are. */
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
          // As arguments: the entry point of the image is an init that reaps the culler's children.
          args: [
            'jupyterhub',
            '--config',
            '/etc/jupyterhub/jupyterhub_config.py',
            ...(postgres?.upgrade === false ? [] : ['--upgrade-db']),
          ],
          workingDir: STATE,
          ports: { http: 8081 },
          env: {
            // There is no account of the user it runs as; Python takes the name from here.
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
              'jupyterhub_config.py': program('jupyterhub_config.py'),
              ...(props.settings.cullSooner ? { 'cull_sooner.py': program('cull_sooner.py') } : {}),
              'hub.json': `${JSON.stringify(props.settings, undefined, 2)}\n`,
            }),
            [STATE]: isSqlite(database) ? claim(chart, 'hub', database, 'SQLite') : scratch('state', '64MiB'),
            '/tmp': scratch('tmp', '256MiB'),
          },
          probes: {
            // A quarter of an hour: a new release first brings the database to its own shape, and must not be ended over it.
            startup: { http: '/hub/health', port: 'http', every: 5, failures: 180, timeout: 3 },
            // Ready is a hub whose API answers: servers, proxy and culler need nothing else of it.
            readiness: { http: '/hub/api/', port: 'http', every: 5, timeout: 3 },
            liveness: { http: '/hub/health', port: 'http', every: 20, failures: 15, timeout: 10 },
          },
        },
      },
      access: {
        // What KubeSpawner asks for; certificates in Secrets and Services for each user are features that are off.
        rules: [
          { apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch', 'create', 'delete'] },
          { apiGroups: [''], resources: ['events'], verbs: ['list', 'watch'] },
          ...homeRules(props.settings.notebooks.home),
        ],
      },
      exceptions: {
        singleton: 'a hub is one process with one database; two would start the same server twice',
        recreate: isSqlite(database)
          ? 'the volume of the database can be mounted on one node at a time'
          : 'two hubs on one database would each start and stop servers',
      },
    });
  }
}
