import {
  nvidiaClaimsShared,
  nvidiaClaimsSingle,
  nvidiaClaimsVersion,
  nvidiaIdle,
  nvidiaNoCards,
  nvidiaStrategies,
  nvidiaVgpuDriver,
  type Problems,
} from '../../errors';
import type { Site } from '../../site';
import { strategyOf } from './plugin-config';
import type { NvidiaPool } from './pools';
import type { NvidiaGpusProps } from './props';

/** The first release that serves claims as v1. @see https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/ */
const CLAIMS_SINCE = 34;

/** What the software of all cards of one cluster cannot be at once. */
export function nvidiaLaws(path: string, site: Site, pools: readonly NvidiaPool[], props: NvidiaGpusProps, problems: Problems): void {
  if (pools.length === 0) problems.add(path, nvidiaNoCards(site.pools.map(({ name }) => name)));
  if (props.by !== 'plain') operatorLaws(path, site, pools, props.driver ?? 'nodes', problems);
  if (props.claims) claimLaws(`${path}/claims`, site, pools, problems);
  const below = props.metrics?.idle?.below ?? 0.01;
  if (!(below > 0 && below < 1)) problems.add(`${path}/metrics/idle/below`, nvidiaIdle(below));
}

function operatorLaws(path: string, site: Site, pools: readonly NvidiaPool[], driver: string, problems: Problems): void {
  const named = (strategy: string) => pools.filter(({ gpus }) => strategyOf(gpus) === strategy).map(({ name }) => name);
  const [single, mixed] = [named('single'), named('mixed')];
  // Its environment goes before the file of a node. https://github.com/NVIDIA/k8s-device-plugin#as-command-line-flags-or-envvars
  if (single.length > 0 && mixed.length > 0) problems.add(path, nvidiaStrategies(single, mixed));
  const virtual = pools.filter(({ gpus }) => gpus.sharing === 'vgpu').map(({ name }) => name);
  if (virtual.length > 0 && driver === 'operator' && !site.images?.['nvidia-driver'])
    problems.add(`${path}/driver`, nvidiaVgpuDriver(virtual));
}

function claimLaws(path: string, site: Site, pools: readonly NvidiaPool[], problems: Problems): void {
  if (site.cluster.minor < CLAIMS_SINCE) problems.add(path, nvidiaClaimsVersion(site.cluster.version));
  for (const { name, gpus } of pools) {
    if (gpus.sharing === 'time-slicing' || gpus.sharing === 'mps') problems.add(path, nvidiaClaimsShared(name, gpus.sharing));
    if (strategyOf(gpus) === 'single') problems.add(path, nvidiaClaimsSingle(name));
  }
}
