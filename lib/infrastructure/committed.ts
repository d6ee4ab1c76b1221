import { compare, failure, type Problems } from '../errors';
import { addressNumber, addressText, formerNames, keyPosition, type NodePool, type Site } from '../site';
import { type CloudSite, hasCloud } from './cloud-site';
import {
  addressChanged,
  CREATED,
  etcdMembersGone,
  flavorDiskSmaller,
  flavorResized,
  floatingIpReleased,
  networkChanged,
  nodeNameChanged,
  poolMissing,
  retireNode,
  retireVolume,
  type Servers,
  serversMissing,
  stackInvalid,
  volumeChanged,
  volumeMissing,
  volumeSmaller,
} from './messages';
import { FLOATING_IP } from './moves';

/** The parts of Terraform JSON that are compared. */
interface Stack {
  readonly resource?: Readonly<Record<string, Readonly<Record<string, Attributes>>>>;
  readonly data?: Readonly<Record<string, Readonly<Record<string, Attributes>>>>;
  readonly moved?: readonly { readonly from: string; readonly to: string }[];
  readonly removed?: readonly { readonly from: string }[];
}

type Attributes = Readonly<Record<string, unknown>>;

const SERVER = 'openstack_compute_instance_v2';
const PORT = 'openstack_networking_port_v2';
const VOLUME = 'openstack_blockstorage_volume_v3';
const FLAVOR = 'openstack_compute_flavor_v2';

/**
 * Compares the new stack with the committed one, and reports what an apply would destroy, or change in a way that OpenStack rejects.
 * Errors: MISSING_COMMITTED_VOLUME, MISSING_COMMITTED_POOL, IMMUTABLE_NODE_ADDRESS, IMMUTABLE_NODE_NAME, IMMUTABLE_NETWORK, IMMUTABLE_VOLUME,
 * IMMUTABLE_VOLUME_SIZE, IMMUTABLE_FLAVOR_DISK, MISSING_COMMITTED_FLOATING_IP, INVALID_COMMITTED_STACK. Warnings: EXCEEDS_SAFE_RESIZE, MISSING_COMMITTED_SERVERS.
 *
 * @param committed text of the committed cdk.tf.json
 * @param text text of the new cdk.tf.json
 */
export function checkStack(site: Site, committed: string, text: string, problems: Problems): void {
  if (!hasCloud(site) || committed === text) return;
  const before = problems.attempt(`${site.name}/terraform`, () => parseStack(committed));
  if (!before) return;
  const after = JSON.parse(text) as Stack;
  const moves = new Map((after.moved ?? []).map(({ from, to }) => [from, to]));
  const current = (type: string, id: string) => after.resource?.[type]?.[moved(moves, `${type}.${id}`).slice(type.length + 1)];
  checkVolumes(site, before, after, current, problems);
  checkServers(site, before, current, problems);
  checkNames(site, before, current, problems);
  // Every node would get another port.
  if (!checkNetwork(site, before, after, problems)) checkAddresses(site, before, current, problems);
  checkFlavors(site, before, after, current, problems);
  checkFloatingIp(site, before, after, problems);
}

/** A floating IP that is removed from the stack is released, and another project may get it. */
function checkFloatingIp(site: CloudSite, before: Stack, after: Stack, problems: Problems): void {
  const [type = '', id = ''] = FLOATING_IP.split('.');
  const keeps = (stack: Stack) => stack.resource?.[type]?.[id] !== undefined;
  const isKept = (after.removed ?? []).some(({ from }) => from === FLOATING_IP);
  if (keeps(before) && !keeps(after) && !isKept)
    problems.add(`${site.name}/cloud/${site.cloud.publicAddress === undefined ? 'publicAddress' : 'floatingIp'}`, floatingIpReleased());
}

/** Where a resource is after all moves. */
function moved(moves: ReadonlyMap<string, string>, address: string): string {
  let now = address;
  for (let left = moves.size; left > 0; left--) now = moves.get(now) ?? now;
  return now;
}

/** @throws INVALID_COMMITTED_STACK */
function parseStack(text: string): Stack {
  try {
    return JSON.parse(text) as Stack;
  } catch (error) {
    throw failure(stackInvalid(String(error)));
  }
}

/** Finds a resource of the committed stack in the new one, by its new address if it was moved. */
type Find = (type: string, id: string) => Attributes | undefined;

function entries(stack: Stack, type: string): readonly (readonly [string, Attributes])[] {
  return Object.entries(stack.resource?.[type] ?? {}).sort(([a], [b]) => compare(a, b));
}

function checkVolumes(site: CloudSite, before: Stack, after: Stack, current: Find, problems: Problems): void {
  const keptVolumes = (after.removed ?? []).map(({ from }) => from);
  for (const [id, volume] of entries(before, VOLUME)) {
    const [, pool = '', key = '', name = ''] = /^(.+)-([^_]+)_(?:volume_)?(.+)$/.exec(id) ?? [];
    const path = `${site.name}/pools/${pool}`;
    const now = current(VOLUME, id);
    if (now) {
      if (Number(now.size) < Number(volume.size))
        problems.add(`${path}/${name}/size`, volumeSmaller(text(volume.name), Number(volume.size), Number(now.size)));
      // Terraform ignores changes of these attributes of boot volumes.
      for (const attribute of name === 'boot' ? [] : ['volume_type', 'availability_zone'])
        if (now[attribute] !== volume[attribute])
          problems.add(`${path}/${name}`, volumeChanged(text(volume.name), attribute, text(volume[attribute]), text(now[attribute])));
    } else if (name !== 'boot' && !keptVolumes.includes(`${VOLUME}.${id}`) && !isRetired(site, pool, key, name))
      problems.add(path, volumeMissing(text(volume.name), Number(volume.size), fixForVolume(site, pool, key, name, Number(volume.size))));
  }
}

function poolNamed({ pools }: CloudSite, name: string): NodePool | undefined {
  return pools.find((pool) => pool.name === name || formerNames(pool).includes(name));
}

function isRetired(site: CloudSite, name: string, key: string, volume: string): boolean {
  const pool = poolNamed(site, name);
  const described = pool?.dataVolumes?.find((one) => one.name === volume);
  return pool?.retired?.[key] === 'delete-volumes' || described?.retired === 'delete-volumes';
}

/** A removed node is named by its key, a removed volume by its entry in `dataVolumes`. */
function fixForVolume(site: CloudSite, name: string, key: string, volume: string, size: number): string {
  const pool = poolNamed(site, name);
  const isDescribed = pool?.dataVolumes?.some((one) => one.name === volume);
  if (pool && !isDescribed) return retireVolume(volume, size);
  return retireNode(key, pool === undefined ? name : undefined);
}

function checkServers(site: CloudSite, before: Stack, current: Find, problems: Problems): void {
  const gone = entries(before, SERVER).filter(([id]) => id !== 'bastion' && !current(SERVER, id));
  for (const pool of new Set(gone.map(([id]) => poolOf(id)))) {
    const ofPool = gone.filter(([id]) => poolOf(id) === pool);
    const names = ofPool.map(([, server]) => text(server.name));
    if (poolNamed(site, pool)) {
      const members = entries(before, SERVER).filter(([, server]) => isEtcd(server)).length;
      const isMember = ofPool.some(([, server]) => isEtcd(server));
      const removed = ofPool.map(([id, { name }]) => ({ name: text(name), target: `${SERVER}.${id}` }));
      problems.add(
        `${site.name}/pools/${pool}`,
        isMember && isSeveral(removed) ? etcdMembersGone(removed, members) : serversMissing(names),
      );
    } else
      problems.add(
        `${site.name}/pools/${pool}`,
        poolMissing(
          pool,
          names,
          site.pools.map(({ name }) => name),
        ),
      );
  }
}

function isSeveral(servers: readonly Servers[number][]): servers is Servers {
  return servers.length > 1;
}

function isEtcd({ metadata }: Attributes): boolean {
  return String((metadata as { readonly roles?: unknown } | undefined)?.roles ?? '')
    .split(',')
    .includes('etcd');
}

/** A node keeps the name with which it joined the cluster. */
function checkNames(site: CloudSite, before: Stack, current: Find, problems: Problems): void {
  for (const [id, server] of entries(before, SERVER)) {
    const now = current(SERVER, id);
    if (!now || id === 'bastion' || now.name === server.name) continue;
    const was = text(server.name);
    const written = poolOf(id);
    const pool = poolNamed(site, written);
    const first = was.startsWith(`${site.name}-`) ? was.slice(site.name.length + 1, -keyOf(id).length - 1) : written;
    const former = [...new Set([first, ...(pool ? formerNames(pool) : []), written])].filter((one) => one !== pool?.name);
    problems.add(`${site.name}/pools/${pool?.name ?? written}/renamedFrom`, nodeNameChanged(text(now.name), was, former));
  }
}

/** Records IMMUTABLE_NETWORK for what replaces the ports of all machines, or the machines; whether there is any. */
function checkNetwork(site: CloudSite, before: Stack, after: Stack, problems: Problems): boolean {
  const changes = [
    ['region', regionOf(before), regionOf(after)],
    ['network', networkOf(before), networkOf(after)],
    ['cidr', cidrOf(before), cidrOf(after)],
  ] as const;
  const found = changes.filter(([, was, is]) => was !== undefined && is !== undefined && was !== is);
  for (const [prop, was, is] of found) problems.add(`${site.name}/cloud/${prop}`, networkChanged(prop, text(was), text(is)));
  return found.length > 0;
}

const NETWORK = 'openstack_networking_network_v2';
const SUBNET = 'openstack_networking_subnet_v2';

function regionOf(stack: Stack): unknown {
  return entries(stack, PORT)[0]?.[1].region;
}

/** Name or id of an existing network; a word for one that is created. */
function networkOf(stack: Stack): unknown {
  if (stack.resource?.[NETWORK]?.network) return CREATED;
  const existing = stack.data?.[NETWORK]?.network;
  return existing?.name ?? existing?.network_id;
}

function cidrOf(stack: Stack): unknown {
  return (stack.resource?.[SUBNET]?.subnet ?? stack.data?.[SUBNET]?.subnet)?.cidr;
}

function checkAddresses(site: CloudSite, before: Stack, current: Find, problems: Problems): void {
  for (const [id, port] of entries(before, PORT)) {
    const now = current(PORT, id);
    const [given, was] = [addressOf(now), addressOf(port)];
    if (!now || given === was || id === 'bastion_port') continue;
    const node = id.replace(/_port$/, '');
    problems.add(
      `${site.name}/pools/${poolOf(node)}/${keyOf(node)}/address`,
      addressChanged(text(port.name), keyOf(node), given, was, firstAddressFor(keyOf(node), was)),
    );
  }
}

/** The `firstAddress` of a pool with which the key has this address. */
function firstAddressFor(key: string, address: string): string | undefined {
  const position = keyPosition(key);
  return position === undefined || !address ? undefined : addressText(addressNumber(address) - position);
}

function addressOf(port: Attributes | undefined): string {
  const [fixed] = (port?.fixed_ip ?? []) as readonly { readonly ip_address?: string }[];
  return fixed?.ip_address ?? '';
}

/** A resize stops the virtual machine, and Terraform resizes all machines of a pool at once. */
function checkFlavors(site: CloudSite, before: Stack, after: Stack, current: Find, problems: Problems): void {
  for (const pool of site.pools) {
    const resized = entries(before, SERVER).flatMap(([id, server]) => {
      const now = current(SERVER, id);
      const node = site.nodes.find((one) => one.name === now?.name);
      return now && node?.pool === pool && flavorOf(before, server) !== flavorOf(after, now) ? [{ node, server, now }] : [];
    });
    const [first] = resized;
    if (!first) continue;
    const [was, given] = [flavorOf(before, first.server), flavorOf(after, first.now)];
    const [diskWas, disk] = [diskOf(before, first.server), diskOf(after, first.now)];
    const path = `${site.name}/pools/${pool.name}/flavor`;
    if (!pool.bootVolume && diskWas !== undefined && disk !== undefined && disk < diskWas)
      problems.add(path, flavorDiskSmaller(was, diskWas, given, disk));
    const server = ({ node }: typeof first) => ({ name: node.name, target: `${SERVER}.${pool.name}-${node.key}` });
    const servers: Servers = [server(first), ...resized.slice(1).map(server)];
    problems.add(path, flavorResized(was, given, servers, (pool.roles ?? []).includes('etcd')));
  }
}

function flavorOf(stack: Stack, server: Attributes): string {
  return text(flavorData(stack, server)?.name);
}

/** Disk in GiB, from the postcondition of flavors with a disk. */
function diskOf(stack: Stack, server: Attributes): number | undefined {
  const found = /self\.disk >= (\d+)/.exec(JSON.stringify(flavorData(stack, server)?.lifecycle ?? ''))?.[1];
  return found === undefined ? undefined : Number(found);
}

function flavorData(stack: Stack, server: Attributes): Attributes | undefined {
  const id = new RegExp(`data\\.${FLAVOR}\\.([^.]+)\\.id`).exec(text(server.flavor_id))?.[1];
  return id === undefined ? undefined : stack.data?.[FLAVOR]?.[id];
}

const poolOf = (id: string) => id.replace(/-[^-]*$/, '');
const keyOf = (id: string) => id.slice(poolOf(id).length + 1);

function text(value: unknown): string {
  return value === undefined ? 'the default' : String(value);
}
