import type { Construct } from 'constructs';
import { type S3Endpoint, s3Endpoint } from '../../endpoints';
import { declareFlow, Ingress, ipFamilies, place, publishedTarget, ServiceChart } from '../../kubernetes';
import type { PodPeer, SecretKey, Target } from '../../site';
import { certificatesOf } from './certificates';
import { contentsOf } from './contents';
import type { Contents, MinIOUser, StoreAccount } from './contents-props';
import { minIO } from './description';
import { type Pool, poolsOf } from './pools';
import { PORTS } from './ports';
import type { MinIOProps } from './props';
import { Server, STORE } from './server';
import { type Credentials, Setup } from './setup';
import { noteFaultTolerance, usableSpace } from './summary-note';

/** An S3 object store: pools of servers, a Service for clients, and a Job that creates buckets and users. */
export class MinIO extends ServiceChart {
  /** Endpoint with the credentials of the first user and the first bucket. */
  readonly endpoint: S3Endpoint;
  /** Protocol of the servers. */
  readonly scheme: 'http' | 'https';
  private readonly reach: Target;
  private readonly url: string;
  private readonly contents: Contents;
  private readonly region: string;
  private readonly authority: SecretKey | undefined;
  private readonly host: string | undefined;

  constructor(scope: Construct, id: string, props: MinIOProps) {
    super(scope, id, props, minIO);
    this.scheme = props.serverTls ? 'https' : 'http';
    this.region = props.region ?? 'us-east-1';
    this.host = props.host;
    const image = props.image ?? this.image('minio');
    const pools = poolsOf(this, props, this.scheme);
    this.contents = contentsOf(this, props, usableSpace(pools));
    const root = {
      user: this.needs({ name: `${id}-root`, key: 'user' }, { kind: 'random', bytes: 10 }),
      password: this.needs({ name: `${id}-root`, key: 'password' }, { kind: 'random', bytes: 32 }),
    };
    const certificates = certificatesOf(this, props, pools);
    this.authority = certificates?.authority;

    const servers = pools.map((pool) => new Server(this, props, { pool, pools, root, image, certificates: certificates?.volume }));
    const service = this.placeService(pools);
    this.reach = { peer: this.serversOf(pools), port: PORTS.s3 };
    this.url = `${this.scheme}://${service}.${this.namespace}.svc.${this.site.cluster.domain}:${PORTS.s3}`;
    for (const server of servers) {
      // Each server accesses the drives of all others.
      if (pools.length > 1 || (pools[0]?.servers ?? 1) > 1) server.mayReach(this.reach);
    }
    if (props.login?.clientSecret)
      this.needs(props.login.clientSecret, { kind: 'operator', what: `client secret of ${props.login.client}` });
    if (props.metrics) declareFlow(this, props.metrics.from, this.reach);

    const setup = new Setup(this, {
      on: props.on,
      image,
      url: this.url,
      root,
      contents: this.contents,
      credentials: this.credentials(),
      authority: this.authority,
    });
    setup.mayReach(this.reach);
    const [server] = servers;
    if (server) this.publish(props, server, service);

    this.endpoint = this.endpointFor(this.contents.users[0] ?? { name: 'analysis' });
    noteFaultTolerance(this, props, pools);
  }

  /** Endpoint with the credentials of a user, or of a service account of that user. */
  endpointFor(user: MinIOUser, account?: StoreAccount): S3Endpoint {
    const [bucket] = user.buckets ?? this.contents.buckets.map(({ name }) => name);
    const common = {
      name: this.node.id,
      region: this.region,
      ...this.credentialsOf((account ?? user).name),
      ...(bucket === undefined ? {} : { bucket }),
    };
    return s3Endpoint({
      ...common,
      url: this.url,
      reach: [this.reach],
      ...(this.authority ? { authority: this.authority } : {}),
      origin: this.origin,
      ...(this.host
        ? { external: s3Endpoint({ ...common, url: `https://${this.host}`, reach: [publishedTarget(this.site, this.host)] }) }
        : {
            publish:
              "set host of the store, e.g. host: 's3.example.org': clients outside the cluster then connect through the ingress controller",
          }),
    });
  }

  private credentialsOf(name: string): Credentials {
    const secret = `${this.node.id}-${name}`;
    return { accessKey: { name: secret, key: 'access-key' }, secretKey: { name: secret, key: 'secret-key' } };
  }

  /** Credentials of users and service accounts, by name. The access key is the name. */
  private credentials(): Record<string, Credentials> {
    const names = this.contents.users.flatMap(({ name, serviceAccounts = [] }) => [
      name,
      ...serviceAccounts.map((account) => account.name),
    ]);
    return Object.fromEntries(
      names.map((name) => {
        const { accessKey, secretKey } = this.credentialsOf(name);
        this.needs(accessKey, { kind: 'fixed', value: name });
        this.needs(secretKey, { kind: 'random', bytes: 20 });
        return [name, { accessKey, secretKey }];
      }),
    );
  }

  /** Pods of all servers. */
  private serversOf(pools: readonly Pool[]): PodPeer {
    const [first] = pools;
    return pools.length === 1 && first ? this.peerOf(first.part) : this.groupOf(STORE);
  }

  /** Service for clients, with only the ready servers; the headless Services of the pools have all of them. */
  private placeService(pools: readonly Pool[]): string {
    const name = this.objectName(STORE);
    place(this, 'service', 'v1/Service', {
      metadata: { name, labels: this.labelsOf(STORE) },
      spec: {
        type: 'ClusterIP',
        ...ipFamilies(this.site),
        selector: this.serversOf(pools).labels,
        ports: [
          { name: 's3', port: PORTS.s3, targetPort: 's3', protocol: 'TCP' },
          { name: 'console', port: PORTS.console, targetPort: 'console', protocol: 'TCP' },
        ],
      },
    });
    return name;
  }

  private publish(props: MinIOProps, to: Server, service: string): void {
    const https = props.serverTls !== undefined;
    if (props.host) new Ingress(this, 's3', { host: props.host, to, port: 's3', service, tls: props.tls, https });
    if (props.consoleHost) new Ingress(this, 'console', { host: props.consoleHost, to, port: 'console', service, tls: props.tls, https });
  }
}
