import type { ServiceProps } from '../../kubernetes';
import type { CloudConfProps, Memory, Placement } from '../../site';

/** The driver that makes, attaches and mounts Cinder volumes for the site's StorageClasses of kind `cinder`. */
export interface CinderCsiProps extends ServiceProps, CloudConfProps {
  /** Pools whose nodes run the controller; the node part runs on every node of the site. @default - the pools of role `worker` */
  readonly on?: Placement;

  /** Controllers, of which one works and the others wait for it to fail. @default 2 */
  readonly replicas?: number;

  /**
   * Whether a volume is made in the availability zone of the node that will mount it. False where the zones of Cinder and
   * Nova have different names: volumes then go to the zone of their StorageClass and can be mounted on every node.
   *
   * @default true
   * @see https://github.com/kubernetes/cloud-provider-openstack/blob/master/docs/cinder-csi-plugin/troubleshooting.md
   */
  readonly zones?: boolean;

  /**
   * Addresses of Keystone, Nova and Cinder, as CIDRs. Required if host names of the cloud resolve to private addresses: synthesis resolves no
   * names.
   *
   * @default - the address in the site's `authUrl`; the public Internet if that contains a name
   */
  readonly openstackCidrs?: readonly string[];

  /**
   * Ports of Keystone, Nova and Cinder, as `openstack catalog list` shows them. The NetworkPolicy of the controller allows no others.
   *
   * @default - the port of `authUrl`, 443, 5000, 8774 and 8776; with port 13000, those of TripleO
   */
  readonly openstackPorts?: readonly number[];

  /** Folder of the kubelet on the nodes. @default /var/lib/kubelet */
  readonly kubeletDir?: string;

  /**
   * Port on the nodes' loopback address at which the kubelet asks the driver how it is; at the next one it asks the
   * registrar. Drivers that share a node need different ports.
   *
   * @default 9808
   */
  readonly healthPort?: number;

  /** Memory of the driver on a node: `mkfs` and `fsck` of the volumes run in it. @default 256MiB */
  readonly nodeMemory?: Memory;
}
