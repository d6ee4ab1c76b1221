import type { TerraformStack } from 'cdktf';
import { BlockstorageVolumeV3 } from '../../imports/openstack/blockstorage-volume-v3';
import { ComputeInstanceV2, type ComputeInstanceV2BlockDevice } from '../../imports/openstack/compute-instance-v2';
import { ComputeServergroupV2 } from '../../imports/openstack/compute-servergroup-v2';
import { NetworkingPortV2 } from '../../imports/openstack/networking-port-v2';
import { type BootVolume, type NodePool, originalName, type SiteNode } from '../site';
import type { CloudSite } from './cloud-site';
import type { Lookups } from './lookups';
import type { Network } from './network';
import type { SecurityGroups } from './security-groups';
import { userData } from './user-data';
import { verbatim } from './verbatim';
import { gibibytes, placeDataVolumes } from './volumes';

/** Resources that machines refer to. */
export interface MachineContext {
  readonly lookups: Lookups;
  readonly network: Network;
  readonly groups: SecurityGroups;
  /** Name of the key pair of the administrators. */
  readonly keyPair: string;
}

/** Props of a machine: a node or the bastion. */
export interface MachineProps {
  /** Host name; the Terraform address does not depend on other machines. */
  readonly name: string;
  readonly address: string;
  /** IPv6 address, on a dual-stack site. */
  readonly address6?: string;
  readonly flavor: string;
  readonly image: string;
  readonly groupIds: string[];
  readonly userData: string;
  readonly metadata: Record<string, string>;
  readonly serverGroupId?: string;
  readonly bootVolume?: BootVolume;
  /** Names of additional networks. */
  readonly networks?: readonly string[];
  readonly availabilityZone?: string;
}

export interface Machine {
  readonly server: ComputeInstanceV2;
  readonly portId: string;
}

/**
 * Attributes whose changes Terraform ignores, because they would replace a running server or wipe its disk: cloud-init runs only once,
 * images are rebuilt under the same name every few weeks, and a node must be drained before it is replaced. To replace a server explicitly:
 * `terraform apply -replace=openstack_compute_instance_v2.worker-2`.
 */
const IGNORED_CHANGES = ['user_data', 'image_id', 'block_device', 'key_pair', 'scheduler_hints', 'availability_zone', 'config_drive'];

const POLICIES = { soft: 'soft-anti-affinity', hard: 'anti-affinity' } as const;

/** Creates all nodes of the site, with their addresses and volumes. */
export function placeNodes(stack: TerraformStack, site: CloudSite, context: MachineContext): ReadonlyMap<SiteNode, Machine> {
  const serverGroups = placeServerGroups(stack, site);
  const machines = new Map<SiteNode, Machine>();
  for (const node of site.nodes) {
    const id = nodeId(node);
    const machine = placeMachine(stack, site, context, id, {
      name: node.name,
      address: node.address,
      address6: context.network.subnet6Id === undefined ? undefined : node.address6,
      flavor: node.flavor.name ?? '',
      image: node.pool.image ?? '',
      groupIds: context.groups.ofNode(node),
      userData: userData(site, node),
      metadata: { site: site.name, pool: node.pool.name, roles: node.roles.join(',') },
      serverGroupId: serverGroups.get(node.pool),
      bootVolume: node.pool.bootVolume,
      networks: node.pool.networks,
      availabilityZone: node.pool.availabilityZone,
    });
    placeDataVolumes(stack, site, node, id, machine.server);
    machines.set(node, machine);
  }
  return machines;
}

/** Creates a machine, and the port with its address. */
export function placeMachine(
  stack: TerraformStack,
  { cloud }: CloudSite,
  { lookups, network, keyPair }: MachineContext,
  id: string,
  props: MachineProps,
): Machine {
  const region = verbatim(cloud.region);
  const port = new NetworkingPortV2(stack, `${id}_port`, {
    region,
    name: props.name,
    networkId: network.id,
    adminStateUp: true,
    securityGroupIds: props.groupIds,
    fixedIp: [
      { subnetId: network.subnetId, ipAddress: props.address },
      ...(props.address6 ? [{ subnetId: network.subnet6Id, ipAddress: props.address6 }] : []),
    ],
    lifecycle: { postcondition: [props.address, ...(props.address6 ? [props.address6] : [])].map((one) => hasAddress(props.name, one)) },
  });
  const imageId = lookups.image(props.image);
  const server = new ComputeInstanceV2(stack, id, {
    region,
    name: props.name,
    flavorId: lookups.flavor(props.flavor),
    ...(props.bootVolume ? { blockDevice: [bootDevice(stack, region, id, imageId, props.name, props.bootVolume)] } : { imageId }),
    keyPair,
    userData: props.userData,
    configDrive: cloud.configDrive || undefined,
    availabilityZone: props.availabilityZone && verbatim(props.availabilityZone),
    network: [{ port: port.id }, ...(props.networks ?? []).map((name) => ({ uuid: lookups.network(name) }))],
    schedulerHints: props.serverGroupId === undefined ? undefined : [{ group: props.serverGroupId }],
    metadata: props.metadata,
    lifecycle: { ignoreChanges: IGNORED_CHANGES },
    dependsOn: network.egress.length > 0 ? [...network.egress] : undefined,
  });
  return { server, portId: port.id };
}

/** E.g. `worker-2`: names are joined by hyphens, other parts of the stack by underscores, so that ids are unique. */
function nodeId(node: SiteNode): string {
  return `${node.pool.name}-${node.key}`;
}

/** One server group per pool, even for a single server: the group can only be set when a server is created. */
function placeServerGroups(stack: TerraformStack, site: CloudSite): ReadonlyMap<NodePool, string> {
  const groups = new Map<NodePool, string>();
  for (const pool of site.pools) {
    const spread = pool.spread ?? 'soft';
    if (spread === 'none') continue;
    const group = new ComputeServergroupV2(stack, `servers_${pool.name}`, {
      region: verbatim(site.cloud.region),
      name: `${site.name}-${originalName(pool)}`,
      policies: [POLICIES[spread]],
    });
    groups.set(pool, group.id);
  }
  return groups;
}

/** A root disk on a named volume. A volume that Nova creates has no name, so its server would be unknown later. */
function bootDevice(
  stack: TerraformStack,
  region: string,
  id: string,
  imageId: string,
  name: string,
  { size, type, availabilityZone }: BootVolume,
): ComputeInstanceV2BlockDevice {
  const volume = new BlockstorageVolumeV3(stack, `${id}_boot`, {
    region,
    name: `${name}-boot`,
    size: gibibytes(size),
    imageId,
    volumeType: type && verbatim(type),
    availabilityZone: availabilityZone && verbatim(availabilityZone),
    lifecycle: { ignoreChanges: ['image_id', 'volume_type', 'availability_zone'] },
  });
  return { sourceType: 'volume', uuid: volume.id, destinationType: 'volume', bootIndex: 0, deleteOnTermination: false };
}

/** The model assigns the address, and cluster configuration and certificates contain it: an apply with another address must fail. */
function hasAddress(name: string, address: string): { readonly condition: string; readonly errorMessage: string } {
  return {
    condition: `\${contains(self.all_fixed_ips, ${JSON.stringify(address)})}`,
    errorMessage: `The port of ${name} does not have the address ${address}, which cluster configuration and certificates contain.`,
  };
}
