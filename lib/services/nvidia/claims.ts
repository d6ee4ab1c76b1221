import { Construct } from 'constructs';
import { place, type ServiceChart } from '../../kubernetes';
import { type AnyProfile, migConfigPart, migResource, offersOf, type Site } from '../../site';
import type { NvidiaPool } from './pools';
import type { GpuClaims } from './props';

/** Name by which the driver publishes devices, and the domain of their attributes. */
const DRIVER = 'gpu.nvidia.com';

/** The class of whole cards, which the driver's chart makes. @see https://github.com/kubernetes-sigs/dra-driver-nvidia-gpu */
const WHOLE_CARDS = 'gpu.nvidia.com';

/** From here on a class can stand for an extended resource without a word to the API server. KEP-5004: beta in 1.36 */
const BY_RESOURCE_SINCE = 36;

/** What can be claimed, by its name in templates. */
interface Claimable {
  readonly name: string;
  readonly className: string;
  readonly profile?: AnyProfile;
}

/** Whether pods that ask for the name of a resource get what is claimed. */
export function byResource({ cluster }: Site, claims: GpuClaims): boolean {
  return claims.byResource ?? cluster.minor >= BY_RESOURCE_SINCE;
}

/** Classes of devices, and templates by which pods claim them. */
export class Claims extends Construct {
  constructor(chart: ServiceChart, pools: readonly NvidiaPool[], claims: GpuClaims) {
    super(chart, 'claims');
    const all = claimables(pools);
    const labels = chart.labelsOf('claims');
    const named = byResource(chart.site, claims);
    for (const { className, profile } of all) if (profile) this.placeClass(className, profile, labels, named);
    for (const namespace of claims.namespaces ?? []) for (const one of all) this.placeTemplate(namespace, one, labels);
  }

  private placeClass(name: string, profile: AnyProfile, labels: Record<string, string>, named: boolean): void {
    const attributes = `device.attributes['${DRIVER}']`;
    const expression = `device.driver == '${DRIVER}' && ${attributes}.type == 'mig' && ${attributes}.profile == '${profile}'`;
    place(this, name, 'resource.k8s.io/v1/DeviceClass', {
      metadata: { name, labels },
      spec: { selectors: [{ cel: { expression } }], ...(named ? { extendedResourceName: migResource(profile) } : {}) },
    });
  }

  private placeTemplate(namespace: string, { name, className }: Claimable, labels: Record<string, string>): void {
    place(this, `${namespace}-${name}`, 'resource.k8s.io/v1/ResourceClaimTemplate', {
      metadata: { name, namespace, labels },
      spec: {
        spec: {
          devices: { requests: [{ name: 'card', exactly: { deviceClassName: className, allocationMode: 'ExactCount', count: 1 } }] },
        },
      },
    });
  }
}

/** Each profile once, however many pools have it; whole and virtual cards are one. */
function claimables(pools: readonly NvidiaPool[]): readonly Claimable[] {
  const names = [...new Set(pools.flatMap((pool) => offersOf(pool).map(({ name }) => name)))];
  return names.map((name): Claimable => {
    if (name === 'gpu') return { name, className: WHOLE_CARDS };
    const profile = name as AnyProfile;
    return { name: migConfigPart(profile), className: `${migConfigPart(profile)}.mig.nvidia.com`, profile };
  });
}
