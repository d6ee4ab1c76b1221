import { addressOutside, compare, countInvalid, type Finding, failure, type Problem, Problems, problemAt, quote } from '../errors';
import { addressNumber, addressText, contains, range } from './address';
import { addressNumber6, isIpv6 } from './address6';
import { kubeletArguments, validateKubeletArguments } from './allocatable';
import { architectureOf, isArmOnly } from './architecture';
import { certificatesOf } from './authority';
import { validateCloud } from './cloud-validation';
import { type ExistingCluster, kubernetesVersion } from './cluster';
import { checkMirror, checkNoProxy, checkProxy } from './egress';
import { gpuLabels, MIG_CONFIG_LABEL } from './gpu/offers';
import { gpuWarnings, validateGpus } from './gpu/validation';
import { checkImage } from './images';
import { validateIpv6 } from './ipv6-validation';
import {
  acceptanceReasonMissing,
  addressDuplicate,
  addressesCount,
  addressInAllocationPool,
  addressOfSubnet,
  allocatableUnsupported,
  apiServerInvalid,
  architectureConflict,
  architectureUnsupported,
  egressUnused,
  etcdEven,
  etcdSingle,
  formerNameTaken,
  hostnameDuplicate,
  hostnameInvalid,
  hostnamesCount,
  hostnamesMissing,
  hostnamesUnsupported,
  keyAddressMissing,
  keyDuplicate,
  keyUnknown,
  labelInvalid,
  nodeAddressMissing,
  nodesExceeded,
  noPools,
  poolDuplicate,
  reservedConflict,
  reservedDiffers,
  reservedExceedsFlavor,
  retiredKey,
  roleMissing,
  roleUnknown,
  storageDuplicate,
  storageNeedsCloud,
  taintInvalid,
  versionUnsupported,
  volumeDuplicate,
} from './messages';
import { checkName } from './name';
import type { NodePool, Role } from './node-pool';
import type { OpenStack } from './openstack';
import { bytes, type Memory } from './quantity';
import { validateNodeAddress, validateRanges } from './range-validation';
import { secret } from './secret';
import { allocationPool, formerNames, keyPosition, MAX_NODES, nodesWith, poolKeys, type Site } from './site';

/** Oldest Kubernetes whose API serves everything that the library writes (PodDisruptionBudget `unhealthyPodEvictionPolicy`). */
const OLDEST_MINOR = 27;
const ROLES: readonly Role[] = ['controlplane', 'etcd', 'worker'];

/** All errors of a site. */
export function siteProblems(site: Site): readonly Problem[] {
  const problems = new Problems();
  problems.attempt(site.name, () => checkName(site.name, 40));
  if (site.pools.length === 0) problems.add(`${site.name}/pools`, noPools());
  if (!kubernetesVersion(site.cluster.version) || site.cluster.minor < OLDEST_MINOR) {
    problems.add(`${site.name}/cluster/version`, versionUnsupported(site.cluster.version, OLDEST_MINOR));
  }
  if (site.cluster.kind === 'existing') validateApiServers(site.name, site.cluster, problems);
  for (const [name, image] of Object.entries(site.images ?? {})) problems.attempt(`${site.name}/images/${name}`, () => checkImage(image));
  if (site.registry !== undefined) problems.attempt(`${site.name}/registry`, () => checkImage(`${site.registry}/image`));
  for (const pool of site.pools) validatePool(site, pool, problems);
  for (const name of duplicates(site.pools.map((pool) => pool.name))) problems.add(`${site.name}/pools`, poolDuplicate(name));
  if (site.nodes.length > MAX_NODES) problems.add(`${site.name}/pools`, nodesExceeded(site.nodes.length, MAX_NODES));
  validateFormerNames(site, problems);
  validateSameReservations(site, problems);
  validateRoles(site, problems);
  validateKubeletArguments(site.cluster, `${site.name}/cluster`, problems);
  validateRanges(site, problems);
  validateIpv6(site, problems);
  validateAddresses(site, problems);
  validateStorage(site, problems);
  validateEgress(site, problems);
  if (site.cloud) validateCloud(site, site.cloud, problems);
  for (const [index, { code, reason }] of (site.accept ?? []).entries())
    if (!reason?.trim()) problems.add(`${site.name}/accept/${index}/reason`, acceptanceReasonMissing(code));
  return problems.all;
}

/** All warnings of a site. */
export function siteWarnings(site: Site): readonly Problem[] {
  const etcd = site.cluster.kind === 'existing' ? [] : nodesWith(site, 'etcd');
  return [
    ...(etcd.length === 1 ? [problemAt(`${site.name}/pools`, etcdSingle(etcd[0]?.name ?? ''))] : []),
    ...(site.egress && !site.cloud && site.cluster.kind !== 'rke2' ? [problemAt(`${site.name}/egress`, egressUnused())] : []),
    ...site.pools.flatMap((pool) => gpuWarnings(`${site.name}/pools/${pool.name}`, pool, site.cloud !== undefined)),
  ];
}

function validatePool(site: Site, pool: NodePool, problems: Problems): void {
  const path = `${site.name}/pools/${pool.name}`;
  const keys = poolKeys(pool);
  // Node names contain the names of site and pool, which are reported separately.
  const hasValidNames = problems.attempt(path, () => checkName(pool.name)) && new Problems().attempt('', () => checkName(site.name));
  if (pool.count !== undefined && (!Number.isInteger(pool.count) || pool.count < 0))
    problems.add(`${path}/count`, countInvalid(pool.count, 0));
  else if (pool.count !== undefined && pool.count > MAX_NODES) problems.add(`${path}/count`, nodesExceeded(pool.count, MAX_NODES));
  for (const key of duplicates(keys)) problems.add(`${path}/keys`, keyDuplicate(key));
  for (const key of hasValidNames ? keys : []) problems.attempt(`${path}/keys`, () => checkName(`${site.name}-${pool.name}-${key}`));
  validateAddressList(path, pool, 'addresses', problems);
  validateAddressList(path, pool, 'addresses6', problems);
  validateRetired(path, pool, problems);
  validateHostnames(site, pool, problems);
  if (!(pool.flavor.vcpus > 0 && Number.isInteger(pool.flavor.vcpus)))
    problems.add(`${path}/flavor/vcpus`, countInvalid(pool.flavor.vcpus, 1, true));
  const { disk } = pool.flavor;
  if (disk !== undefined) problems.attempt(`${path}/flavor/disk`, () => bytes(disk));
  for (const role of pool.roles ?? []) if (!ROLES.includes(role)) problems.add(`${path}/roles`, roleUnknown(role, ROLES));
  for (const [key, value] of Object.entries(pool.labels ?? {})) problems.attempt(`${path}/labels`, () => checkLabel(key, value));
  const gpuPluginLabels = pool.gpus?.sharing === 'plugin' ? pool.gpus.labels : undefined;
  for (const [key, value] of Object.entries(gpuPluginLabels ?? {})) problems.attempt(`${path}/gpus/labels`, () => checkLabel(key, value));
  for (const taint of pool.taints ?? []) {
    problems.attempt(`${path}/taints`, () => checkLabel(taint.key, taint.value ?? ''));
    if (!['NoSchedule', 'PreferNoSchedule', 'NoExecute'].includes(taint.effect)) problems.add(`${path}/taints`, taintInvalid(taint.effect));
  }
  const volumes = pool.dataVolumes ?? [];
  for (const volume of volumes) {
    problems.attempt(`${path}/dataVolumes/${volume.name}`, () => checkName(volume.name));
    problems.attempt(`${path}/dataVolumes/${volume.name}/size`, () => bytes(volume.size));
  }
  for (const name of duplicates(volumes.map((volume) => volume.name))) problems.add(`${path}/dataVolumes`, volumeDuplicate(name));
  if (pool.bootVolume) problems.attempt(`${path}/bootVolume/size`, () => bytes(pool.bootVolume?.size as Memory));
  validateGpus(path, pool, problems);
  if (pool.architecture === 'amd64' && isArmOnly(pool.gpus)) problems.add(`${path}/architecture`, architectureConflict(pool.name));
  else if (architectureOf(pool) === 'arm64' && site.cluster.kind === 'rke1')
    problems.add(`${path}/architecture`, architectureUnsupported(pool.name));
  validateReservations(site, pool, path, problems);
}

/** Reports reservations with which the kubelet does not start, or that are not written to it. */
function validateReservations(site: Site, pool: NodePool, path: string, problems: Problems): void {
  const { cluster } = site;
  const node = site.nodes.find((candidate) => candidate.pool === pool);
  if (pool.allocatable && cluster.kind !== 'existing') problems.add(`${path}/allocatable`, allocatableUnsupported(cluster.kind));
  if (pool.allocatable || !node) return;
  if (node.allocatable.cpu === 0 && pool.flavor.vcpus > 0)
    problems.add(`${path}/reserved`, reservedExceedsFlavor('cpu', `${pool.flavor.vcpus} cores`));
  if (node.allocatable.memory === 0) problems.add(`${path}/reserved`, reservedExceedsFlavor('memory', pool.flavor.memory));
  if (cluster.kind === 'existing' || !pool.reserved) return;
  const given = cluster.props.arguments?.kubelet ?? {};
  for (const argument of ['kube-reserved', 'system-reserved', 'eviction-hard'])
    if (argument in given) problems.add(`${path}/reserved`, reservedConflict(argument));
}

/** RKE has one list of kubelet arguments for all nodes. */
function validateSameReservations(site: Site, problems: Problems): void {
  if (site.cluster.kind !== 'rke1') return;
  const written = site.pools.map((pool) => new Problems().attempt('', () => JSON.stringify(kubeletArguments(site.cluster, pool))));
  if (new Set(written.filter((text) => text !== undefined)).size > 1)
    problems.add(`${site.name}/pools`, reservedDiffers(site.pools.map(({ name }) => name)));
}

function validateAddressList(path: string, pool: NodePool, prop: 'addresses' | 'addresses6', problems: Problems): void {
  const addresses = pool[prop];
  if (!addresses) return;
  const keys = poolKeys(pool);
  if (Array.isArray(addresses)) {
    if (addresses.length !== keys.length) problems.add(`${path}/${prop}`, addressesCount(addresses.length, keys.length, prop));
    return;
  }
  for (const key of Object.keys(addresses)) if (!keys.includes(key)) problems.add(`${path}/${prop}/${key}`, keyUnknown(key, keys));
}

function validateRetired(path: string, pool: NodePool, problems: Problems): void {
  const keys = poolKeys(pool);
  for (const key of Object.keys(pool.retired ?? {})) if (keys.includes(key)) problems.add(`${path}/retired/${key}`, retiredKey(key));
}

/** Two pools with the same former name would both claim its machines. */
function validateFormerNames({ name, pools }: Site, problems: Problems): void {
  for (const pool of pools)
    for (const former of formerNames(pool)) {
      const other = pools.find((one) => one.name === former || (one !== pool && formerNames(one).includes(former)));
      if (other) problems.add(`${name}/pools/${pool.name}/renamedFrom`, formerNameTaken(former, other.name));
    }
}

function validateHostnames(site: Site, pool: NodePool, problems: Problems): void {
  const path = `${site.name}/pools/${pool.name}/hostnames`;
  const { hostnames } = pool;
  const keys = poolKeys(pool);
  if (!hostnames) {
    const layouts = new Set(keys.map((key) => new Problems().attempt('', () => gpuLabels(pool.gpus, key)[MIG_CONFIG_LABEL])));
    const labels = Object.entries(pool.labels ?? {}).map(([key, value]) => `${key}=${value}`);
    if (site.cluster.kind === 'existing' && layouts.size > 1) problems.add(path, hostnamesMissing(pool.name, labels.join(',') || 'none'));
    return;
  }
  if (site.cluster.kind !== 'existing') problems.add(path, hostnamesUnsupported(site.cluster.kind));
  if (hostnames.length !== keys.length) problems.add(path, hostnamesCount(hostnames.length, keys.length));
  for (const name of hostnames) problems.attempt(path, () => checkNodeName(name));
  const all = site.nodes.map((node) => node.name);
  for (const name of duplicates(all)) if (hostnames.includes(name)) problems.add(path, hostnameDuplicate(name));
}

/**
 * @throws INVALID_HOSTNAME
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-subdomain-names
 */
function checkNodeName(name: string): void {
  const valid = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(String(name)) && String(name).length <= 253;
  if (!valid) throw failure(hostnameInvalid(name));
}

function validateApiServers(name: string, { apiServers, apiPorts }: ExistingCluster, problems: Problems): void {
  const path = `${name}/cluster/apiServers`;
  if (apiServers.length === 0) problems.add(path, apiServerInvalid('none'));
  for (const cidr of apiServers) {
    const address = cidr.replace(/\/(?:32|128)$/, '');
    const isAddress = new Problems().attempt('', () => (isIpv6(address) ? addressNumber6(address) : addressNumber(address))) !== undefined;
    if (!isAddress) problems.add(path, apiServerInvalid(quote(address)));
  }
  const all = apiServers.map((cidr, index) => `${cidr.replace(/\/(?:32|128)$/, '')} with port ${apiPorts[index]}`);
  for (const server of duplicates(all)) problems.add(path, apiServerInvalid(`${server} twice`));
}

/** @see https://etcd.io/docs/v3.5/faq/#why-an-odd-number-of-cluster-members */
function validateRoles(site: Site, problems: Problems): void {
  if (site.cluster.kind === 'existing' || site.pools.length === 0) return;
  for (const role of ROLES) {
    if (nodesWith(site, role).length === 0) problems.add(`${site.name}/pools`, roleMissing(role));
  }
  const etcd = nodesWith(site, 'etcd').length;
  if (etcd > 0 && etcd % 2 === 0) problems.add(`${site.name}/pools`, etcdEven(etcd));
}

function validateAddresses(site: Site, problems: Problems): void {
  const network = site.cloud && new Problems().attempt('', () => range(site.cloud?.cidr ?? ''));
  const owners = new Map<string, string>();
  for (const node of site.nodes) {
    const path = `${site.name}/pools/${node.pool.name}/${node.key}/address`;
    if (node.address === '') {
      const counted = (site.cloud && network) || node.pool.firstAddress;
      const hasValidName = new Problems().attempt('', () => checkName(`${node.pool.name}-${node.key}`)) !== undefined;
      if (counted && keyPosition(node.key) === undefined) {
        if (hasValidName) problems.add(path, keyAddressMissing(node.key, freeAddress(site, node)));
      } else if (site.cluster.kind !== 'existing' && !(site.cloud && !network) && !node.pool.firstAddress)
        problems.add(path, nodeAddressMissing(node.name));
      continue;
    }
    const number = problems.attempt(path, () => addressNumber(node.address));
    const owner = owners.get(node.address);
    if (owner && owner !== node.name) problems.add(path, addressDuplicate(node.address, node.name, owner, node.pool.name));
    owners.set(node.address, node.name);
    if (number !== undefined && !network) validateNodeAddress(site, path, number, problems);
    if (number === undefined || !network || !site.cloud) continue;
    const outside = !contains(network, number);
    if (outside) problems.add(path, addressOutside(node.address, network.cidr, node.pool.addresses ? 'addresses' : 'firstAddress'));
    else if (number <= network.first + 1 || number === network.last)
      problems.add(path, addressOfSubnet(node.address, addressText(network.first + 2), addressText(network.last - 1)));
    else if (inPool(site.cloud, number)) problems.add(path, addressInAllocationPool(node.address, allocationPool(site.cloud)));
  }
}

/** A free address for a node: after the last one of the pool or of the site. */
function freeAddress(site: Site, { pool, key }: Site['nodes'][number]): string {
  const read = (address: string) => new Problems().attempt('', () => addressNumber(address));
  const taken = site.nodes.map(({ address }) => read(address)).filter((number) => number !== undefined);
  const missing = poolKeys(pool).filter((other) => keyPosition(other) === undefined);
  const start = pool.firstAddress ? read(pool.firstAddress) : undefined;
  const first =
    start ?? Math.max(...taken, site.cloud ? (new Problems().attempt('', () => range(site.cloud?.cidr ?? ''))?.first ?? 0) + 9 : 0) + 1;
  let number = first;
  for (let left = missing.indexOf(key); taken.includes(number) || left > 0; number++) if (!taken.includes(number)) left--;
  return addressText(number);
}

function inPool(cloud: OpenStack, address: number): boolean {
  const pool = new Problems().attempt('', () => {
    const { first, last } = allocationPool(cloud);
    return { cidr: '', first: addressNumber(first), last: addressNumber(last) };
  });
  return pool !== undefined && contains(pool, address);
}

function validateStorage(site: Site, problems: Problems): void {
  for (const name of duplicates(site.storageClasses.map((storage) => storage.name)))
    problems.add(`${site.name}/storage`, storageDuplicate(name));
  for (const [index, storage] of site.storageClasses.entries()) {
    const at = typeof storage.name === 'string' ? storage.name : index;
    problems.attempt(`${site.name}/storage/${at}`, () => checkName(storage.name));
    if (storage.kind === 'cinder' && !site.cloud) problems.add(`${site.name}/storage/${storage.name}`, storageNeedsCloud(storage.name));
  }
}

function validateEgress({ name, egress, imagePullSecrets = [] }: Site, problems: Problems): void {
  for (const [index, secretName] of imagePullSecrets.entries())
    problems.attempt(`${name}/imagePullSecrets/${index}`, () => secret(secretName, '.dockerconfigjson'));
  const path = `${name}/egress`;
  const { proxy, mirrors = {}, authorities = [] } = egress ?? {};
  if (proxy) {
    problems.attempt(`${path}/proxy/http`, () => checkProxy(proxy.http));
    if (proxy.https !== undefined) problems.attempt(`${path}/proxy/https`, () => checkProxy(proxy.https ?? ''));
    for (const [index, entry] of (proxy.noProxy ?? []).entries())
      problems.attempt(`${path}/proxy/noProxy/${index}`, () => checkNoProxy(entry));
  }
  for (const [source, url] of Object.entries(mirrors)) problems.attempt(`${path}/mirrors/${source}`, () => checkMirror(url));
  for (const [index, pem] of authorities.entries()) problems.attempt(`${path}/authorities/${index}`, () => certificatesOf(pem));
}

/**
 * @throws INVALID_LABEL
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/
 */
export function checkLabel(key: string, value: string): void {
  const [name, prefix, rest] = key.split('/').reverse();
  const valid =
    rest === undefined &&
    /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/.test(name ?? '') &&
    (prefix === undefined || (prefix.length <= 253 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(prefix))) &&
    /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/.test(String(value));
  const finding: Finding = labelInvalid(key, value);
  if (!valid) throw failure(finding);
}

function duplicates(names: readonly string[]): readonly string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))].sort(compare);
}
