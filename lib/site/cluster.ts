import { checkProps } from '../errors';
import { isIpv6 } from './address6';
import { hostAndPort } from './host-port';
import { type GatewayControllerProps, type IngressClassProps, type IngressController, ingressController } from './ingress-controller';
import type { Duration } from './quantity';
import { schemaOf } from './schema';
import type { SecretKey } from './secret';
import type { PodPeer } from './target';

/** Properties of every cluster. */
interface AnyCluster {
  /** As written by the operator. */
  readonly version: string;
  /** Minor version of Kubernetes: 27 of 1.27.16; `NaN` if the version is invalid. */
  readonly minor: number;
  readonly podCidr: string;
  readonly serviceCidr: string;
  /** The IPv6 ranges of a dual-stack cluster. */
  readonly ipv6?: ClusterIpv6;
  /** Suffix of Service names. */
  readonly domain: string;
  /** Pods of the cluster DNS. */
  readonly dns: PodPeer;
  readonly ingress?: IngressController;
  /** Port of the API servers behind the Service `kubernetes`; if they differ, that of the first one. */
  readonly apiPort: number;
}

/** IPv6 ranges of a dual-stack cluster. They cannot be added to an existing cluster. */
export interface ClusterIpv6 {
  /** Range of the pods, of which each node gets a /64, e.g. `fd00:42::/56`. */
  readonly podCidr: string;
  /** Range of the Services, from /108 to /124, e.g. `fd00:43::/112`. */
  readonly serviceCidr: string;
}

export type Rke1Network = 'canal' | 'calico' | 'flannel' | 'weave' | 'none';
export type Rke2Network = 'canal' | 'calico' | 'cilium' | 'flannel' | 'none';

/** Snapshots of etcd. */
export interface EtcdSnapshots {
  /** Interval between snapshots. @default 12h */
  readonly every?: Duration;
  /** Number of snapshots to keep. @default 6 */
  readonly keep?: number;
  /** Also upload to S3. The keys are never written; the header of the written file explains how to add them. @default - only on the node */
  readonly s3?: SnapshotStore;
}

/** S3 bucket outside the cluster for etcd snapshots. */
export interface SnapshotStore {
  /** Host name with an optional port. HTTPS is used, since a snapshot contains every Secret of the cluster. */
  readonly endpoint: string;
  readonly bucket: string;
  /** @default - none */
  readonly region?: string;
  /**
   * @mayBeEmpty
   * @default - the root of the bucket
   */
  readonly folder?: string;
  /**
   * CA certificate (PEM) of the S3 endpoint, if it has a private CA.
   *
   * @default - the CAs of the site (`egress`) and the public CAs
   * @throws INVALID_AUTHORITY
   */
  readonly authority?: string;
}

/** How many nodes are upgraded at a time. */
export interface UpgradeStrategy {
  /** Number or percentage of worker nodes. @default 10% */
  readonly workers?: number | `${number}%`;
  /** Number of control-plane nodes. @default 1 */
  readonly controlPlanes?: number;
  /** Drain nodes before the upgrade. @default true */
  readonly drain?: boolean;
}

/** A container registry from which the nodes pull images instead of the original registries. */
export interface PrivateRegistry {
  /** Host name, with the port if it is not 443. */
  readonly url: string;
  /** Whether the system images of Kubernetes are pulled from it. @default true */
  readonly isDefault?: boolean;
  /**
   * Registries that it mirrors, each with the project in which their images are (`{ 'quay.io': 'quay-proxy' }`), or an empty string for the
   * same path. With RKE (Docker), only `docker.io` can be mirrored, and only under the same path.
   *
   * @default - `{ 'docker.io': '' }` for the default registry, none for others
   * @throws INVALID_REGISTRY_MIRROR, UNSUPPORTED_REGISTRY_MIRROR
   */
  readonly mirrors?: Readonly<Record<string, string>>;
  /**
   * Whether nodes must log in. User name and password are never written: with RKE, the header of `cluster.yml` explains how to add them; with
   * RKE2, each node reads them from `/etc/rancher/rke2/registries-login.yaml` and does not start before that file exists.
   *
   * @default false
   */
  readonly login?: boolean;
}

/** Props of a cluster that RKE or RKE2 installs; both take the same props. */
export interface RancherClusterProps<Network extends string> {
  /**
   * Kubernetes version, `1.27.16`, or the full name of the distribution's release (`v1.27.16-rancher1-1`, `v1.27.16+rke2r1`).
   * Of a release name of the other distribution, only the Kubernetes version is used.
   */
  readonly version: string;
  /** @default canal */
  readonly network?: Network;
  /** MTU of the pod network. @default - computed from `mtu` of the cloud, if given */
  readonly mtu?: number;
  /** @default nginx */
  readonly ingress?: 'nginx' | 'traefik' | 'none';
  /** @default 10.42.0.0/16 */
  readonly podCidr?: string;
  /** @default 10.43.0.0/16 */
  readonly serviceCidr?: string;
  /**
   * IPv6 ranges of pods and Services for a dual-stack cluster; the cloud needs `ipv6` as well. Only with RKE2.
   *
   * @default - IPv4 only
   * @throws UNSUPPORTED_IPV6, MISSING_IPV6, CONFLICTING_CIDR
   */
  readonly ipv6?: ClusterIpv6;
  /** First and last port of Services of type NodePort. @default '30000-32767' */
  readonly nodePorts?: `${number}-${number}`;
  /** Further names and addresses in the certificate of the API server. @default - only nodes and public address */
  readonly sans?: readonly string[];
  /** @default - every 12 hours, 6 snapshots, only on the node */
  readonly etcdSnapshots?: EtcdSnapshots;
  /** @default - none */
  readonly privateRegistries?: readonly PrivateRegistry[];
  /** Manifests that the installer applies, as paths or URLs. @default - none */
  readonly addons?: readonly string[];
  /** @default { workers: '10%', controlPlanes: 1, drain: true } */
  readonly upgrade?: UpgradeStrategy;
  /** `external` if a cloud controller manager initializes the nodes. @default - `external` if `cloudController` is set, else `none` */
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
  /** @inline */
  readonly props: RancherClusterProps<Rke1Network>;
}

/** Kubernetes installed by RKE2 from `config.yaml`. */
export interface Rke2Cluster extends AnyCluster {
  readonly kind: 'rke2';
  /** @inline */
  readonly props: RancherClusterProps<Rke2Network>;
  /** Secret with the token with which nodes join; the value is never written. */
  readonly token: SecretKey;
}

/** An existing Kubernetes cluster. */
export interface ExistingCluster extends AnyCluster {
  readonly kind: 'existing';
  /** Addresses of the API servers, as `kubectl get endpointslices -n default -l kubernetes.io/service-name=kubernetes` prints them, each as a CIDR of one address. */
  readonly apiServers: readonly string[];
  /** The port of each API server, in the order of `apiServers`. */
  readonly apiPorts: readonly number[];
}

export type Cluster = Rke1Cluster | Rke2Cluster | ExistingCluster;

const KUBE_DNS: PodPeer = { kind: 'pods', namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } };

/**
 * Kubernetes installed by RKE (`rke up`): Docker on every node, installed over SSH.
 *
 * RKE reached its end of life in July 2025; it is supported for existing sites, which cannot be converted to RKE2 in place.
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
 * Kubernetes installed by RKE2: containerd; nodes join with a token.
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

/** Props of an existing cluster. */
export interface ExistingClusterProps {
  /** Kubernetes version, e.g. `1.31`. */
  readonly version: string;
  /**
   * Address and port of each API server, as `kubectl get endpointslices -n default -l kubernetes.io/service-name=kubernetes` prints them, e.g. `['10.0.0.10:6443']`; the ports may differ.
   * The default port is 6443.
   */
  readonly apiServers: readonly string[];
  /**
   * Ingress controller or Gateway that serves HTTP.
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

/** An existing cluster: nothing is provisioned or installed, only manifests are written. @throws MISSING_PROP */
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

/** Address and port of one API server; the whole text if it is invalid, which is reported when the site is defined. */
function apiServerOf(server: string): { readonly cidr: string; readonly port: number } {
  const { host = String(server), port = API_PORT } = hostAndPort(server) ?? {};
  const address = host.replace(/^\[(.*)\]$/, '$1');
  return { cidr: `${address}/${isIpv6(address) ? 128 : 32}`, port };
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
