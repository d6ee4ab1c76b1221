import type { Site } from '../site';
import type { NodePart } from './node-part';
import { lines } from './text';

/** Major version of AlmaLinux, Rocky Linux or RHEL on the nodes. */
export const EL = 9;

/**
 * Kernel modules of container networks. Enterprise Linux 9 does not load the modules of legacy iptables on demand from within a container,
 * and RKE's images contain legacy iptables.
 *
 * @see https://rancher.com/docs/rke/v0.1.x/en/os/ (the list of modules)
 */
const MODULES = [
  'br_netfilter',
  'overlay',
  'veth',
  'vxlan',
  'nf_conntrack',
  'nf_conntrack_netlink',
  'nf_nat',
  'ip_set',
  'ip_set_hash_ip',
  'ip_set_hash_net',
  'ip_tables',
  'iptable_filter',
  'iptable_mangle',
  'iptable_nat',
  'iptable_raw',
  'ip6_tables',
  'ip6table_filter',
  'ip6table_mangle',
  'ip6table_nat',
  'ip6table_raw',
  'xt_addrtype',
  'xt_comment',
  'xt_conntrack',
  'xt_mark',
  'xt_multiport',
  'xt_nat',
  'xt_recent',
  'xt_set',
  'xt_statistic',
] as const;

/** With RKE, Calico uses IP-in-IP encapsulation. */
const CALICO_MODULES = ['ipip'] as const;

const SYSCTL = [
  'net.bridge.bridge-nf-call-iptables = 1',
  'net.bridge.bridge-nf-call-ip6tables = 1',
  'net.ipv4.ip_forward = 1',
  // Each pod watches its configuration files with inotify; a node runs hundreds of pods. https://docs.rke2.io/install/requirements (inotify)
  'fs.inotify.max_user_instances = 8192',
  'fs.inotify.max_user_watches = 524288',
] as const;

/** Nodes of a dual-stack cluster forward IPv6 and must still accept router advertisements. @see https://docs.rke2.io/known_issues */
const SYSCTL_IPV6 = ['net.ipv6.conf.all.forwarding = 1', 'net.ipv6.conf.all.accept_ra = 2', 'net.ipv6.conf.default.accept_ra = 2'] as const;

/** Interfaces of the pod network, which NetworkManager must not manage. @see https://docs.rke2.io/known_issues#networkmanager */
const INTERFACES = ['cali*', 'flannel*', 'tunl*', 'vxlan*', 'cilium*', 'lxc*', 'weave*', 'vethwe*', 'datapath'] as const;

const MODULES_FILE = '/etc/modules-load.d/analysis-facility.conf';

/** Prepares Enterprise Linux 9 for RKE or RKE2. SELinux remains enforcing. */
export function enterpriseLinux(site: Site): NodePart {
  const { cluster } = site;
  const ipip = cluster.kind === 'rke1' && cluster.props.network === 'calico' ? CALICO_MODULES : [];
  return {
    files: [
      { path: MODULES_FILE, content: lines(...MODULES, ...ipip) },
      { path: '/etc/sysctl.d/90-analysis-facility.conf', content: lines(...SYSCTL, ...(cluster.ipv6 ? SYSCTL_IPV6 : [])) },
      {
        path: '/etc/NetworkManager/conf.d/analysis-facility.conf',
        content: lines('[keyfile]', `unmanaged-devices=${INTERFACES.map((name) => `interface-name:${name}`).join(';')}`),
      },
      // RKE connects to Docker through SSH; password logins are disabled.
      {
        path: '/etc/ssh/sshd_config.d/10-analysis-facility.conf',
        content: lines('AllowTcpForwarding yes', 'AllowStreamLocalForwarding yes', 'PasswordAuthentication no'),
        permissions: '0600',
      },
    ],
    steps: [
      '# Ignore errors: a module may be built in, or missing in this kernel.',
      `xargs --arg-file=${MODULES_FILE} modprobe --all || true`,
      'sysctl --quiet --system',
      '',
      '# The kubelet does not start with swap enabled.',
      'swapoff --all',
      "sed --in-place --regexp-extended '/^[^#].*[[:space:]]swap[[:space:]]/s/^/#/' /etc/fstab",
      '',
      '# Both change rules and routes of the pod network. Security groups are the firewall.',
      'systemctl mask firewalld.service nm-cloud-setup.service nm-cloud-setup.timer',
      'systemctl stop firewalld.service nm-cloud-setup.service nm-cloud-setup.timer || true',
      'systemctl reload NetworkManager',
      'sshd -t',
      'systemctl reload sshd',
      '',
      'retry dnf --assumeyes install chrony container-selinux iptables-nft python3-dnf-plugin-versionlock tar',
      'systemctl enable --now chronyd',
    ],
  };
}
