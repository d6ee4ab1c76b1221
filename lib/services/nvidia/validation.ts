import type { Problems } from '../../errors';
import type { Site } from '../../site';
import {
  nvidiaClaimsShared,
  nvidiaClaimsSingle,
  nvidiaClaimsVersion,
  nvidiaGpusMissing,
  nvidiaIdle,
  nvidiaNodes,
  nvidiaStrategies,
  nvidiaVgpuDriver,
} from './messages';
import { strategyOf } from './plugin-config';
import type { NvidiaPool } from './pools';
import type { NvidiaGpusProps } from './props';

/** First minor release that serves resource.k8s.io/v1. @see https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/ */
const CLAIMS_SINCE = 34;

/** Existing nodes are selected by name or by labels: the labels of a pool without host names must be unique. */
function checkNodes(path: string, site: Site, pools: readonly NvidiaPool[], problems: Problems): void {
  for (const { name, hostnames, labels = {} } of pools) {
    if (hostnames) continue;
    const own = Object.entries(labels);
    const same = site.pools.filter((pool) => pool.name !== name && own.every(([key, value]) => pool.labels?.[key] === value));
    const others = own.length > 0 ? same.map((pool) => pool.name) : [];
    const text = own.map(([key, value]) => `${key}=${value}`).join(',');
    if (own.length === 0 || others.length > 0) problems.add(path, nvidiaNodes(name, text, others));
  }
}

/** Validates GPU pools and props of `NvidiaGpus`. */
export function checkNvidia(path: string, site: Site, pools: readonly NvidiaPool[], props: NvidiaGpusProps, problems: Problems): void {
  if (pools.length === 0) problems.add(path, nvidiaGpusMissing(site.pools.map(({ name }) => name)));
  if (site.cluster.kind === 'existing') checkNodes(path, site, pools, problems);
  if (props.by !== 'plain') checkOperator(path, site, pools, props.driver ?? 'nodes', problems);
  if (props.claims) checkClaims(`${path}/claims`, site, pools, problems);
  const below = props.metrics?.idle?.below ?? 0.01;
  if (!(below > 0 && below < 1)) problems.add(`${path}/metrics/idle/below`, nvidiaIdle(below));
}

function checkOperator(path: string, site: Site, pools: readonly NvidiaPool[], driver: string, problems: Problems): void {
  const poolsWith = (strategy: string) => pools.filter(({ gpus }) => strategyOf(gpus) === strategy).map(({ name }) => name);
  const [single, mixed] = [poolsWith('single'), poolsWith('mixed')];
  // Environment variables set by the operator override the configuration file of a node. https://github.com/NVIDIA/k8s-device-plugin#as-command-line-flags-or-envvars
  if (single.length > 0 && mixed.length > 0) problems.add(path, nvidiaStrategies(single, mixed));
  const virtual = pools.filter(({ gpus }) => gpus.sharing === 'vgpu').map(({ name }) => name);
  if (virtual.length > 0 && driver === 'operator' && !site.images?.['nvidia-driver'])
    problems.add(`${path}/driver`, nvidiaVgpuDriver(virtual));
}

function checkClaims(path: string, site: Site, pools: readonly NvidiaPool[], problems: Problems): void {
  if (site.cluster.minor < CLAIMS_SINCE) problems.add(path, nvidiaClaimsVersion(site.cluster.version));
  for (const { name, gpus } of pools) {
    if (gpus.sharing === 'time-slicing' || gpus.sharing === 'mps') problems.add(path, nvidiaClaimsShared(name, gpus.sharing));
    if (strategyOf(gpus) === 'single') problems.add(path, nvidiaClaimsSingle(name));
  }
}
