import {
  addressText,
  certificatesOf,
  type KubernetesComponent,
  kubeletArguments,
  type Rke1Cluster,
  type Role,
  range,
  type Site,
  type SiteNode,
  seconds,
  sshUser,
} from '../site';
import { podMtu } from './mtu';
import { hasExternalCloudProvider, networkOf } from './rancher';
import { certificateNames, sshThroughEntry } from './reach';
import { registriesWithLogin } from './registries';
import { rke1Release } from './releases';
import { snapshotAuthority, snapshotHost } from './snapshots';
import { comment, yaml } from './text';

/** The keys of cluster.yml that are written. @see https://rke.docs.rancher.com/config-options */
interface ClusterYml {
  readonly cluster_name: string;
  readonly kubernetes_version: string;
  readonly enable_cri_dockerd: true;
  readonly ignore_docker_version: false;
  readonly ssh_agent_auth?: true;
  readonly ssh_key_path?: string;
  readonly bastion_host?: { readonly address?: string; readonly user: string; readonly ssh_key_path?: string };
  readonly nodes: readonly Node[];
  readonly services: Services;
  readonly network: { readonly plugin: string; readonly mtu?: number };
  readonly cloud_provider?: { readonly name: 'external' };
  readonly authentication: { readonly strategy: 'x509'; readonly sans?: readonly string[] };
  readonly authorization: { readonly mode: 'rbac' };
  readonly ingress: Ingress;
  readonly dns: { readonly provider: 'coredns' };
  readonly monitoring: { readonly provider: 'metrics-server' };
  readonly private_registries?: readonly { readonly url: string; readonly is_default: boolean }[];
  readonly addons_include?: readonly string[];
  readonly upgrade_strategy: UpgradeStrategy;
}

interface Node {
  readonly address: string;
  readonly hostname_override: string;
  readonly user: string;
  readonly role: readonly Role[];
  readonly labels: Readonly<Record<string, string>>;
  readonly taints?: readonly { readonly key: string; readonly value: string; readonly effect: string }[];
}

interface Arguments {
  readonly extra_args?: Readonly<Record<string, string>>;
}

interface Services {
  readonly etcd: Arguments & { readonly backup_config: BackupConfig };
  readonly 'kube-api': Arguments & {
    readonly service_cluster_ip_range: string;
    readonly service_node_port_range: string;
    readonly secrets_encryption_config: { readonly enabled: boolean };
  };
  readonly 'kube-controller': Arguments & { readonly cluster_cidr: string; readonly service_cluster_ip_range: string };
  readonly scheduler?: Arguments;
  readonly kubelet: Arguments & { readonly cluster_domain: string; readonly cluster_dns_server: string };
  readonly kubeproxy?: Arguments;
}

interface BackupConfig {
  readonly enabled: true;
  readonly interval_hours: number;
  readonly retention: number;
  readonly s3backupconfig?: {
    readonly endpoint: string;
    readonly bucket_name: string;
    readonly region?: string;
    readonly folder?: string;
    readonly custom_ca?: string;
  };
}

interface Ingress {
  readonly provider: string;
  readonly network_mode?: 'hostPort';
  readonly default_ingress_class?: true;
}

interface UpgradeStrategy {
  readonly max_unavailable_worker: string;
  readonly max_unavailable_controlplane: string;
  readonly drain: boolean;
  readonly node_drain_input?: {
    readonly ignore_daemonsets: true;
    readonly delete_local_data: true;
    readonly force: true;
    readonly grace_period: -1;
    readonly timeout: number;
  };
}

/** Text of cluster.yml, with a comment at the top that explains how to run `rke up`. */
export function clusterYml(site: Site, cluster: Rke1Cluster): string {
  return `${comment(head(site, cluster))}${yaml(clusterDocument(site, cluster))}`;
}

function clusterDocument(site: Site, cluster: Rke1Cluster): ClusterYml {
  const { props } = cluster;
  const sans = certificateNames(site, cluster);
  return {
    cluster_name: site.name,
    kubernetes_version: rke1Release(cluster.version),
    // Kubernetes 1.24 removed dockershim; cri-dockerd replaces it.
    enable_cri_dockerd: true,
    ignore_docker_version: false,
    // RKE reads both only at the top level and copies them to nodes and bastion (cluster/defaults.go, setClusterDefaults).
    ...(site.ssh?.keyPath ? { ssh_key_path: site.ssh.keyPath } : { ssh_agent_auth: true }),
    bastion_host: bastionHost(site),
    nodes: site.nodes.map((node) => nodeEntry(site, node)),
    services: services(site, cluster),
    network: { plugin: networkOf(cluster), mtu: podMtu(site, cluster) },
    cloud_provider: hasExternalCloudProvider(site, cluster) ? { name: 'external' } : undefined,
    authentication: { strategy: 'x509', sans: sans.length > 0 ? sans : undefined },
    authorization: { mode: 'rbac' },
    ingress: cluster.ingress ? { provider: 'nginx', network_mode: 'hostPort', default_ingress_class: true } : { provider: 'none' },
    dns: { provider: 'coredns' },
    monitoring: { provider: 'metrics-server' },
    private_registries: props.privateRegistries?.map(({ url, isDefault }) => ({ url, is_default: isDefault ?? true })),
    addons_include: props.addons,
    upgrade_strategy: upgradeStrategy(cluster),
  };
}

function bastionHost(site: Site): ClusterYml['bastion_host'] {
  const address = sshThroughEntry(site);
  if (!site.cloud?.bastion && !address) return undefined;
  return { address, user: sshUser(site) };
}

function nodeEntry(site: Site, node: SiteNode): Node {
  return {
    address: node.address,
    hostname_override: node.name,
    user: sshUser(site),
    role: node.roles,
    labels: node.labels,
    taints: node.taints.length > 0 ? node.taints.map(({ key, value, effect }) => ({ key, value: value ?? '', effect })) : undefined,
  };
}

function services(site: Site, cluster: Rke1Cluster): Services {
  const { props, podCidr, serviceCidr, domain } = cluster;
  const extra = (component: KubernetesComponent): Arguments => {
    return { extra_args: props.arguments?.[component] };
  };
  return {
    etcd: { backup_config: backupConfig(site, cluster), ...extra('etcd') },
    'kube-api': {
      service_cluster_ip_range: serviceCidr,
      service_node_port_range: props.nodePorts ?? '30000-32767',
      secrets_encryption_config: { enabled: props.encryptSecrets ?? true },
      ...extra('kube-apiserver'),
    },
    'kube-controller': { cluster_cidr: podCidr, service_cluster_ip_range: serviceCidr, ...extra('kube-controller-manager') },
    scheduler: props.arguments?.['kube-scheduler'] && extra('kube-scheduler'),
    kubelet: { cluster_domain: domain, cluster_dns_server: dnsAddress(serviceCidr), extra_args: kubeletArgs(site, cluster) },
    kubeproxy: props.arguments?.['kube-proxy'] && extra('kube-proxy'),
  };
}

/** RKE has the same kubelet arguments for all nodes; validation ensures that all pools have the same. */
function kubeletArgs(site: Site, cluster: Rke1Cluster): Readonly<Record<string, string>> | undefined {
  const [pool] = site.pools;
  return pool ? kubeletArguments(cluster, pool) : cluster.props.arguments?.kubelet;
}

/** RKE does not derive the address from the range: its default is always 10.43.0.10. */
function dnsAddress(serviceCidr: string): string {
  return addressText(range(serviceCidr).first + 10);
}

function siteAuthorities({ egress }: Site): string | undefined {
  return egress?.authorities?.flatMap((pem) => certificatesOf(pem)).join('') || undefined;
}

function backupConfig(site: Site, { props }: Rke1Cluster): BackupConfig {
  const { every = '12h', keep = 6, s3 } = props.etcdSnapshots ?? {};
  return {
    enabled: true,
    interval_hours: seconds(every) / 3600,
    retention: keep,
    s3backupconfig: s3 && {
      endpoint: snapshotHost(s3.endpoint),
      bucket_name: s3.bucket,
      region: s3.region,
      folder: s3.folder,
      // A container uploads the snapshots; it does not use the trust store of the node.
      custom_ca: snapshotAuthority(s3) ?? siteAuthorities(site),
    },
  };
}

/** Notebook servers are pods without a controller and with emptyDir volumes: without `force`, a drain would fail at the first of them. */
function upgradeStrategy({ props }: Rke1Cluster): UpgradeStrategy {
  const { workers = '10%', controlPlanes = 1, drain = true } = props.upgrade ?? {};
  return {
    max_unavailable_worker: String(workers),
    max_unavailable_controlplane: String(controlPlanes),
    drain,
    node_drain_input: drain ? { ignore_daemonsets: true, delete_local_data: true, force: true, grace_period: -1, timeout: 600 } : undefined,
  };
}

function head(site: Site, cluster: Rke1Cluster): readonly string[] {
  const { publicAddress, bastion } = site.cloud ?? {};
  const entry = sshThroughEntry(site);
  return [
    `RKE configuration of ${site.name}. Generated from the description of the site: do not edit this file, change the description.`,
    '',
    '  rke up --config cluster.yml',
    '',
    'RKE writes cluster.rkestate and kube_config_cluster.yml to the same folder. Both contain private keys: back them up, but not in Git.',
    ...(entry ? [`RKE connects by SSH to ${entry}, and from there to all nodes, including that node itself.`] : []),
    ...(publicAddress
      ? [
          'To use kubectl from outside, run',
          `  kubectl config set-cluster ${site.name} --server=https://${publicAddress}:6443 --kubeconfig=kube_config_cluster.yml`,
        ]
      : []),
    ...(bastion || entry || !site.cloud
      ? []
      : ['RKE must run inside the network of the nodes: they are not reachable by SSH from outside.']),
    ...additions(site, cluster),
  ];
}

/** Values that are omitted (secrets) or unknown before the machines exist, and the command that adds them. */
function additions(site: Site, cluster: Rke1Cluster): readonly string[] {
  const logins = registriesWithLogin(cluster);
  const missing = [
    ...(site.cloud?.bastion ? ['.bastion_host.address = strenv(BASTION)'] : []),
    ...(cluster.props.etcdSnapshots?.s3
      ? [
          '.services.etcd.backup_config.s3backupconfig.access_key = strenv(S3_ACCESS_KEY)',
          '.services.etcd.backup_config.s3backupconfig.secret_key = strenv(S3_SECRET_KEY)',
        ]
      : []),
    ...logins.map(({ url }, index) => {
      const name = logins.length > 1 ? `REGISTRY_${index + 1}` : 'REGISTRY';
      const login = `{"user": strenv(${name}_USER), "password": strenv(${name}_PASSWORD)}`;
      return `(.private_registries[] | select(.url == "${url}")) += ${login}`;
    }),
  ];
  if (missing.length === 0) return [];
  return [
    '',
    'Before `rke up`, create a copy outside of Git with the values that are missing here:',
    `  yq '${missing[0]}`,
    ...missing.slice(1).map((expression) => `    | ${expression}`),
    "  ' cluster.yml > OTHER_FOLDER/cluster.yml",
    ...(site.cloud?.bastion ? ['BASTION is the Terraform output bastion_address.'] : []),
  ];
}
