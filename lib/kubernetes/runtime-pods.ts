import { Construct } from 'constructs';
import type { Endpoint } from '../endpoints';
import type { PodPeer, Target } from '../site';
import { accessOf, needsToken, placeRoles } from './access';
import { exceptionAnnotations } from './exceptions';
import { declareFlow, dnsTargets, placePolicy } from './flows';
import { place } from './manifest';
import { ownPeer } from './owners';
import { pullSecrets } from './pull-secrets';
import type { ServiceChart } from './service-chart';
import { type Uses, type UsesOptions, useEndpoints } from './uses';

/** What pods that are made at run time get from endpoints, and whether they must mount the token of their ServiceAccount. */
export type SpawnedUses = Uses & { readonly token: boolean };

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
      ...pullSecrets(chart),
    });
    const annotations = exceptionAnnotations({ spawned: `${chart.node.id} makes its pods at run time` });
    placePolicy(this, { name: this.serviceAccount, labels: this.labels, annotations }, this.peer, chart.site);
    declareFlow(this, this.peer, ...dnsTargets(chart.site));
  }

  /**
   * Lets these pods use endpoints: flows and roles are made here; variables and mounts are returned for the daemon's configuration, and
   * with them whether it must mount the token of the ServiceAccount.
   */
  use(endpoints: readonly Endpoint[], options: UsesOptions = {}): SpawnedUses {
    return spawnedUses(this.client, this, this.serviceAccount, this.peer, useEndpoints(this.client, endpoints, options));
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

/**
 * Some of the pods that a daemon makes: those with further labels, which the daemon must give them. They may do what all of them may,
 * and what is declared here beside.
 */
export class SpawnedSubset extends Construct {
  readonly peer: PodPeer;

  constructor(
    private readonly client: ServiceChart,
    id: string,
    private readonly of: SpawnedPods,
    labels: Readonly<Record<string, string>>,
  ) {
    super(client, id);
    const { namespace } = client;
    this.peer = ownPeer(client, { kind: 'pods', namespace, labels: { ...of.peer.labels, ...labels } });
    const annotations = exceptionAnnotations({ spawned: `${client.node.id} makes its pods at run time` });
    placePolicy(this, { name: client.objectName(id), labels: client.labelsOf(id), annotations }, this.peer, client.site);
  }

  /** As `use` of all the pods. */
  use(endpoints: readonly Endpoint[], options: UsesOptions = {}): SpawnedUses {
    return spawnedUses(this.client, this, this.of.serviceAccount, this.peer, useEndpoints(this.client, endpoints, options));
  }
}

function spawnedUses(chart: ServiceChart, scope: Construct, account: string, peer: PodPeer, uses: Uses): SpawnedUses {
  const access = accessOf(undefined, uses);
  const token = needsToken(access);
  placeRoles(chart, scope, scope.node.id, access, account);
  declareFlow(scope, peer, ...uses.reach);
  if (token) declareFlow(scope, peer, { peer: { kind: 'api-server' }, port: chart.site.cluster.apiPort });
  return { ...uses, token };
}
