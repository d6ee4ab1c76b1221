import type { Construct } from 'constructs';
import { bucketInvalid, userInvalid } from '../../errors';
import { Ingress, INSTANCE_LABEL, place, ServiceChart } from '../../kubernetes';
import { bytes, memoryText, type S3Endpoint, secret, type SecretKey, type Target } from '../../site';
import { type ErasureCode, erasureCode } from './erasure';
import type { Bucket, MinIOProps, MinIOUser } from './props';
import { Server } from './server';
import { Setup } from './setup';

/** An S3 store of one pool: servers, a Service in front of them, and the Job that makes buckets and users. */
export class MinIO extends ServiceChart {
  /** What a client needs in order to work with the first user and bucket. */
  readonly endpoint: S3Endpoint;
  private readonly reach: Target;
  private readonly url: string;
  private readonly buckets: readonly Bucket[];
  private readonly region: string;

  constructor(scope: Construct, id: string, props: MinIOProps) {
    super(scope, id, props, 'minio');
    const servers = props.servers ?? 4;
    const drives = props.drivesPerServer ?? 1;
    const image = props.image ?? this.image('minio');
    const users = props.users ?? [{ name: 'analysis' }];
    this.buckets = props.buckets ?? [{ name: 'scratch' }];
    this.region = props.region ?? 'us-east-1';
    this.checkNames(users);
    const code = this.problems.attempt(`${this.path()}/servers`, () => erasureCode(servers, drives, props.parity));

    const root = {
      user: this.needs(secret(`${id}-root`, 'user'), { kind: 'random', bytes: 10 }),
      password: this.needs(secret(`${id}-root`, 'password'), { kind: 'random', bytes: 32 }),
    };
    const server = new Server(this, props, { servers, drives, root, image });
    const service = this.placeService(server);
    this.reach = server.port('s3');
    this.url = `http://${service}.${this.space}.svc.${this.site.cluster.domain}:9000`;

    // Each server reads and writes the drives of all others.
    if (servers > 1) server.mayReach(server.port('s3'));
    const setup = new Setup(this, { on: props.on, image, url: this.url, root, buckets: this.buckets, users: users.map((user) => this.keysOf(user)) });
    setup.mayReach(server.port('s3'));
    if (props.host) new Ingress(this, 's3', { host: props.host, to: server, port: 's3', service, tls: props.tls });
    if (props.consoleHost) new Ingress(this, 'console', { host: props.consoleHost, to: server, port: 'console', service, tls: props.tls });

    this.endpoint = this.endpointFor(users[0] ?? { name: 'analysis' });
    if (code) this.promiseLoss(code, servers, drives, props);
  }

  /** The store as one of its users sees it. */
  endpointFor(user: MinIOUser): S3Endpoint {
    const { accessKey, secretKey } = this.secretsOf(user);
    return {
      kind: 's3',
      url: this.url,
      region: this.region,
      accessKey,
      secretKey,
      bucket: (user.buckets ?? this.buckets.map(({ name }) => name))[0],
      reach: this.reach,
    };
  }

  private secretsOf(user: MinIOUser): { readonly accessKey: SecretKey; readonly secretKey: SecretKey } {
    const name = `${this.node.id}-${user.name}`;
    return { accessKey: secret(name, 'access-key'), secretKey: secret(name, 'secret-key') };
  }

  private keysOf(user: MinIOUser): { readonly user: MinIOUser; readonly accessKey: SecretKey; readonly secretKey: SecretKey } {
    const { accessKey, secretKey } = this.secretsOf(user);
    this.needs(accessKey, { kind: 'fixed', value: user.name });
    this.needs(secretKey, { kind: 'random', bytes: 20 });
    return { user, accessKey, secretKey };
  }

  /** Clients come through a Service of ready servers; the headless one of the members names them all. */
  private placeService(server: Server): string {
    const name = this.objectName('s3');
    place(this, 'service', 'v1/Service', {
      metadata: { name, labels: this.labelsOf('s3') },
      spec: {
        type: 'ClusterIP',
        selector: { [INSTANCE_LABEL]: server.name },
        ports: [
          { name: 's3', port: 9000, targetPort: 's3', protocol: 'TCP' },
          { name: 'console', port: 9001, targetPort: 'console', protocol: 'TCP' },
        ],
      },
    });
    return name;
  }

  private checkNames(users: readonly MinIOUser[]): void {
    for (const { name } of this.buckets) {
      if (!/^[a-z0-9]([a-z0-9-]{1,61})[a-z0-9]$/.test(name)) this.problems.add(`${this.path()}/buckets`, bucketInvalid(name));
    }
    for (const { name, buckets = [] } of users) {
      if (!/^[a-z0-9]([a-z0-9-]{1,18})[a-z0-9]$/.test(name)) this.problems.add(`${this.path()}/users`, userInvalid(name));
      for (const bucket of buckets) {
        if (!this.buckets.some((one) => one.name === bucket)) this.problems.add(`${this.path()}/users/${name}`, bucketInvalid(bucket));
      }
    }
  }

  private promiseLoss(code: ErasureCode, servers: number, drives: number, props: MinIOProps): void {
    const size = this.problems.number(`${this.path()}/driveSize`, () => bytes(props.driveSize ?? '100GiB'));
    const raw = size * servers * drives;
    const space = `usable ${memoryText(raw * code.usable)} of ${memoryText(raw)}`;
    if (code.parity === 0) {
      this.warn('no parity: what is on a drive is lost with it');
      this.promise(space);
      return;
    }
    if (props.apart === 'preferred') this.warn('servers may share a node; a lost node may take more than one of them');
    this.promise(
      `survives the loss of ${code.serversLostWriting} of ${servers} servers (reading: ${code.serversLostReading}), ` +
        `or of ${code.setSize - code.writeQuorum} of ${code.setSize} drives of a set (reading: ${code.parity}); ${space}`,
    );
  }
}
