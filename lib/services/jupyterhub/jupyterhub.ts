import type { Construct } from 'constructs';
import { hubCount } from '../../errors';
import { Ingress, ServiceChart } from '../../kubernetes';
import { bytes, cores, seconds, secret } from '../../site';
import { DATABASE, Hub, type HubSecrets, type HubSettings } from './hub';
import { checkLogin, loginSettings } from './login';
import { Notebooks } from './notebooks';
import { checkChoices, pathOf, poolsFor, profileList, sizesOf } from './profiles';
import type { JupyterHubProps } from './props';
import { HttpProxy } from './proxy';

/** A hub that starts notebook servers for its users, and a proxy in front of hub and servers. */
export class JupyterHub extends ServiceChart {
  /** Where users find it. */
  readonly url: string;

  constructor(scope: Construct, id: string, props: JupyterHubProps) {
    super(scope, id, props, 'jupyterhub');
    this.url = `https://${props.host}`;
    checkLogin(this, props.login);
    checkChoices(this, props);
    const hubUrl = `http://${this.objectName('hub')}.${this.space}.svc.${this.site.cluster.domain}:8081`;
    const secrets = this.secretsFor(props);

    const notebooks = new Notebooks(this, props);
    const proxy = new HttpProxy(this, {
      on: props.on,
      resources: props.proxy ?? { cpu: '250m', cpuLimit: 1, memory: '512MiB' },
      hubUrl,
      token: secrets.proxyToken,
    });
    const hub = new Hub(this, {
      on: props.on,
      resources: props.hub ?? { cpu: '250m', cpuLimit: 2, memory: '1GiB' },
      database: props.database ?? { size: '1GiB' },
      settings: this.settingsFor(props, { hubUrl, proxyApi: `http://${proxy.host}:8001`, notebooks: notebooks.settings }),
      secrets,
    });
    new Ingress(this, 'web', { host: props.host, to: proxy, port: 'http', tls: props.tls });

    const server = notebooks.port(notebooks.settings.port);
    proxy.mayReach(hub.port('http'), server);
    // The hub asks a server that starts whether it answers, before it gives it a route.
    hub.mayReach(proxy.port('api'), server);
    if (props.login.kind === 'oidc') hub.mayReach(props.login.issuer.reach);
    // A server asks the hub who its visitor is, and tells it when it was last used.
    notebooks.mayReach(hub.port('http'), proxy.port('http'));

    this.declareServers(props, notebooks);
    const named = (choices: readonly { readonly name: string }[]) => choices.map(({ name }) => name).join(', ');
    this.promise(`${this.url}: environments ${named(props.environments)}; sizes ${named(sizesOf(props))}`);
  }

  /** Servers exist at run time alone: what the largest number of them takes is told to the checks. */
  private declareServers(props: JupyterHubProps, notebooks: Notebooks): void {
    for (const size of sizesOf(props)) {
      const path = pathOf(this, size);
      if (size.on) this.checkPlacement(notebooks, size.on);
      this.ledger.runtimePods.push({
        what: `notebook server '${size.name}'`,
        namespace: this.space,
        labels: notebooks.labels,
        on: poolsFor(size, props),
        cpu: this.problems.number(`${path}/cpu`, () => cores(size.cpu)),
        memory: this.problems.number(`${path}/memory`, () => bytes(size.memory)),
        most: props.activeServers,
        path,
      });
    }
    if (props.notebooksOn) this.checkPlacement(notebooks, props.notebooksOn);
  }

  private secretsFor(props: JupyterHubProps): HubSecrets {
    const name = this.objectName('keys');
    const { login } = props;
    return {
      proxyToken: this.needs(secret(name, 'proxy-token'), { kind: 'random', bytes: 32 }),
      cookies: this.needs(secret(name, 'cookie-secret'), { kind: 'random', bytes: 32 }),
      crypt: this.needs(secret(name, 'crypt-key'), { kind: 'random', bytes: 32 }),
      ...(login.kind === 'oidc'
        ? {
            oidcClient: this.needs(login.clientSecret ?? secret(this.objectName('oidc'), 'client-secret'), {
              kind: 'shared',
              bytes: 32,
              with: `client ${login.client} of ${login.issuer.issuer}`,
            }),
          }
        : {}),
    };
  }

  private settingsFor(props: JupyterHubProps, made: Pick<HubSettings, 'hubUrl' | 'proxyApi' | 'notebooks'>): HubSettings {
    const span = (name: string, value: Parameters<typeof seconds>[0]) =>
      this.problems.number(`${this.path()}/${name}`, () => seconds(value));
    const count = (name: 'activeServers' | 'concurrentStarts', value: number) => {
      if (!Number.isInteger(value) || value < 1) this.problems.add(`${this.path()}/${name}`, hubCount(value));
      return value;
    };
    const cull = props.cull ?? {};
    return {
      publicUrl: this.url,
      ...made,
      database: DATABASE,
      activeServers: props.activeServers === undefined ? 0 : count('activeServers', props.activeServers),
      concurrentStarts: count('concurrentStarts', props.concurrentStarts ?? 64),
      startTimeout: span('startTimeout', props.startTimeout ?? '10m'),
      cull:
        cull === 'never'
          ? null
          : {
              after: span('cull/after', cull.after ?? '1h'),
              every: span('cull/every', cull.every ?? '10m'),
              oldest: cull.oldest === undefined ? 0 : span('cull/oldest', cull.oldest),
            },
      login: loginSettings(props.login, this.url),
      profiles: profileList(this, props),
      settings: props.settings ?? {},
    };
  }
}
