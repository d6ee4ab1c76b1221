import { checkProps } from '../errors';
import { schemaOf } from './schema';

/** Backend for the Terraform state. Path or name are always written explicitly, so that the output does not depend on local paths. */
export type TerraformState =
  | { readonly kind: 'local'; readonly path?: string }
  | { readonly kind: 'http'; readonly address: string; readonly lockAddress?: string; readonly unlockAddress?: string }
  | {
      readonly kind: 's3';
      readonly bucket: string;
      readonly key?: string;
      readonly region?: string;
      /** Endpoint of an S3 service other than Amazon's, e.g. Ceph or Swift. @default - Amazon S3 */
      readonly endpoint?: string;
    };

/** Virtual machine through which the nodes are reached by SSH. */
export interface BastionProps {
  /** Name of the OpenStack flavor. */
  readonly flavor: string;
  /** Name of the OpenStack image. */
  readonly image: string;
  /** Address in the node network. @default - the last address before the allocation pool */
  readonly address?: string;
}

export interface OpenStackProps {
  /** OpenStack region. */
  readonly region: string;
  /** IPv4 range of the nodes' subnet. */
  readonly cidr: string;
  /**
   * IPv6 range of the nodes for a dual-stack cluster: a second subnet in the same network. Each node has the same offset in it as in `cidr`.
   *
   * @default - IPv4 only
   * @throws MISSING_IPV6, EXCEEDS_IPV6_CIDR
   */
  readonly ipv6?: { readonly cidr: string };
  /**
   * Name of the external network for routers and floating IPs.
   *
   * @default - none; allowed only with an existing `network` and without floating IPs
   * @throws MISSING_EXTERNAL_NETWORK if a router or a floating IP needs it
   */
  readonly externalNetwork?: string;
  /**
   * Name or UUID of an existing network for the nodes: a provider network, or a project network with its own router.
   *
   * @default - a network and a subnet are created
   */
  readonly network?: string;
  /** Name or UUID of the subnet of an existing network. @default - the subnet of `network` with the range `cidr` */
  readonly subnet?: string;
  /** UUID of an existing router that connects the created network. @default - a router to `externalNetwork` is created */
  readonly router?: string;
  /** CIDRs from which SSH and the Kubernetes API can be reached. */
  readonly admins: readonly string[];
  /** SSH public key of the administrators, one line as in `authorized_keys`. */
  readonly sshKey: string;
  /**
   * Public IPv4 address of the site. It is part of certificates and host names, and must be known before the machines are created.
   *
   * @default - the site is not reachable from outside
   */
  readonly publicAddress?: string;
  /**
   * How the public address is assigned. `allocate`: Terraform allocates a floating IP, and warns until its address is written as
   * `publicAddress`. `reserved`: the floating IP exists (`openstack floating ip create`) and is kept when the site is destroyed.
   * `none`: no floating IP; the address belongs to the entry node itself (provider network) or is translated by external NAT.
   *
   * @default allocate
   */
  readonly floatingIp?: 'reserved' | 'allocate' | 'none';
  /** Target of the public address: the first control-plane node, or an Octavia load balancer. @default node */
  readonly entry?: 'node' | 'load-balancer';
  /** MTU of the network. @default - that of the cloud */
  readonly mtu?: number;
  /** Name servers of the nodes. @default - those of the cloud */
  readonly nameServers?: readonly string[];
  /** Allocation pool of the subnet: addresses for DHCP ports and load balancers. @default - the last quarter of the network */
  readonly allocationPool?: { readonly first: string; readonly last: string };
  /** Terraform state backend. @default - a file `terraform.tfstate` in the folder of the stack */
  readonly state?: TerraformState;
  /** Install the OpenStack cloud controller manager: it sets up Services of type LoadBalancer, node addresses and zones. @default false */
  readonly cloudController?: boolean;
  /** URL of Keystone, for components in the cluster that access OpenStack. @default - `npx facility bootstrap` asks for it */
  readonly authUrl?: string;
  /**
   * Maximum number of Cinder volumes of a machine besides its root disk. It is larger if machines use virtio-scsi.
   *
   * @default 25
   */
  readonly volumesPerMachine?: number;
  /** Bastion host for SSH. @default - none: SSH is open to `admins` on every node with a public address */
  readonly bastion?: BastionProps;
  /** Use a config drive, for networks without metadata service. @default false */
  readonly configDrive?: boolean;
}

/** Names of all props. A prop that is missing here is a compile error. */
const PROPS: Readonly<Record<keyof OpenStackProps, true>> = {
  admins: true,
  allocationPool: true,
  authUrl: true,
  bastion: true,
  cidr: true,
  cloudController: true,
  configDrive: true,
  entry: true,
  externalNetwork: true,
  floatingIp: true,
  ipv6: true,
  mtu: true,
  nameServers: true,
  network: true,
  publicAddress: true,
  region: true,
  router: true,
  sshKey: true,
  state: true,
  subnet: true,
  volumesPerMachine: true,
};

/** Names of the props of `openstack()`. */
export const OPENSTACK_PROPS: readonly string[] = Object.keys(PROPS);

/** Whether a text is the UUID of an OpenStack resource rather than its name. */
export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/i.test(text);
}

/** The OpenStack project in which the virtual machines of a site are created. */
export interface OpenStack extends OpenStackProps {
  readonly kind: 'openstack';
}

/** Describes the OpenStack project in which virtual machines are created. Invalid values are reported when the site is defined. */
export function openstack(props: OpenStackProps): OpenStack {
  const cloud: OpenStack = { ...props, kind: 'openstack' };
  checkProps(schemaOf('OpenStackProps'), 'cloud', props, 'later');
  return cloud;
}
