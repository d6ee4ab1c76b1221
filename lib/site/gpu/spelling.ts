import type { AnyProfile } from './models';

/**
 * Names of MIG profiles in NVIDIA's software. A `+` is valid in mig-parted, but not in Kubernetes names, where it is replaced by a dot; the `-`
 * of `-me` stays. All such names in this project are created here.
 */

/** Suffixes of the labels that GPU feature discovery sets per profile with the strategy `mixed`. */
export type MigLabel = 'product' | 'count' | 'replicas' | 'sharing-strategy' | 'memory' | 'multiprocessors' | 'slices.gi' | 'slices.ci';

/** Key of `mig-devices` in the configuration of mig-parted, e.g. `1g.10gb+me`. */
export function migPartedKey(profile: AnyProfile): string {
  return profile;
}

/**
 * The profile in names where `+` is not valid, e.g. configuration names: `1g.10gb.me`. The default configurations of mig-parted are named `all-`
 * followed by it.
 *
 * @see https://github.com/NVIDIA/mig-parted/blob/main/deployments/systemd/config-default.yaml
 */
export function migConfigPart(profile: AnyProfile): string {
  return profile.replaceAll('+', '.');
}

/**
 * Extended resource of a profile with the strategy `mixed`, e.g. `nvidia.com/mig-1g.10gb.me`.
 *
 * @see https://github.com/NVIDIA/k8s-device-plugin#readme
 */
export function migResource(profile: AnyProfile): string {
  return `nvidia.com/mig-${migConfigPart(profile)}`;
}

/**
 * Key of a node label of a profile with the strategy `mixed`, e.g. `nvidia.com/mig-3g.40gb.count`.
 *
 * @see https://github.com/NVIDIA/k8s-device-plugin/blob/main/docs/gpu-feature-discovery/README.md
 */
export function migLabel(profile: AnyProfile, label: MigLabel): string {
  return `${migResource(profile)}.${label}`;
}

/**
 * Suffix of the label `nvidia.com/gpu.product` with the strategy `single`, e.g. `-MIG-1g.10gb`. A `+` is removed: `-MIG-1g.10gbme`.
 *
 * @see https://github.com/NVIDIA/k8s-device-plugin/blob/main/internal/lm/resource.go (`sanitise`)
 */
export function migProductSuffix(profile: AnyProfile): string {
  return `-MIG-${profile.replaceAll('+', '')}`;
}
