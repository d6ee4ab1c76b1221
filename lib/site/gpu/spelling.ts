import type { AnyProfile } from './cards';

/**
 * What NVIDIA's software calls a profile. A `+` may stand in a key of mig-parted, and nowhere in a name of Kubernetes, where a dot
 * takes its place; the `-` of `-me` stays. Nobody else of this project spells these names.
 */

/** Labels that GPU feature discovery gives a node for each profile, under the strategy `mixed`. */
export type MigLabel = 'product' | 'count' | 'replicas' | 'sharing-strategy' | 'memory' | 'multiprocessors' | 'slices.gi' | 'slices.ci';

/** Key of `mig-devices` in a file of mig-parted, e.g. `1g.10gb+me`. */
export function migPartedKey(profile: AnyProfile): string {
  return profile;
}

/**
 * The profile in a name of a configuration, and wherever `+` is not allowed: `1g.10gb.me`. Configurations that mig-parted brings
 * along are called `all-` and this.
 *
 * @see https://github.com/NVIDIA/mig-parted/blob/main/deployments/systemd/config-default.yaml
 */
export function migConfigPart(profile: AnyProfile): string {
  return profile.replaceAll('+', '.');
}

/**
 * The resource that the device plugin offers under the strategy `mixed`, e.g. `nvidia.com/mig-1g.10gb.me`.
 *
 * @see https://github.com/NVIDIA/k8s-device-plugin#readme
 */
export function migResource(profile: AnyProfile): string {
  return `nvidia.com/mig-${migConfigPart(profile)}`;
}

/**
 * Key of a label of the nodes that have the profile, under the strategy `mixed`, e.g. `nvidia.com/mig-3g.40gb.count`.
 *
 * @see https://github.com/NVIDIA/k8s-device-plugin/blob/main/docs/gpu-feature-discovery/README.md
 */
export function migLabel(profile: AnyProfile, label: MigLabel): string {
  return `${migResource(profile)}.${label}`;
}

/**
 * What the value of the label `nvidia.com/gpu.product` ends in under the strategy `single`, e.g. `-MIG-1g.10gb`. Here a `+` is left
 * out: `-MIG-1g.10gbme`.
 *
 * @see https://github.com/NVIDIA/k8s-device-plugin/blob/main/internal/lm/resource.go (`sanitise`)
 */
export function migProductSuffix(profile: AnyProfile): string {
  return `-MIG-${profile.replaceAll('+', '')}`;
}
