import { kubeletArguments, type Rke2Cluster, type Rke2Network, roleTaints, type Site, type SiteNode, seconds } from '../site';
import { podMtu } from './mtu';
import { hasExternalCloudProvider } from './rancher';
import { certificateNames, firstServer, registrationAddress } from './reach';
import { rke2Supports } from './releases';
import { snapshotCron, snapshotHost } from './snapshots';
import { comment, yaml } from './text';

/** File with the cluster token, which the operator creates. RKE2 starts once it exists. */
export const TOKEN_FILE = '/etc/rancher/rke2/token';

/** File with the CA certificate of the snapshot store, on servers. */
export const SNAPSHOT_AUTHORITY_FILE = '/etc/rancher/rke2/etcd-s3-ca.crt';

/** Folder from which a server applies manifests. @see https://docs.rke2.io/add-ons/helm */
export const MANIFESTS_FOLDER = '/var/lib/rancher/rke2/server/manifests';

/** Type of an RKE2 node: a server runs the control plane, etcd or both. */
export type Rke2Type = 'server' | 'agent';

/** config.yaml of an agent. @see https://docs.rke2.io/reference/linux_agent_config */
interface AgentConfig {
  readonly server?: string;
  readonly 'token-file': string;
  readonly 'node-name': string;
  readonly 'node-ip': string;
  readonly 'node-label': readonly string[];
  readonly 'node-taint'?: readonly string[];
  readonly selinux: false;
  readonly 'system-default-registry'?: string;
  readonly 'cloud-provider-name'?: 'external';
  readonly 'kubelet-arg'?: readonly string[];
  readonly 'kube-proxy-arg'?: readonly string[];
}

/** Settings that must be equal on all servers; otherwise, further servers cannot join. @see https://docs.rke2.io/reference/server_config */
interface ServerConfig {
  readonly 'tls-san'?: readonly string[];
  readonly cni: Rke2Network;
  readonly 'cluster-cidr': string;
  readonly 'service-cidr': string;
  readonly 'cluster-domain': string;
  readonly 'service-node-port-range': string;
  readonly 'disable-cloud-controller'?: true;
  readonly 'ingress-controller'?: 'ingress-nginx' | 'traefik' | 'none';
  readonly disable?: readonly string[];
  readonly 'etcd-snapshot-schedule-cron': string;
  readonly 'etcd-snapshot-retention': number;
  readonly 'etcd-s3'?: true;
  readonly 'etcd-s3-endpoint'?: string;
  readonly 'etcd-s3-endpoint-ca'?: string;
  readonly 'etcd-s3-bucket'?: string;
  readonly 'etcd-s3-region'?: string;
  readonly 'etcd-s3-folder'?: string;
  readonly 'etcd-s3-retention'?: number;
  readonly 'etcd-arg'?: readonly string[];
  readonly 'kube-apiserver-arg'?: readonly string[];
  readonly 'kube-controller-manager-arg'?: readonly string[];
  readonly 'kube-scheduler-arg'?: readonly string[];
}

/** Components that are disabled on a server. @see https://docs.rke2.io/install/server_roles */
interface ServerRoles {
  readonly 'disable-etcd'?: true;
  readonly 'disable-apiserver'?: true;
  readonly 'disable-controller-manager'?: true;
  readonly 'disable-scheduler'?: true;
}

export function rke2Type(node: SiteNode): Rke2Type {
  return node.roles.includes('controlplane') || node.roles.includes('etcd') ? 'server' : 'agent';
}

/** Text of config.yaml of a node, with a comment at the top that states its path. */
export function rke2Config(site: Site, cluster: Rke2Cluster, node: SiteNode): string {
  const config = rke2Type(node) === 'agent' ? agentConfig(site, cluster, node) : serverConfig(site, cluster, node);
  return `${comment(head(site, cluster, node))}${yaml(config)}`;
}

function agentConfig(site: Site, cluster: Rke2Cluster, node: SiteNode): AgentConfig {
  const taints = [...node.taints, ...roleTaints(cluster, node.roles)];
  return {
    server: node === firstServer(site) ? undefined : `https://${registrationAddress(site)}:9345`,
    'token-file': TOKEN_FILE,
    'node-name': node.name,
    'node-ip': dualStack(node.address, cluster.ipv6 && node.address6),
    'node-label': Object.entries(node.labels).map(([key, value]) => `${key}=${value}`),
    'node-taint': nonEmpty(taints.map(({ key, value, effect }) => `${key}=${value ?? ''}:${effect}`)),
    selinux: false,
    'system-default-registry': defaultRegistry(cluster),
    'cloud-provider-name': hasExternalCloudProvider(site, cluster) ? 'external' : undefined,
    'kubelet-arg': argumentList(kubeletArguments(cluster, node.pool)),
    'kube-proxy-arg': argumentsOf(cluster, 'kube-proxy'),
  };
}

function serverConfig(site: Site, cluster: Rke2Cluster, node: SiteNode): AgentConfig & ServerConfig & ServerRoles {
  return { ...agentConfig(site, cluster, node), ...sharedConfig(site, cluster), ...rolesConfig(node) };
}

function sharedConfig(site: Site, cluster: Rke2Cluster): ServerConfig {
  const { props } = cluster;
  const { every = '12h', keep = 6, s3 } = props.etcdSnapshots ?? {};
  return {
    'tls-san': nonEmpty(certificateNames(site, cluster)),
    cni: props.network ?? 'canal',
    'cluster-cidr': dualStack(cluster.podCidr, cluster.ipv6?.podCidr),
    'service-cidr': dualStack(cluster.serviceCidr, cluster.ipv6?.serviceCidr),
    'cluster-domain': cluster.domain,
    'service-node-port-range': props.nodePorts ?? '30000-32767',
    'disable-cloud-controller': hasExternalCloudProvider(site, cluster) ? true : undefined,
    ...ingressConfig(cluster),
    'etcd-snapshot-schedule-cron': snapshotCron(seconds(every) / 3600),
    'etcd-snapshot-retention': keep,
    ...(s3 && {
      'etcd-s3': true,
      'etcd-s3-endpoint': snapshotHost(s3.endpoint),
      'etcd-s3-endpoint-ca': s3.authority === undefined ? undefined : SNAPSHOT_AUTHORITY_FILE,
      'etcd-s3-bucket': s3.bucket,
      'etcd-s3-region': s3.region,
      'etcd-s3-folder': s3.folder,
      'etcd-s3-retention': keep,
    }),
    'etcd-arg': argumentsOf(cluster, 'etcd'),
    'kube-apiserver-arg': argumentsOf(cluster, 'kube-apiserver'),
    'kube-controller-manager-arg': argumentsOf(cluster, 'kube-controller-manager'),
    'kube-scheduler-arg': argumentsOf(cluster, 'kube-scheduler'),
  };
}

/** Always written, since the default changed in 1.36. Releases without this key install ingress-nginx, which `disable` removes. */
function ingressConfig(cluster: Rke2Cluster): Pick<ServerConfig, 'ingress-controller' | 'disable'> {
  const { ingress = 'nginx' } = cluster.props;
  if (rke2Supports('traefik', cluster.version)) return { 'ingress-controller': ingress === 'nginx' ? 'ingress-nginx' : ingress };
  return ingress === 'none' ? { disable: ['rke2-ingress-nginx'] } : {};
}

function rolesConfig(node: SiteNode): ServerRoles {
  if (!node.roles.includes('etcd')) return { 'disable-etcd': true };
  if (node.roles.includes('controlplane')) return {};
  return { 'disable-apiserver': true, 'disable-controller-manager': true, 'disable-scheduler': true };
}

function argumentsOf(
  { props }: Rke2Cluster,
  component: keyof NonNullable<Rke2Cluster['props']['arguments']>,
): readonly string[] | undefined {
  return argumentList(props.arguments?.[component] ?? {});
}

function argumentList(given: Readonly<Record<string, string>>): readonly string[] | undefined {
  return nonEmpty(Object.entries(given).map(([name, value]) => `${name}=${value}`));
}

function defaultRegistry({ props }: Rke2Cluster): string | undefined {
  return props.privateRegistries?.find(({ isDefault }) => isDefault ?? true)?.url;
}

/** IPv4 first: it is the primary family of the API and of Services. @see https://docs.rke2.io/networking/basic_network_options#dual-stack-configuration */
function dualStack(ipv4: string, ipv6: string | undefined): string {
  return ipv6 ? `${ipv4},${ipv6}` : ipv4;
}

function nonEmpty<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length > 0 ? list : undefined;
}

/** HelmChartConfigs for the charts that RKE2 includes, by file name, for the manifests folder of all servers. */
export function rke2Manifests(site: Site, cluster: Rke2Cluster): Readonly<Record<string, string>> {
  const network = cluster.props.network ?? 'canal';
  const own = CHART_VALUES[network]?.(podMtu(site, cluster));
  // The other plugins detect dual stack from the ranges.
  const values = own && network === 'cilium' && cluster.ipv6 ? { ...own, ipv6: { enabled: true } } : own;
  if (!values || Object.keys(values).length === 0) return {};
  const name = `rke2-${network}`;
  return {
    [`${name}-config.yaml`]: yaml({
      apiVersion: 'helm.cattle.io/v1',
      kind: 'HelmChartConfig',
      metadata: { name, namespace: 'kube-system' },
      spec: { valuesContent: yaml(values) },
    }),
  };
}

/** Flannel and Cilium are configured with the MTU of the nodes' network, and subtract the 50 bytes of VXLAN themselves. */
const outer = (mtu: number) => mtu + 50;

/** Chart values that set the MTU of pods. */
const CHART_VALUES: Readonly<Partial<Record<string, (mtu?: number) => Readonly<Record<string, unknown>>>>> = {
  canal: (mtu) => (mtu === undefined ? {} : { calico: { vethuMTU: mtu } }),
  calico: (mtu) => (mtu === undefined ? {} : { installation: { calicoNetwork: { mtu } } }),
  flannel: (mtu) => (mtu === undefined ? {} : { flannel: { mtu: outer(mtu) } }),
  // Without `nodes`, an ipBlock never matches a node, and NetworkPolicies with the addresses of the API servers would allow nothing.
  // https://docs.cilium.io/en/stable/security/policy/layer3/#selecting-pods-or-nodes-with-cidr-ipblock (since Cilium 1.15)
  cilium: (mtu) => ({ ...(mtu === undefined ? {} : { MTU: outer(mtu) }), policyCIDRMatchMode: ['nodes'] }),
};

function head(site: Site, cluster: Rke2Cluster, node: SiteNode): readonly string[] {
  const s3 = rke2Type(node) === 'server' && cluster.props.etcdSnapshots?.s3;
  return [
    `/etc/rancher/rke2/config.yaml of ${node.name}. Generated from the description of ${site.name}: do not edit this file, change the description.`,
    ...(node === firstServer(site) ? ['This server creates the cluster: start it first.'] : []),
    `The token is in ${TOKEN_FILE} (the same on all nodes), not in Git.`,
    ...(s3
      ? [
          'The keys for the snapshot store are AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in /etc/sysconfig/rke2-server (0600), which',
          'the systemd unit of RKE2 reads.',
        ]
      : []),
  ];
}
