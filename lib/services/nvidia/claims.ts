import { Construct } from 'constructs';
import { place, type ServiceChart } from '../../kubernetes';
import { type AnyProfile, migConfigPart, migResource, offersOf, type Site } from '../../site';
import type { NvidiaPool } from './pools';
import type { GpuClaims } from './props';

/** Name of the DRA driver, and domain of the attributes of its devices. */
const DRIVER = 'gpu.nvidia.com';

/** DeviceClass of whole GPUs, created by the Helm chart of the driver. @see https://github.com/kubernetes-sigs/dra-driver-nvidia-gpu */
const WHOLE_GPU_CLASS = 'gpu.nvidia.com';

/** First minor release in which extended resources by DeviceClass are enabled by default. KEP-5004: beta in 1.36 */
const BY_RESOURCE_SINCE = 36;

/** A profile or whole GPU that can be claimed; `name` is the name of its template. */
interface Claimable {
  readonly name: string;
  readonly className: string;
  readonly profile?: AnyProfile;
}

/** Whether pods can request claimed devices by extended resources. */
export function byResource({ cluster }: Site, claims: GpuClaims): boolean {
  return claims.byResource ?? cluster.minor >= BY_RESOURCE_SINCE;
}

/** DeviceClasses and ResourceClaimTemplates. */
export class Claims extends Construct {
  constructor(chart: ServiceChart, pools: readonly NvidiaPool[], claims: GpuClaims) {
    super(chart, 'claims');
    const all = claimables(pools);
    const labels = chart.labelsOf('claims');
    const extendedResources = byResource(chart.site, claims);
    for (const { className, profile } of all) if (profile) this.placeClass(className, profile, labels, extendedResources);
    for (const namespace of claims.namespaces ?? []) for (const claimable of all) this.placeTemplate(namespace, claimable, labels);
  }

  private placeClass(name: string, profile: AnyProfile, labels: Record<string, string>, extendedResources: boolean): void {
    const attributes = `device.attributes['${DRIVER}']`;
    const expression = `device.driver == '${DRIVER}' && ${attributes}.type == 'mig' && ${attributes}.profile == '${profile}'`;
    place(this, name, 'resource.k8s.io/v1/DeviceClass', {
      metadata: { name, labels },
      spec: { selectors: [{ cel: { expression } }], ...(extendedResources ? { extendedResourceName: migResource(profile) } : {}) },
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

/** Distinct profiles of all pools; whole and virtual GPUs have the same name. */
function claimables(pools: readonly NvidiaPool[]): readonly Claimable[] {
  const names = [...new Set(pools.flatMap((pool) => offersOf(pool).map(({ name }) => name)))];
  return names.map((name): Claimable => {
    if (name === 'gpu') return { name, className: WHOLE_GPU_CLASS };
    const profile = name as AnyProfile;
    return { name: migConfigPart(profile), className: `${migConfigPart(profile)}.mig.nvidia.com`, profile };
  });
}
