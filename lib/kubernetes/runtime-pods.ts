import { Construct } from 'constructs';
import type { Endpoint } from '../endpoints';
import type { PodPeer, Target } from '../site';
import { accessOf, needsToken, placeRoles } from './access';
import { exceptionAnnotations } from './exceptions';
import { declareFlow, dnsTargets, placePolicy } from './flows';
import { place } from './manifest';
import type { ServiceChart } from './service-chart';
import { type Uses, type UsesOptions, useEndpoints } from './uses';

/**
 * Pods that a daemon makes at run time: they have a ServiceAccount without rights, and a NetworkPolicy before the first
 * of them exists.
 */
export class SpawnedPods extends Construct {
  readonly serviceAccount: string;
  /** Labels that the daemon must give them. */
  readonly labels: Readonly<Record<string, string>>;
  readonly peer: PodPeer;

  constructor(
    private readonly client: ServiceChart,
    id: string,
  ) {
    super(client, id);
    const chart = client;
    this.serviceAccount = chart.objectName(id);
    this.labels = chart.labelsOf(id);
    this.peer = chart.peerOf(id);
    place(this, 'service-account', 'v1/ServiceAccount', {
      metadata: { name: this.serviceAccount, labels: this.labels },
      automountServiceAccountToken: false,
    });
    const annotations = exceptionAnnotations({ spawned: `${chart.node.id} makes its pods at run time` });
    placePolicy(this, { name: this.serviceAccount, labels: this.labels, annotations }, this.peer, chart.site);
    declareFlow(this, this.peer, ...dnsTargets(chart.site));
  }

  /**
   * Lets these pods use endpoints: flows and roles are made here; variables and mounts are returned for the daemon's configuration, and
   * with them whether it must mount the token of the ServiceAccount.
   */
  use(endpoints: readonly Endpoint[], options: UsesOptions = {}): Uses & { readonly token: boolean } {
    const uses = useEndpoints(this.client, endpoints, options);
    const access = accessOf(undefined, uses);
    const token = needsToken(access);
    placeRoles(this.client, this, this.node.id, access);
    this.mayReach(...uses.reach);
    if (token) this.mayReach({ peer: { kind: 'api-server' }, port: this.client.site.cluster.apiPort });
    return { ...uses, token };
  }

  /** Lets these pods open connections. */
  mayReach(...targets: readonly Target[]): void {
    declareFlow(this, this.peer, ...targets);
  }

  /** One of their ports, for those who may reach them. */
  port(port: number): Target {
    return { peer: this.peer, port };
  }
}
