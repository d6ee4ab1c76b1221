import { countInvalid, type Problems, propUnknown, quote } from '../errors';
import { addressNumber, contains, range } from './address';
import { isIpv6, range6 } from './address6';
import { volumesPerMachine } from './attachable-volumes';
import {
  cloudNeedsField,
  entryNotIngress,
  externalNetworkMissing,
  networkConflict,
  publicAddressInNetwork,
  routerInvalid,
  sshKeyInvalid,
  volumesExceeded,
  zoneConflict,
} from './messages';
import { isUuid, OPENSTACK_PROPS, type OpenStack } from './openstack';
import { dataVolumesOf, nodesWith, type Site } from './site';
import { targetOf } from './target';

/** Validates the OpenStack cloud of a site. */
export function validateCloud(site: Site, cloud: OpenStack, problems: Problems): void {
  const path = `${site.name}/cloud`;
  // With a misspelled `network`, a second network would be created.
  for (const name of Object.keys(cloud))
    if (name !== 'kind' && !OPENSTACK_PROPS.includes(name)) problems.add(`${path}/${name}`, propUnknown(name, OPENSTACK_PROPS));
  validateNetwork(path, cloud, problems);
  const { volumesPerMachine: volumes } = cloud;
  if (volumes !== undefined && !(Number.isInteger(volumes) && volumes >= 1))
    problems.add(`${path}/volumesPerMachine`, countInvalid(volumes));
  validateZones(site, problems);
  for (const pool of site.pools) {
    if (!pool.flavor.name) problems.add(`${site.name}/pools/${pool.name}/flavor/name`, cloudNeedsField('flavor'));
    if (!pool.image) problems.add(`${site.name}/pools/${pool.name}/image`, cloudNeedsField('image'));
  }
  for (const cidr of cloud.admins) problems.attempt(`${path}/admins`, () => (cloud.ipv6 && isIpv6(cidr) ? range6(cidr) : range(cidr)));
  for (const server of cloud.nameServers ?? []) problems.attempt(`${path}/nameServers`, () => addressNumber(server));
  if (!/^(ssh-(ed25519|rsa)|ecdsa-sha2-nistp\d+|sk-[\w-]+@openssh\.com) [A-Za-z0-9+/]{40,}={0,2}( [^\n]*)?$/.test(cloud.sshKey)) {
    problems.add(`${path}/sshKey`, sshKeyInvalid());
  }
  const { publicAddress, authUrl } = cloud;
  if (authUrl !== undefined) problems.attempt(`${path}/authUrl`, () => targetOf(authUrl));
  const address = publicAddress === undefined ? undefined : problems.attempt(`${path}/publicAddress`, () => addressNumber(publicAddress));
  const network = problems.attempt(`${path}/cidr`, () => range(cloud.cidr));
  if (address !== undefined && network && contains(network, address) && cloud.floatingIp !== 'none') {
    problems.add(`${path}/publicAddress`, publicAddressInNetwork(publicAddress ?? '', network.cidr));
  }
  const entry = nodesWith(site, 'controlplane')[0];
  if (publicAddress && (cloud.entry ?? 'node') === 'node' && site.cluster.ingress && entry && !entry.roles.includes('worker')) {
    problems.add(`${path}/entry`, entryNotIngress(entry.name));
  }
}

function validateNetwork(path: string, cloud: OpenStack, problems: Problems): void {
  const { network, subnet, router, externalNetwork, publicAddress, floatingIp = 'allocate', bastion, mtu } = cloud;
  if (network === undefined && subnet !== undefined) problems.add(`${path}/subnet`, networkConflict('subnet', 'without `network`'));
  for (const [name, value] of Object.entries({ router, mtu }))
    if (network !== undefined && value !== undefined)
      problems.add(`${path}/${name}`, networkConflict(name, `with the existing network ${quote(network)}`));
  if (router !== undefined && !isUuid(router)) problems.add(`${path}/router`, routerInvalid(router));
  if (externalNetwork !== undefined) return;
  const needed = [
    ...(network === undefined && router === undefined ? ['the router of the created network'] : []),
    ...(publicAddress !== undefined && floatingIp === 'allocate' ? ['the floating IP of the public address'] : []),
    ...(bastion && floatingIp !== 'none' ? ['the floating IP of the bastion'] : []),
  ];
  if (needed.length > 0) problems.add(`${path}/externalNetwork`, externalNetworkMissing(needed));
}

/** Nova attaches a volume of another zone only if the cloud allows it (`cross_az_attach`); otherwise pods with such volumes stay Pending. */
function validateZones(site: Site, problems: Problems): void {
  for (const pool of site.pools) {
    const volumes = [
      ...dataVolumesOf(pool).map((volume) => [`dataVolumes/${volume.name}`, volume.availabilityZone] as const),
      ['bootVolume', pool.bootVolume?.availabilityZone] as const,
    ];
    const zone = pool.availabilityZone ?? volumes.find(([, other]) => other !== undefined)?.[1];
    for (const [name, other] of volumes)
      if (zone !== undefined && other !== undefined && other !== zone)
        problems.add(`${site.name}/pools/${pool.name}/${name}/availabilityZone`, zoneConflict(other, [zone]));
    const most = volumesPerMachine(site);
    if (dataVolumesOf(pool).length > most)
      problems.add(`${site.name}/pools/${pool.name}/dataVolumes`, volumesExceeded(dataVolumesOf(pool).length, most));
  }
  const zones = site.pools.map(({ availabilityZone }) => availabilityZone);
  if (zones.includes(undefined)) return;
  for (const storage of site.storageClasses)
    if (storage.kind === 'cinder' && storage.availabilityZone !== undefined && !zones.includes(storage.availabilityZone))
      problems.add(
        `${site.name}/storage/${storage.name}/availabilityZone`,
        zoneConflict(storage.availabilityZone, [...new Set(zones)].map(String)),
      );
}
