import { Construct } from 'constructs';
import type { PodPeer, Target } from '../site';
import { exceptionAnnotations } from './exceptions';
import { declareFlow, dnsTargets, placePolicy } from './flows';
import { place } from './manifest';
import type { ServiceChart } from './service-chart';

/**
 * Pods that a daemon makes at run time: they have a ServiceAccount without rights, and a NetworkPolicy before the first
 * of them exists.
 */
export class SpawnedPods extends Construct {
  readonly serviceAccount: string;
  /** Labels that the daemon must give them. */
  readonly labels: Readonly<Record<string, string>>;
  readonly peer: PodPeer;

  constructor(chart: ServiceChart, id: string) {
    super(chart, id);
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

  /** Lets these pods open connections. */
  mayReach(...targets: readonly Target[]): void {
    declareFlow(this, this.peer, ...targets);
  }

  /** One of their ports, for those who may reach them. */
  port(port: number): Target {
    return { peer: this.peer, port };
  }
}
