import type { TerraformStack } from 'cdktf';
import { DataOpenstackComputeFlavorV2 } from '../../imports/openstack/data-openstack-compute-flavor-v2';
import { DataOpenstackImagesImageV2 } from '../../imports/openstack/data-openstack-images-image-v2';
import { DataOpenstackNetworkingNetworkV2 } from '../../imports/openstack/data-openstack-networking-network-v2';
import { bytes, extraSpecs, type Flavor, isUuid } from '../site';
import type { CloudSite } from './cloud-site';
import { verbatim } from './verbatim';

/**
 * Data sources that look up images, networks and flavors by name, so that an unknown name fails the plan instead of the apply of each
 * server.
 */
export class Lookups {
  private readonly images = new Map<string, DataOpenstackImagesImageV2>();
  private readonly networks = new Map<string, DataOpenstackNetworkingNetworkV2>();
  private readonly flavors = new Map<string, DataOpenstackComputeFlavorV2>();

  constructor(
    private readonly stack: TerraformStack,
    private readonly site: CloudSite,
  ) {}

  /** Id of the newest image with this name. */
  image(name: string): string {
    const known = this.images.get(name);
    const image =
      known ??
      new DataOpenstackImagesImageV2(this.stack, `image_${identifier(name)}`, {
        region: verbatim(this.site.cloud.region),
        name: verbatim(name),
        mostRecent: true,
      });
    this.images.set(name, image);
    return image.id;
  }

  /** Id of an additional network of the nodes. */
  network(name: string): string {
    const known = this.networks.get(name);
    const network =
      known ??
      new DataOpenstackNetworkingNetworkV2(this.stack, `network_${identifier(name)}`, {
        region: verbatim(this.site.cloud.region),
        ...(isUuid(name) ? { networkId: name } : { name: verbatim(name) }),
      });
    this.networks.set(name, network);
    return network.id;
  }

  /** Id of the flavor. A postcondition requires that it is at least as large as described, because the capacity checks use the description. */
  flavor(name: string): string {
    const known = this.flavors.get(name);
    const described = this.site.pools.find((pool) => pool.flavor.name === name)?.flavor;
    const flavor =
      known ??
      new DataOpenstackComputeFlavorV2(this.stack, `flavor_${identifier(name)}`, {
        region: verbatim(this.site.cloud.region),
        name: verbatim(name),
        lifecycle: described && { postcondition: [minimumSize(described)] },
      });
    if (!known && described?.gpus) checkGpus(this.stack, flavor, described);
    this.flavors.set(name, flavor);
    return flavor.id;
  }
}

/** A Terraform check only warns: some clouds hide the extra specs of their flavors. */
function checkGpus(stack: TerraformStack, { friendlyUniqueId: id }: DataOpenstackComputeFlavorV2, { name = '', gpus }: Flavor): void {
  const specs = Object.entries(gpus ? extraSpecs(gpus) : {});
  const properties = specs.map(([key, value]) => `--property ${key}=${value}`).join(' ');
  stack.addOverride(`check.gpus_of_${id}`, {
    assert: specs.map(([key, value]) => ({
      condition: `\${lookup(data.openstack_compute_flavor_v2.${id}.extra_specs, ${JSON.stringify(key)}, "") == ${JSON.stringify(value)}}`,
      error_message:
        `Flavor ${verbatim(name)} does not have the extra spec ${key}=${value}, or this project may not read it: servers would be created ` +
        `without GPUs. An administrator of the cloud can set it: openstack flavor set ${verbatim(name)} ${properties}`,
    })),
  });
}

function minimumSize(flavor: Flavor): { readonly condition: string; readonly errorMessage: string } {
  const memory = Math.floor(bytes(flavor.memory) / 2 ** 20);
  const disk = flavor.disk === undefined ? undefined : Math.floor(bytes(flavor.disk) / 2 ** 30);
  return {
    condition: `\${self.vcpus >= ${flavor.vcpus} && self.ram >= ${memory}${disk === undefined ? '' : ` && self.disk >= ${disk}`}}`,
    errorMessage:
      `Flavor ${verbatim(flavor.name ?? '')} of the cloud has \${self.vcpus} vCPUs, \${self.ram} MiB of memory and \${self.disk} GiB of disk, ` +
      `less than the site description: ${flavor.vcpus} vCPUs, ${memory} MiB${disk === undefined ? '' : `, ${disk} GiB`}.`,
  };
}

/** Encodes a name for a Terraform address; different names stay different. */
function identifier(name: string): string {
  return name.replace(/[^A-Za-z0-9-]/gu, (character) => `_${character.codePointAt(0)?.toString(16)}_`);
}
