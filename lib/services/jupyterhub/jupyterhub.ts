import type { Construct } from 'constructs';
import { Ingress, ServiceChart } from '../../kubernetes';
import { type Duration, seconds } from '../../site';
import { checkAccelerators } from './accelerator-validation';
import { activityInterval, checkChoices } from './choice-validation';
import { databaseUrl, databaseUses, isPostgres } from './database';
import { jupyterHub } from './description';
import { DATABASE, Hub, type HubSecrets, type HubSettings } from './hub';
import { checkLogin, clientSecret, loginReach, loginSettings, loginUses } from './login-settings';
import { hubCount, hubNamespaceShared } from './messages';
import { Notebooks } from './notebooks';
import { HUB_PORT, PROXY_PORTS } from './ports';
import { allChoices, allOptions, allSizes, imagesByPool, type Profile, profileList, serverDemands } from './profiles';
import type { JupyterHubProps } from './props';
import { HttpProxy } from './proxy';
import { ImagePuller, Placeholders } from './puller';
import { checkSettings } from './reserved-settings';
import { serverPod } from './server-pod';
import { placementOf } from './servers';
import { allServices, type HubService, serviceSettings } from './services';
import { placeShares } from './shares';
import { checkMounts } from './volume-validation';

/** JupyterHub: a hub that starts a notebook server for each user, and a proxy in front of the hub and the servers. */
export class JupyterHub extends ServiceChart {
  /** Public URL. */
  readonly url: string;

  constructor(scope: Construct, id: string, props: JupyterHubProps) {
    super(scope, id, props, jupyterHub);
    this.url = `https://${props.host}`;
    checkLogin(this, props.login);
    checkChoices(this, props);
    checkAccelerators(this, props);
    checkSettings(this, props);
    this.checkNamespace();
    const hubUrl = `http://${this.objectName('hub')}.${this.namespace}.svc.${this.site.cluster.domain}:${HUB_PORT}`;
    const services = allServices(props.services ?? [], props.metrics);
    const { settings: hubServices, tokens } = serviceSettings(this, services);
    const secrets = this.secretsFor(props, tokens);

    const { base, profiles: ownProfiles } = profileList(this, props);
    const notebooks = new Notebooks(this, props, base, this.kernelArguments(props));
    checkMounts(this, props, notebooks);
    const profiles = notebooks.withEndpoints(ownProfiles);
    const proxy = new HttpProxy(this, {
      on: props.on,
      resources: props.proxy ?? { cpu: '250m', cpuLimit: 1, memory: '512MiB' },
      hubUrl,
      token: secrets.proxyToken,
    });
    const computed = {
      hubUrl,
      proxyApi: `http://${proxy.host}:${PROXY_PORTS.api}`,
      notebooks: notebooks.settings,
      profiles,
      services: hubServices,
      identities: notebooks.identities,
    };
    const hub = new Hub(this, {
      on: props.on,
      resources: props.hub ?? { cpu: '250m', cpuLimit: 2, memory: '1GiB' },
      database: props.database ?? { size: '1GiB' },
      settings: this.settingsFor(props, computed),
      secrets: { ...secrets, tokens: { ...secrets.tokens, ...notebooks.tokenKeys } },
      uses: [...loginUses(props.login), ...databaseUses(props.database)],
    });
    new Ingress(this, 'web', { host: props.host, to: proxy, port: 'http', tls: props.tls });

    const server = notebooks.port(notebooks.settings.port);
    proxy.mayReach(hub.port('http'), server);
    // The hub waits until a new server responds before it adds a route.
    hub.mayReach(proxy.port('api'), server, ...loginReach(this, props.login));
    if (props.database && isPostgres(props.database)) hub.mayReach(props.database.reach);
    // A server validates tokens with the hub, and reports its last activity.
    notebooks.mayReach(hub.port('http'), proxy.port('http'));
    for (const peer of peersOf(services, props)) hub.mayBeReachedBy(peer, 'http');

    if (props.pullImages) for (const [pool, images] of imagesByPool(this, props)) new ImagePuller(this, pool, images);
    if (props.placeholders) new Placeholders(this, props.placeholders, props.notebooksOn ?? props.on);
    placeShares(this, props);
    this.declareServers(props, notebooks, profiles);
    const names = (choices: readonly { readonly name: string }[]) => [...new Set(choices.map(({ name }) => name))].join(', ');
    const options = allOptions(props);
    const optionText = options.length > 0 ? `; options ${names(options)}` : '';
    this.note(`${this.url}: environments ${names(props.environments)}; sizes ${names(allSizes(props))}${optionText}`);
  }

  /** Reports DUPLICATE_HUB_NAMESPACE: KubeSpawner names pods after users, and deletes pods that its hub does not know. */
  private checkNamespace(): void {
    const other = this.node.root.node
      .findAll()
      // Not `instanceof`: cdk8s overrides it, and it is true for every chart.
      .find(
        (node): node is JupyterHub => node !== this && node.constructor === JupyterHub && (node as JupyterHub).namespace === this.namespace,
      );
    if (other) this.problems.add(`${this.path()}/namespace`, hubNamespaceShared(this.namespace, other.node.id));
  }

  /** Notebook servers exist only at run time: their pods are added to the ledger, so that the checks see them. */
  private declareServers(props: JupyterHubProps, notebooks: Notebooks, profiles: readonly Profile[]): void {
    for (const { choice } of allChoices(props)) {
      const on = placementOf(choice);
      if (on) this.checkPlacement(notebooks, on);
    }
    if (props.notebooksOn) this.checkPlacement(notebooks, props.notebooksOn);
    for (const { server, ...demand } of serverDemands(this, props)) {
      const profile = profiles[props.environments.indexOf(server.environment)];
      this.ledger.runtimePods.push({
        ...demand,
        namespace: this.namespace,
        labels: { ...notebooks.labels, ...notebooks.of(server.environment)?.labels },
        ...serverPod(notebooks.settings, profile, server),
      });
    }
  }

  private secretsFor(props: JupyterHubProps, tokens: HubSecrets['tokens']): HubSecrets {
    const name = this.objectName('keys');
    const random = (key: string) => this.needs({ name, key }, { kind: 'random', bytes: 32 });
    const { database } = props;
    if (database && isPostgres(database))
      this.needs(database.url, { kind: 'operator', what: 'URL of the hub database, including the password' });
    return {
      proxyToken: random('proxy-token'),
      cookies: random('cookie-secret'),
      crypt: random('crypt-key'),
      oidcClient: clientSecret(this, props.login),
      tokens,
    };
  }

  private duration(name: string, value: Duration): number {
    return this.problems.number(`${this.path()}/${name}`, () => seconds(value));
  }

  private count(name: 'activeServers' | 'concurrentStarts' | 'namedServers', value: number): number {
    if (!Number.isInteger(value) || value < 1) this.problems.add(`${this.path()}/${name}`, hubCount(value));
    return value;
  }

  /** Kernels are culled by the notebook server: only it knows which of them execute code. */
  private kernelArguments({ cull = {} }: JupyterHubProps): readonly string[] {
    if (cull === 'never' || cull.kernels === undefined || cull.kernels === 'never') return [];
    const { after = '1h', every = '5m', connected = true } = cull.kernels;
    const settings = {
      cull_idle_timeout: this.duration('cull/kernels/after', after),
      cull_interval: this.duration('cull/kernels/every', every),
      cull_connected: connected ? 'True' : 'False',
    };
    return Object.entries(settings).map(([name, value]) => `--MappingKernelManager.${name}=${value}`);
  }

  private settingsFor(
    props: JupyterHubProps,
    computed: Pick<HubSettings, 'hubUrl' | 'proxyApi' | 'notebooks' | 'profiles' | 'services' | 'identities'>,
  ): HubSettings {
    const cull = props.cull ?? {};
    const every = cull === 'never' ? 600 : this.duration('cull/every', cull.every ?? '10m');
    const early = allChoices(props).some(({ choice }) => choice.cull);
    return {
      publicUrl: this.url,
      ...computed,
      database: databaseUrl(props.database, DATABASE),
      namedServers: props.namedServers === undefined ? 0 : this.count('namedServers', props.namedServers),
      activeServers: props.activeServers === undefined ? 0 : this.count('activeServers', props.activeServers),
      concurrentStarts: this.count('concurrentStarts', props.concurrentStarts ?? 64),
      startTimeout: this.duration('startTimeout', props.startTimeout ?? '10m'),
      activityInterval: activityInterval(props),
      cull:
        cull === 'never'
          ? null
          : {
              after: this.duration('cull/after', cull.after ?? '1h'),
              every,
              oldest: cull.oldest === undefined ? 0 : this.duration('cull/oldest', cull.oldest),
            },
      cullEarly: early ? { every: Math.min(every, 60) } : null,
      login: loginSettings(props.login, this.url),
      openMetrics: props.metrics?.access === 'open',
      texts: props.texts ?? {},
      settings: props.settings ?? {},
    };
  }
}

/** Pods that connect to the port of the hub directly. */
function peersOf(services: readonly HubService[], { metrics }: JupyterHubProps) {
  return [...services.map(({ from }) => from), metrics?.from].filter((peer) => peer !== undefined);
}
