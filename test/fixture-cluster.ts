import { parse } from 'yaml';
import { clusterFiles, clusterProblems } from '../lib/cluster';
import {
  defineSite,
  existingCluster,
  type NodePoolProps,
  nodePool,
  type OpenStackProps,
  type RancherClusterProps,
  type Rke1Network,
  type Rke2Network,
  rke1,
  rke2,
  type Site,
  type SiteProps,
} from '../lib/site';
import * as fixture from './fixture-site';

export type Json = any;

const flavor = { name: 'm1.large', vcpus: 8, memory: '16GiB' } as const;
export const image = 'AlmaLinux-9.2';
export const pool = (name: string, props: Partial<NodePoolProps> = {}) => nodePool(name, { flavor, image, ...props });
export const master = fixture.master();
export const worker = fixture.worker({ count: 2 });
export const cloud = (props: Partial<OpenStackProps> = {}) => fixture.cloud({ publicAddress: '198.51.100.10', mtu: 1500, ...props });

export type Rke1Props = Partial<RancherClusterProps<Rke1Network>>;
export type Rke2Props = Partial<RancherClusterProps<Rke2Network>>;
/** Cluster properties as they come from JSON, where types cannot help. */
export type Untyped = Record<string, unknown>;

export const site = (cluster: SiteProps['cluster'], props: Partial<SiteProps> = {}): Site =>
  defineSite('napoli', { cluster, cloud: cloud(), pools: [master, worker], ...props });
/** One master and two workers, installed by RKE. */
export const one = (props: Rke1Props | Untyped = {}, more: Partial<SiteProps> = {}) =>
  site(rke1({ version: '1.27.16', ...props } as RancherClusterProps<Rke1Network>), more);
/** The same, installed by RKE2. */
export const two = (props: Rke2Props | Untyped = {}, more: Partial<SiteProps> = {}) =>
  site(rke2({ version: '1.31.9', ...props } as RancherClusterProps<Rke2Network>), more);
/** A worker of a cluster that somebody else installed. */
export const foreign = () =>
  site(existingCluster({ version: '1.31', apiServers: ['10.0.0.1:6443'] }), { cloud: undefined, pools: [pool('worker')] });

/** `CODE path` of each mistake. */
export const codes = (given: Site) => clusterProblems(given).map(({ code, path }) => `${code} ${path}`);
/** The text of the file at a path; there must be one. */
export const file = (given: Site, path: string) => {
  const found = clusterFiles(given).find((it) => it.path === path);
  if (!found) throw new Error(`no ${path} among ${clusterFiles(given).map((it) => it.path)}`);
  return found.text;
};
/** As RKE and RKE2 read it: by YAML 1.1. */
export const read = (text: string): Json => parse(text, { version: '1.1' });
export const config = (given: Site, node: string): Json => read(file(given, `nodes/${node}/config.yaml`));

/** Each of another value than the default. */
export const everyRke1Option: Required<RancherClusterProps<Rke1Network>> = {
  version: 'v1.27.16-rancher1-1',
  network: 'calico',
  mtu: 1480,
  ingress: 'none',
  podCidr: '10.52.0.0/16',
  serviceCidr: '10.53.0.0/16',
  nodePorts: '30000-31000',
  sans: ['k8s.example.org'],
  etcdSnapshots: {
    every: '6h',
    keep: 12,
    s3: { endpoint: 'https://s3.example.org:9000/', bucket: 'etcd', region: 'bari', folder: 'napoli' },
  },
  privateRegistries: [{ url: 'registry.example.org:5000' }, { url: 'other.example.org', isDefault: false }],
  addons: ['https://example.org/v1/addon.yaml'],
  upgrade: { workers: 2, controlPlanes: 1, drain: false },
  cloudProvider: 'external',
  encryptSecrets: false,
  arguments: {
    etcd: { 'quota-backend-bytes': '8589934592' },
    'kube-apiserver': { profiling: 'false' },
    'kube-controller-manager': { 'terminated-pod-gc-threshold': '100' },
    'kube-scheduler': { profiling: 'false' },
    kubelet: { 'max-pods': '200' },
    'kube-proxy': { 'proxy-mode': 'ipvs' },
  },
};
