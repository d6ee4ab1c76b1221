import { checkProps } from '../errors';
import { type GatewayControllerProps, type IngressClassProps, type IngressController, ingressController } from './ingress-controller';
import type { Duration } from './quantity';
import { schemaOf } from './schema';
import type { SecretKey } from './secret';
import type { PodPeer } from './target';

/** What every cluster has, whoever installed it. */
interface AnyCluster {
  /** As written by the operator. */
  readonly version: string;
  /** The second number of the Kubernetes version: 27 of 1.27.16; `NaN` if it cannot be read. */
  readonly minor: number;
  readonly podCidr: string;
  readonly serviceCidr: string;
  /** The IPv6 ranges of a dual-stack cluster. */
  readonly ipv6?: ClusterIpv6;
  /** Suffix of Service names. */
  readonly domain: string;
  /** Pods that answer DNS. */
  readonly dns: PodPeer;
  readonly ingress?: IngressController;
  /** Port of the API servers behind the Service `kubernetes`; of the first one where they differ. */
  readonly apiPort: number;
}

/** The IPv6 half of a dual-stack cluster. It cannot be added to a cluster that exists. */
export interface ClusterIpv6 {
  /** Range of the pods, of which each node takes a /64, e.g. `fd00:42::/56`. */
  readonly podCidr: string;
  /** Range of the Services, from /108 to /124, e.g. `fd00:43::/112`. */
  readonly serviceCidr: string;
}

export type Rke1Network = 'canal' | 'calico' | 'flannel' | 'weave' | 'none';
export type Rke2Network = 'canal' | 'calico' | 'cilium' | 'flannel' | 'none';

/** Copies of etcd's data. */
export interface EtcdSnapshots {
  /** @default 12h */
  readonly every?: Duration;
  /** How many are kept. @default 6 */
  readonly keep?: number;
  /** Upload to S3 as well. The keys never enter the output: the head of the written file says how to add them. @default - on the node alone */
  readonly s3?: SnapshotStore;
}

/** An S3 store for snapshots of etcd, outside the cluster. */
export interface SnapshotStore {
  /** Host name with an optional port; spoken to by https, since a snapshot contains every Secret of the cluster. */
  readonly endpoint: string;
  readonly bucket: string;
  /** @default - none */
  readonly region?: string;
  /** @default - the top of the bucket */
  readonly folder?: string;
  /**
   * Certificate in PEM of the private authority that signed the certificate of the store.
   *
   * @default - the authorities of the site (`egress`), and the public ones
   * @throws INVALID_AUTHORITY
   */
  readonly authority?: string;
}

/** How many nodes an upgrade takes away at a time. */
export interface UpgradeStrategy {
  /** Number or percentage of workers. @default 10% */
  readonly workers?: number | `${number}%`;
  /** @default 1 */
  readonly controlPlanes?: number;
  /** Move the pods away first. @default true */
  readonly drain?: boolean;
}

/** A registry that the nodes pull images from, in place of others. */
export interface PrivateRegistry {
  /** Host, with a port if it is not 443. */
  readonly url: string;
  /** Whether the images of Kubernetes itself are pulled from it. @default true */
  readonly isDefault?: boolean;
  /**
   * Registries whose images it has, each with the project below which it has them (`{ 'quay.io': 'quay-proxy' }`), or an empty text for the same
   * path. RKE's Docker can mirror `docker.io` under the same path only.
   *
   * @default - `{ 'docker.io': '' }` of the default registry, none of others
   * @throws INVALID_REGISTRY_MIRROR, UNSUPPORTED_REGISTRY_MIRROR
   */
  readonly mirrors?: Readonly<Record<string, string>>;
  /**
   * Whether nodes log in. User name and password never enter the output: with RKE, the head of `cluster.yml` says how to add them; with RKE2,
   * each node reads them from `/etc/rancher/rke2/registries-login.yaml` and starts once that file exists.
   *
   * @default false
   */
  readonly login?: boolean;
}

/** What an operator says about a cluster that RKE or RKE2 installs: the two read the same description. */
export interface RancherClusterProps<Network extends string> {
  /**
   * Kubernetes version, `1.27.16`, or the full name of the distribution's release (`v1.27.16-rancher1-1`, `v1.27.16+rke2r1`).
   * A release name of the other distribution is read as the Kubernetes version in it.
   */
  readonly version: string;
  /** @default canal */
  readonly network?: Network;
  /** MTU of the pod network. @default - what fits into the MTU of the cloud's network, where that is given */
  readonly mtu?: number;
  /** @default nginx */
  readonly ingress?: 'nginx' | 'traefik' | 'none';
  /** @default 10.42.0.0/16 */
  readonly podCidr?: string;
  /** @default 10.43.0.0/16 */
  readonly serviceCidr?: string;
  /**
   * IPv6 ranges of pods and Services, for a dual-stack cluster; the network of the nodes needs one as well. Only with RKE2.
   *
   * @default - IPv4 only
   * @throws UNSUPPORTED_IPV6, MISSING_IPV6, CONFLICTING_CIDR
   */
  readonly ipv6?: ClusterIpv6;
  /** First and last port of Services of type NodePort. @default '30000-32767' */
  readonly nodePorts?: `${number}-${number}`;
  /** Further names and addresses in the API server's certificate. @default - none beside nodes and public address */
  readonly sans?: readonly string[];
  /** @default - every 12 hours, six are kept, on the node alone */
  readonly etcdSnapshots?: EtcdSnapshots;
  /** @default - none */
  readonly privateRegistries?: readonly PrivateRegistry[];
  /** Manifests that the installer applies itself, as paths or URLs. @default - none */
  readonly addons?: readonly string[];
  /** @default { workers: '10%', controlPlanes: 1, drain: true } */
  readonly upgrade?: UpgradeStrategy;
  /** `external` when a cloud controller manager initializes the nodes. @default - `external` if the site asks for one, else none */
  readonly cloudProvider?: 'external' | 'none';
  /** Encrypt Secrets in etcd. @default true */
  readonly encryptSecrets?: boolean;
  /** Further arguments, by component, e.g. `{ kubelet: { 'max-pods': '200' } }`. @default - none */
  readonly arguments?: Readonly<Partial<Record<KubernetesComponent, Readonly<Record<string, string>>>>>;
}

export type KubernetesComponent = 'etcd' | 'kube-apiserver' | 'kube-controller-manager' | 'kube-scheduler' | 'kubelet' | 'kube-proxy';

/** Kubernetes installed by RKE from `cluster.yml`. */
export interface Rke1Cluster extends AnyCluster {
  readonly kind: 'rke1';
  readonly props: RancherClusterProps<Rke1Network>;
}

/** Kubernetes installed by RKE2 from `config.yaml`. */
export interface Rke2Cluster extends AnyCluster {
  readonly kind: 'rke2';
  readonly props: RancherClusterProps<Rke2Network>;
  /** Token with which nodes join; kept out of the output. */
  readonly token: SecretKey;
}

/** Kubernetes that somebody else runs. */
export interface ExistingCluster extends AnyCluster {
  readonly kind: 'existing';
  /** Addresses of the API servers, as `kubectl get endpoints kubernetes` shows them, each as a CIDR of one address. */
  readonly apiServers: readonly string[];
  /** The port of each API server, in the order of `apiServers`. */
  readonly apiPorts: readonly number[];
}

export type Cluster = Rke1Cluster | Rke2Cluster | ExistingCluster;

const KUBE_DNS: PodPeer = { kind: 'pods', namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } };

/**
 * Kubernetes by RKE (`rke up`): Docker on every node, installed over SSH.
 *
 * RKE's last line ended in July 2025; it is here for the sites that run it. `rke2` takes the same description.
 *
 * @see https://rke.docs.rancher.com/config-options
 */
export function rke1(props: RancherClusterProps<Rke1Network>): Rke1Cluster {
  return {
    kind: 'rke1',
    props,
    ...rancher('RancherClusterPropsOfRke1Network', props),
    ingress: ingressOf(props.ingress, {
      nginx: {
        className: 'nginx',
        controller: 'nginx',
        pods: { kind: 'pods', namespace: 'ingress-nginx', labels: { app: 'ingress-nginx' } },
      },
    }),
  };
}

/**
 * Kubernetes by RKE2: containerd, joined by a token.
 *
 * @see https://docs.rke2.io/reference/server_config
 */
export function rke2(props: RancherClusterProps<Rke2Network>): Rke2Cluster {
  return {
    kind: 'rke2',
    props,
    ...rancher('RancherClusterPropsOfRke2Network', props),
    token: { name: 'rke2-token', key: 'token' },
    ingress: ingressOf(props.ingress, {
      nginx: {
        className: 'nginx',
        controller: 'nginx',
        pods: { kind: 'pods', namespace: 'kube-system', labels: { 'app.kubernetes.io/name': 'rke2-ingress-nginx' } },
      },
      traefik: {
        className: 'traefik',
        controller: 'traefik',
        pods: { kind: 'pods', namespace: 'kube-system', labels: { 'app.kubernetes.io/name': 'rke2-traefik' } },
      },
    }),
  };
}

/** What an operator says about a cluster that somebody else runs. */
export interface ExistingClusterProps {
  /** Version of Kubernetes, e.g. `1.31`. */
  readonly version: string;
  /**
   * Address and port of each API server, as `kubectl get endpoints kubernetes` shows them, e.g. `['10.0.0.10:6443']`; the ports may differ.
   * Without a port: 6443.
   */
  readonly apiServers: readonly string[];
  /**
   * How HTTP enters the cluster: the class of an ingress controller, or a Gateway.
   *
   * @default - no ingress: nothing is published by host name
   */
  readonly ingress?: IngressClassProps | GatewayControllerProps;
  /** @default 10.42.0.0/16 */
  readonly podCidr?: string;
  /** @default 10.43.0.0/16 */
  readonly serviceCidr?: string;
  /** IPv6 ranges of pods and Services of a dual-stack cluster. @default - IPv4 only */
  readonly ipv6?: ClusterIpv6;
  /** @default cluster.local */
  readonly domain?: string;
  /** Labels of the DNS pods in `kube-system`. @default { 'k8s-app': 'kube-dns' } */
  readonly dnsLabels?: Readonly<Record<string, string>>;
}

/** A cluster that exists: nothing is provisioned and nothing installed, manifests are all that is written. @throws MISSING_PROP */
export function existingCluster(props: ExistingClusterProps): ExistingCluster {
  checkProps(schemaOf('ExistingClusterProps'), 'existingCluster', props);
  const servers = props.apiServers.map(apiServerOf);
  return {
    kind: 'existing',
    version: props.version,
    minor: minorOf(props.version),
    podCidr: props.podCidr ?? '10.42.0.0/16',
    serviceCidr: props.serviceCidr ?? '10.43.0.0/16',
    ...(props.ipv6 ? { ipv6: props.ipv6 } : {}),
    domain: props.domain ?? 'cluster.local',
    dns: { ...KUBE_DNS, labels: props.dnsLabels ?? KUBE_DNS.labels },
    ingress: props.ingress && ingressController(props.ingress),
    apiPort: servers[0]?.port ?? API_PORT,
    apiServers: servers.map(({ cidr }) => cidr),
    apiPorts: servers.map(({ port }) => port),
  };
}

const API_PORT = 6443;

/** Address and port of one API server. What cannot be read is reported when the site is defined. */
function apiServerOf(server: string): { readonly cidr: string; readonly port: number } {
  const [, address6, port6] = /^\[([^\]]*)\](?::(.*))?$/.exec(String(server)) ?? [];
  const [address = '', port] = address6 === undefined ? String(server).split(':') : [address6, port6];
  return { cidr: `${address}/${address6 === undefined ? 32 : 128}`, port: port === undefined ? API_PORT : Number(port) };
}

/** The Kubernetes version in a release name: `1.27.16` of `v1.27.16-rancher1-1`; undefined if there is none. */
export function kubernetesVersion(version: string): string | undefined {
  return /^v?(1\.\d+(?:\.\d+)?)(?:[-+].*)?$/.exec(String(version))?.[1];
}

function minorOf(version: string): number {
  return Number(kubernetesVersion(version)?.split('.')[1] ?? Number.NaN);
}

function rancher(definition: string, props: RancherClusterProps<string>): Omit<AnyCluster, 'kind' | 'ingress'> {
  checkProps(schemaOf(definition), 'cluster', props, 'later');
  return {
    version: props.version,
    minor: minorOf(props.version),
    podCidr: props.podCidr ?? '10.42.0.0/16',
    serviceCidr: props.serviceCidr ?? '10.43.0.0/16',
    ...(props.ipv6 ? { ipv6: props.ipv6 } : {}),
    domain: 'cluster.local',
    dns: KUBE_DNS,
    apiPort: API_PORT,
  };
}

function ingressOf(
  chosen: 'nginx' | 'traefik' | 'none' = 'nginx',
  known: Readonly<Partial<Record<'nginx' | 'traefik', IngressController>>>,
): IngressController | undefined {
  return chosen === 'none' ? undefined : known[chosen];
}
