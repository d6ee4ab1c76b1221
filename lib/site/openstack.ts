import { checkProps } from '../errors';
import { schemaOf } from './schema';

/** Where Terraform keeps what it knows. A path or name is always written, so that no folder of a machine enters the output. */
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

/** A machine that is the only way in by SSH. */
export interface BastionProps {
  /** Name of the OpenStack flavor. */
  readonly flavor: string;
  /** Name of the OpenStack image. */
  readonly image: string;
  /** Address inside the network. @default - the last one below the allocation pool */
  readonly address?: string;
}

export interface OpenStackProps {
  /** Region in the catalogue of the cloud. */
  readonly region: string;
  /** IPv4 range of the nodes' subnet. */
  readonly cidr: string;
  /**
   * IPv6 range of the nodes for a dual-stack cluster: a second subnet in the same network. Each node has the same place in it as in `cidr`.
   *
   * @default - IPv4 only
   * @throws MISSING_IPV6, EXCEEDS_IPV6_CIDR
   */
  readonly ipv6?: { readonly cidr: string };
  /**
   * Name of the external network that routers and floating IPs use.
   *
   * @default - none: only with an existing `network` and without floating IPs
   * @throws MISSING_EXTERNAL_NETWORK if a router or a floating IP needs it
   */
  readonly externalNetwork?: string;
  /**
   * Name or UUID of an existing network for the nodes: a provider network, or a network of the project with a router of its own.
   *
   * @default - a network and a subnet are created
   */
  readonly network?: string;
  /** Name or UUID of the subnet of an existing network. @default - the subnet of `network` with the range `cidr` */
  readonly subnet?: string;
  /** UUID of an existing router that connects the created network. @default - a router to `externalNetwork` is created */
  readonly router?: string;
  /** Addresses from which administrators reach SSH and the Kubernetes API, as CIDRs. There is no safe default. */
  readonly admins: readonly string[];
  /** Public key of the administrators, one line as in `authorized_keys`. */
  readonly sshKey: string;
  /**
   * Address under which the site is known outside: it goes into certificates and host names at synthesis, before any
   * machine exists.
   *
   * @default - the site is not reachable from outside
   */
  readonly publicAddress?: string;
  /**
   * How the public address reaches the entry. `allocate`: Terraform allocates a floating IP, and warns until it is the one that is written as
   * `publicAddress`. `reserved`: the floating IP exists (`openstack floating ip create`) and stays when the site is destroyed.
   * `none`: there is no floating IP; the address is that of the entry itself on a provider network, or is translated by somebody else.
   *
   * @default allocate
   */
  readonly floatingIp?: 'reserved' | 'allocate' | 'none';
  /** What the public address leads to: the first control plane, or an Octavia load balancer before all. @default node */
  readonly entry?: 'node' | 'load-balancer';
  /** MTU of the network. @default - the cloud's */
  readonly mtu?: number;
  /** Name servers of the nodes. @default - the cloud's */
  readonly nameServers?: readonly string[];
  /** Addresses that OpenStack may give to others: DHCP ports, load balancers. @default - the last quarter of the network */
  readonly allocationPool?: { readonly first: string; readonly last: string };
  /** @default - a file `terraform.tfstate` beside the stack */
  readonly state?: TerraformState;
  /** Install the OpenStack cloud controller manager: Services of type LoadBalancer, node addresses and zones. @default false */
  readonly cloudController?: boolean;
  /** URL of Keystone, for the components that talk to OpenStack from inside. @default - asked for by `facility bootstrap` */
  readonly authUrl?: string;
  /**
   * Most Cinder volumes that a machine can have beside its root disk; more where machines use virtio-scsi.
   *
   * @default 25
   */
  readonly volumesPerMachine?: number;
  /** A machine in front of all others for SSH. @default - none: SSH is open to `admins` on every node with a public address */
  readonly bastion?: BastionProps;
  /** Give metadata by a config drive, where the network has no metadata service. @default false */
  readonly configDrive?: boolean;
}

/** Every prop by name; a new one that is missing here does not compile. */
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

/** Whether a text is the id of an OpenStack resource rather than its name. */
export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/i.test(text);
}

/** OpenStack below the site: machines are created there. */
export interface OpenStack extends OpenStackProps {
  readonly kind: 'openstack';
}

/** Machines in an OpenStack project. What is wrong with the description is told when the site is defined. */
export function openstack(props: OpenStackProps): OpenStack {
  const cloud: OpenStack = { ...props, kind: 'openstack' };
  checkProps(schemaOf('OpenStackProps'), 'cloud', props, 'later');
  return cloud;
}
