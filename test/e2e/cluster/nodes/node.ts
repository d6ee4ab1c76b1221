/** The daemons of a node: containerd, kubelet and kube-proxy, with their configuration. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Daemon, type Machine, systemPath, until } from './machine';
import type { Network, Place } from './network';

export interface NodePrograms {
  readonly containerd: string;
  readonly kubelet: string;
  readonly proxy: string;
  readonly devicePlugin: string;
}

export interface NodeSetup extends Place {
  readonly kubeconfig: string;
  /** The authority whose client certificates the kubelet trusts. */
  readonly clientCa: string;
  readonly proxyKubeconfig: string;
  readonly plan: Network;
  /** Folder with containerd's `hosts.toml` of the registry. */
  readonly registry: string;
  /** Amount of each extended resource. */
  readonly devices: Readonly<Record<string, number>>;
}

/** Sandbox image of pods. */
export const pause = 'registry.k8s.io/pause:3.10';

export async function startNode(setup: NodeSetup, programs: NodePrograms): Promise<Daemon> {
  const { machine } = setup;
  await startContainerd(machine, programs.containerd, setup);
  const file = join(machine.folder, 'kubelet.json');
  writeFileSync(file, JSON.stringify(kubelet(setup)));
  const daemon = machine.daemon('kubelet', [
    programs.kubelet,
    `--config=${file}`,
    `--kubeconfig=${setup.kubeconfig}`,
    `--hostname-override=${machine.name}`,
    `--node-ip=${setup.address}`,
    `--cert-dir=${join(machine.folder, 'kubelet-certificates')}`,
  ]);
  startProxy(machine, programs.proxy, setup.proxyKubeconfig, setup.plan);
  const devices = Object.entries(setup.devices).map(([resource, count]) => `${resource}=${count}`);
  if (devices.length > 0) machine.daemon('device-plugin', [programs.devicePlugin, ...devices]);
  return daemon;
}

export async function startContainerd(machine: Machine, containerd: string, setup: Pick<NodeSetup, 'pods' | 'registry'>): Promise<Daemon> {
  const networks = join(machine.folder, 'cni');
  mkdirSync(networks, { recursive: true });
  writeFileSync(join(networks, '10-pods.conflist'), JSON.stringify(podNetwork(setup.pods)));
  const file = join(machine.folder, 'containerd.toml');
  writeFileSync(file, containerdConfiguration(machine.folder, setup.registry));
  const folder = containerd.slice(0, containerd.lastIndexOf('/'));
  const daemon = machine.daemon('containerd', [containerd, '--config', file], { PATH: `${folder}:${systemPath}` });
  await until(`containerd of ${machine.name} answers`, daemon, async () => {
    return (await machine.run([join(folder, 'ctr'), 'version'], { timeout: 5_000 })).status === 0;
  });
  return daemon;
}

/** @param as the node whose part it plays: a proxy waits for its Node, and the hub has none of its own */
export function startProxy(machine: Machine, proxy: string, kubeconfig: string, plan: Network, as = machine.name): Daemon {
  const file = join(machine.folder, 'proxy.json');
  const configuration = {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    clientConnection: { kubeconfig },
    hostnameOverride: as,
    mode: 'nftables',
    clusterCIDR: plan.podCidr,
    // Of the whole kernel, and not to be written from a network namespace.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
    oomScoreAdj: 0,
  };
  writeFileSync(file, JSON.stringify(configuration));
  return machine.daemon('kube-proxy', [proxy, `--config=${file}`]);
}

function kubelet({ clientCa, machine, plan }: NodeSetup) {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    cgroupDriver: 'cgroupfs',
    failCgroupV1: false,
    containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
    authentication: { anonymous: { enabled: false }, webhook: { enabled: true }, x509: { clientCAFile: clientCa } },
    authorization: { mode: 'Webhook' },
    clusterDNS: [plan.dns],
    clusterDomain: 'cluster.local',
    resolvConf: '/dev/null',
    podLogsDir: '/var/log/pods',
    volumePluginDir: join(machine.folder, 'volume-plugins'),
    failSwapOn: false,
    oomScoreAdj: 0,
    maxOpenFiles: 4096,
    registryPullQPS: 0,
    eventRecordQPS: 0,
    serializeImagePulls: false,
    // No eviction for disk pressure: the disk is shared with everything else on this machine.
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    evictionHard: { 'memory.available': '10Mi', 'nodefs.available': '0%', 'imagefs.available': '0%', 'nodefs.inodesFree': '0%' },
    volumeStatsAggPeriod: '-1s',
    // A failed node is detected within 16 seconds.
    nodeStatusUpdateFrequency: '4s',
    nodeLeaseDurationSeconds: 12,
    featureGates: { KubeletInUserNamespace: true },
  };
}

/** Point to point instead of a bridge: every packet of a pod is routed, also between two pods of one node, so policies see all. */
function podNetwork(subnet: string) {
  return {
    cniVersion: '1.0.0',
    name: 'pods',
    plugins: [
      { type: 'ptp', ipMasq: false, ipam: { type: 'host-local', ranges: [[{ subnet }]], routes: [{ dst: '0.0.0.0/0' }] } },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  };
}

function containerdConfiguration(folder: string, registry: string): string {
  return `version = 3
root = "${folder}/containerd"
state = "/run/containerd"
[grpc]
  address = "/run/containerd/containerd.sock"
[plugins."io.containerd.cri.v1.images"]
  snapshotter = "overlayfs"
  [plugins."io.containerd.cri.v1.images".pinned_images]
    sandbox = "${pause}"
  [plugins."io.containerd.cri.v1.images".registry]
    config_path = "${registry}"
[plugins."io.containerd.cri.v1.runtime"]
  restrict_oom_score_adj = true
  disable_apparmor = true
  tolerate_missing_hugetlb_controller = true
  disable_hugetlb_controller = true
  [plugins."io.containerd.cri.v1.runtime".containerd]
    default_runtime_name = "runc"
    [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
        SystemdCgroup = false
  [plugins."io.containerd.cri.v1.runtime".cni]
    bin_dirs = ["/usr/lib/cni"]
    conf_dir = "${folder}/cni"
`;
}
