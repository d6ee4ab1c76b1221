import type { ServiceProps } from '../../kubernetes';
import type { CloudConfProps, Memory, Placement } from '../../site';

/** CSI driver that provisions, attaches and mounts Cinder volumes for the StorageClasses of kind `cinder` of the site. */
export interface CinderCsiProps extends ServiceProps, CloudConfProps {
  /** Node pools of the controller; the node plugin runs on all nodes of the site. @default - the pools with role `worker` */
  readonly on?: Placement;

  /** Replicas of the controller; leader election selects the active one. @default 2 */
  readonly replicas?: number;

  /**
   * Whether volumes are provisioned in the availability zone of the node that mounts them (topology). Set it to false if the zones of Cinder
   * and Nova have different names: volumes are then provisioned in the zone of their StorageClass and can be mounted on all nodes.
   *
   * @default true
   * @see https://github.com/kubernetes/cloud-provider-openstack/blob/master/docs/cinder-csi-plugin/troubleshooting.md
   */
  readonly zones?: boolean;

  /**
   * IP ranges of Keystone, Nova and Cinder, for the NetworkPolicy of the controller. Required if the host names of the cloud resolve to private
   * addresses, because host names are not resolved during synthesis.
   *
   * @default - the IP address in `authUrl` of the site; the public Internet if `authUrl` contains a host name
   */
  readonly openstackCidrs?: readonly string[];

  /**
   * Ports of Keystone, Nova and Cinder, as `openstack catalog list` shows them. The NetworkPolicy of the controller allows no other ports.
   *
   * @default - the port of `authUrl`, 443, 5000, 8774 and 8776; with port 13000, those of TripleO
   */
  readonly openstackPorts?: readonly number[];

  /** Directory of the kubelet on the nodes. @default /var/lib/kubelet */
  readonly kubeletDir?: string;

  /**
   * Port of the liveness probe of the driver on the loopback address of the nodes; the registrar uses the next port. CSI drivers on the same
   * node need different ports.
   *
   * @default 9808
   */
  readonly healthPort?: number;

  /** Memory limit of the node plugin, in which `mkfs` and `fsck` of volumes run. @default 256MiB */
  readonly nodeMemory?: Memory;
}
