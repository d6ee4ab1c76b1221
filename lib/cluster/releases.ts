import { failure } from '../errors';
import { kubernetesVersion } from '../site';
import { releaseTooOld, rke1ReleaseTooNew, rke1ReleaseUnknown, rke2ReleaseUnknown } from './messages';

/** A minor version of Kubernetes in RKE. */
interface ReleaseLine {
  /** The newest release in the release notes of RKE. */
  readonly release: string;
  /** The last patch level in RKE. */
  readonly lastPatch: number;
}

/**
 * Kubernetes versions that RKE installs. The list is final: RKE 1.8.14 was the last release, and the repository is archived.
 *
 * @see https://github.com/rancher-archives/rke/releases (v1.6.7, v1.7.3, v1.8.14)
 */
const RKE1_LINES: Readonly<Record<number, ReleaseLine>> = {
  27: { release: 'v1.27.16-rancher1-1', lastPatch: 16 },
  28: { release: 'v1.28.15-rancher1-1', lastPatch: 15 },
  29: { release: 'v1.29.13-rancher1-1', lastPatch: 15 },
  30: { release: 'v1.30.14-rancher1-1', lastPatch: 14 },
  31: { release: 'v1.31.14-rancher1-1', lastPatch: 14 },
  32: { release: 'v1.32.13-rancher1-3', lastPatch: 13 },
};

const RKE1_NEWEST = 32;

/** First minor version whose RKE releases require a subscription. */
export const RKE1_SUBSCRIPTION = 31;

/** Patch levels whose release is not `rancher1-1`. */
const RKE1_REVISIONS: Readonly<Record<string, string>> = {
  '1.27.8': 'v1.27.8-rancher2-1',
  '1.32.13': 'v1.32.13-rancher1-3',
};

/**
 * `kubernetes_version` of cluster.yml.
 *
 * @throws UNSUPPORTED_RKE1_RELEASE, UNKNOWN_RKE1_RELEASE
 */
export function rke1Release(version: string): string {
  const kubernetes = kubernetesVersion(version) ?? '';
  const [, minor, patch] = kubernetes.split('.').map(Number);
  if (minor !== undefined && minor > RKE1_NEWEST) throw failure(rke1ReleaseTooNew(version, RKE1_NEWEST));
  const line = RKE1_LINES[minor ?? 0];
  const last = line?.release ?? 'v1.27.16-rancher1-1';
  const named = /^v?(1\.\d+\.\d+-rancher\d+-\d+)$/.exec(version)?.[1];
  const misnamed = /-/.test(version) && !named;
  if (!line || patch === undefined || patch > line.lastPatch || misnamed) throw failure(rke1ReleaseUnknown(version, last));
  return named ? `v${named}` : (RKE1_REVISIONS[kubernetes] ?? `v${kubernetes}-rancher1-1`);
}

/**
 * Name of an RKE2 release. For a Kubernetes version, it is the first release (`rke2r1`), which exists for every version.
 *
 * @throws UNKNOWN_RKE2_RELEASE
 * @see https://docs.rke2.io/release-notes/v1.36.X
 */
export function rke2Release(version: string): string {
  const kubernetes = kubernetesVersion(version) ?? '';
  const named = /^v?(1\.\d+\.\d+\+rke2r\d+)$/.exec(version)?.[1];
  const misnamed = /\+/.test(version) && !named;
  if (kubernetes.split('.').length !== 3 || misnamed) throw failure(rke2ReleaseUnknown(version));
  return `v${named ?? `${kubernetes}+rke2r1`}`;
}

/** Features that RKE2 added in patch releases: the first minor version with the feature, and the first patch level per minor version. */
const RKE2_FEATURES = {
  /** @see https://docs.rke2.io/networking/basic_network_options (Flannel) */
  flannel: { minor: 27, patches: { 27: 11, 28: 7, 29: 2 } },
  /**
   * Added with the key `ingress-controller`; older minor versions support only ingress-nginx.
   *
   * @see https://github.com/rancher/rke2/issues/5928, https://github.com/rancher/rke2/pull/6318
   */
  traefik: { minor: 30, patches: { 30: 3 } },
} as const satisfies Record<string, { minor: number; patches: Readonly<Record<number, number>> }>;

export type Rke2Feature = keyof typeof RKE2_FEATURES;

/** Whether this release of RKE2 has the feature. */
export function rke2Supports(feature: Rke2Feature, version: string): boolean {
  const since = RKE2_FEATURES[feature];
  const patches: Readonly<Record<number, number>> = since.patches;
  const [, minor = 0, patch = 0] = (kubernetesVersion(version) ?? '').split('.').map(Number);
  return minor >= since.minor && patch >= (patches[minor] ?? 0);
}

/** @throws UNSUPPORTED_RELEASE unless this release of RKE2 has the feature */
export function checkRke2Supports(feature: Rke2Feature, version: string): void {
  if (rke2Supports(feature, version)) return;
  const { minor, patches } = RKE2_FEATURES[feature];
  const levels = Object.entries(patches).map(([known, patch]) => `1.${known}.${patch}`);
  throw failure(releaseTooOld(feature, version, levels.find((level) => level.startsWith(`1.${minor}.`)) ?? `1.${minor}`));
}
