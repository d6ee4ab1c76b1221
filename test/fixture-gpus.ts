import { App, Testing } from 'cdk8s';
import { ledgerOf } from '../lib/kubernetes';
import { NvidiaGpus, type NvidiaGpusProps } from '../lib/services/nvidia';
import {
  type Cluster,
  defineSite,
  type ExistingClusterProps,
  existingCluster,
  type Gpus,
  mig,
  type NodePool,
  nodePool,
  rke2,
  type Site,
  type SiteProps,
} from '../lib/site';
import type { Manifest } from './fixture-site';

export const flavor = { vcpus: 64, memory: '512GiB' } as const;
export const prometheus = { kind: 'pods', namespace: 'monitoring', labels: { app: 'prometheus' } } as const;
export const V100 = { product: 'Tesla-V100-PCIE-32GB', memory: '32GiB' } as const;

export const pool = (name: string, gpus: Gpus, more: Partial<Parameters<typeof nodePool>[1]> = {}) =>
  nodePool(name, { flavor, labels: { cards: name }, gpus, ...more });
export const halves = pool('halves', mig('a100-80gb', { perNode: 2, layout: { '3g.40gb': 2 } }));

export function siteOf(
  pools: readonly NodePool[] = [halves],
  cluster: Partial<ExistingClusterProps> = {},
  more: Partial<SiteProps> = {},
): Site {
  return defineSite('lab', { cluster: existingCluster({ version: '1.33', apiServers: ['10.0.0.1:6443'], ...cluster }), pools, ...more });
}

/** Where the library installs Kubernetes. */
export const installed = (cards: typeof halves, cluster: Cluster = rke2({ version: '1.33.1' })) => {
  const control = nodePool('control', { flavor, roles: ['controlplane', 'etcd'], firstAddress: '10.0.0.1' });
  return defineSite('lab', { cluster, pools: [control, { ...cards, firstAddress: '10.0.0.10' }] });
};

export const gpus = (site: Site, props: NvidiaGpusProps = {}) => new NvidiaGpus(new App(), 'gpus', { site, ...props });
export const objects = (chart: NvidiaGpus) => Testing.synth(chart) as Manifest[];
export const of = (chart: NvidiaGpus, kind: string) => objects(chart).filter((one) => one.kind === kind);
export const policy = (site: Site, props: NvidiaGpusProps = {}) => of(gpus(site, props), 'ClusterPolicy')[0]?.spec;
export const problems = (chart: App | NvidiaGpus) => ledgerOf(chart).problems.all;
export const promises = (chart: NvidiaGpus) => ledgerOf(chart).promises.map(({ text }) => text);
/** Data of the ConfigMap of a part; the name that others know it by. */
export const config = (chart: NvidiaGpus, part: string) =>
  of(chart, 'ConfigMap').find(({ metadata }) => metadata.name.startsWith(`gpus-${part}-`));
