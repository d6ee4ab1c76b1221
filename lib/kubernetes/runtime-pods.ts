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

/** Settings of endpoints for pods that are created at run time, and whether these must mount the token of their ServiceAccount. */
export type SpawnedUses = Uses & { readonly token: boolean };

/**
 * Pods that a daemon creates at run time. They get a ServiceAccount without roles, and a NetworkPolicy that exists before the first pod.
 */
export class SpawnedPods extends Construct {
  readonly serviceAccount: string;
  /** Labels that the daemon must set on the pods. */
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
    const annotations = exceptionAnnotations({ spawned: `${chart.node.id} creates its pods at run time` });
    placePolicy(this, { name: this.serviceAccount, labels: this.labels, annotations }, this.peer, chart.site);
    declareFlow(this, this.peer, ...dnsTargets(chart.site));
  }

  /**
   * Lets these pods use endpoints. Creates flows and roles; returns variables and mounts for the configuration of the daemon, and whether it
   * must mount the token of the ServiceAccount.
   */
  use(endpoints: readonly Endpoint[], options: UsesOptions = {}): SpawnedUses {
    return spawnedUses(this.client, this, this.serviceAccount, this.peer, useEndpoints(this.client, endpoints, options));
  }

  /** Allows these pods to open connections to the targets. */
  mayReach(...targets: readonly Target[]): void {
    declareFlow(this, this.peer, ...targets);
  }

  /** One of their ports, as the target of a flow. */
  port(port: number): Target {
    return { peer: this.peer, port };
  }
}

/**
 * A subset of the pods that a daemon creates, selected by additional labels that the daemon must set. They have all flows and roles of
 * `SpawnedPods`, and those that are declared here.
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
    const annotations = exceptionAnnotations({ spawned: `${client.node.id} creates its pods at run time` });
    placePolicy(this, { name: client.objectName(id), labels: client.labelsOf(id), annotations }, this.peer, client.site);
  }

  /** Like `use` of `SpawnedPods`, for this subset. */
  use(endpoints: readonly Endpoint[], options: UsesOptions = {}): SpawnedUses {
    return spawnedUses(this.client, this, this.of.serviceAccount, this.peer, useEndpoints(this.client, endpoints, options));
  }
}

function spawnedUses(chart: ServiceChart, scope: Construct, account: string, peer: PodPeer, uses: Uses): SpawnedUses {
  const access = accessOf(undefined, uses);
  const token = needsToken(access);
  placeRoles(chart, scope, scope.node.id, access, account);
  declareFlow(scope, peer, ...uses.reach);
  for (const { from, port } of uses.callers) declareFlow(scope, from, { peer, port });
  if (token) declareFlow(scope, peer, { peer: { kind: 'api-server' }, port: chart.site.cluster.apiPort });
  return { ...uses, token };
}
