import type { TerraformStack } from 'cdktf';
import { BlockstorageVolumeV3 } from '../../imports/openstack/blockstorage-volume-v3';
import { ComputeInstanceV2, type ComputeInstanceV2BlockDevice } from '../../imports/openstack/compute-instance-v2';
import { ComputeServergroupV2 } from '../../imports/openstack/compute-servergroup-v2';
import { NetworkingPortV2 } from '../../imports/openstack/networking-port-v2';
import type { BootVolume, NodePool, SiteNode } from '../site';
import type { CloudSite } from './cloud-site';
import type { Lookups } from './lookups';
import type { Network } from './network';
import type { SecurityGroups } from './security-groups';
import { userData } from './user-data';
import { verbatim } from './verbatim';
import { gibibytes, placeDataVolumes } from './volumes';

/** What machines are placed among. */
export interface Surroundings {
  readonly lookups: Lookups;
  readonly network: Network;
  readonly groups: SecurityGroups;
  /** Name of the administrators' key pair. */
  readonly keyPair: string;
}

/** What of a machine differs from node to bastion. */
export interface MachineProps {
  /** Host name, and the part of the Terraform address that stays when other machines come and go. */
  readonly name: string;
  readonly address: string;
  /** Of a machine of a dual-stack site. */
  readonly address6?: string;
  readonly flavor: string;
  readonly image: string;
  readonly groupIds: string[];
  readonly userData: string;
  readonly metadata: Record<string, string>;
  readonly serverGroupId?: string;
  readonly bootVolume?: BootVolume;
  /** Names of further networks. */
  readonly networks?: readonly string[];
  readonly availabilityZone?: string;
}

export interface Machine {
  readonly server: ComputeInstanceV2;
  readonly portId: string;
}

/**
 * What would replace a running machine or wipe its disk, and must not: cloud-init is read once, an image of the same
 * name is published anew every few weeks, and a machine that etcd lives on has to be drained first. To renew one machine
 * on purpose: `terraform apply -replace=openstack_compute_instance_v2.worker-2`.
 */
const KEPT = ['user_data', 'image_id', 'block_device', 'key_pair', 'scheduler_hints', 'availability_zone', 'config_drive'];

const POLICIES = { soft: 'soft-anti-affinity', hard: 'anti-affinity' } as const;

/** Every node of the site, with its address and its disks. */
export function placeNodes(stack: TerraformStack, site: CloudSite, around: Surroundings): ReadonlyMap<SiteNode, Machine> {
  const serverGroups = placeServerGroups(stack, site);
  const machines = new Map<SiteNode, Machine>();
  for (const node of site.nodes) {
    const id = nodeId(node);
    const machine = placeMachine(stack, site, around, id, {
      name: node.name,
      address: node.address,
      address6: around.network.subnet6Id === undefined ? undefined : node.address6,
      flavor: node.flavor.name ?? '',
      image: node.pool.image ?? '',
      groupIds: around.groups.ofNode(node),
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

/** A machine and the port that holds its address. */
export function placeMachine(
  stack: TerraformStack,
  { cloud }: CloudSite,
  { lookups, network, keyPair }: Surroundings,
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
    lifecycle: { ignoreChanges: KEPT },
    dependsOn: network.egress.length > 0 ? [...network.egress] : undefined,
  });
  return { server, portId: port.id };
}

/** `worker-2`: hyphens join names, underscores the parts of the stack, so no pool takes the id of something else. */
function nodeId(node: SiteNode): string {
  return `${node.pool.name}-${node.key}`;
}

/** One group a pool, also for a single machine: the group is read when a machine is created and never again. */
function placeServerGroups(stack: TerraformStack, site: CloudSite): ReadonlyMap<NodePool, string> {
  const groups = new Map<NodePool, string>();
  for (const pool of site.pools) {
    const spread = pool.spread ?? 'soft';
    if (spread === 'none') continue;
    const group = new ComputeServergroupV2(stack, `servers_${pool.name}`, {
      region: verbatim(site.cloud.region),
      name: `${site.name}-${pool.renamedFrom ?? pool.name}`,
      policies: [POLICIES[spread]],
    });
    groups.set(pool, group.id);
  }
  return groups;
}

/** A root disk on a volume with a name of its own: a volume that Nova creates has none, and nobody knows later whose it was. */
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

/** The model assigns the address, and cluster configuration and certificates rely on it: an apply that got another one must fail. */
function hasAddress(name: string, address: string): { readonly condition: string; readonly errorMessage: string } {
  return {
    condition: `\${contains(self.all_fixed_ips, ${JSON.stringify(address)})}`,
    errorMessage: `The port of ${name} has not the address ${address}, which cluster configuration and certificates name.`,
  };
}
