import { migResource } from '../../../site';
import { MIG_CONFIG } from '../record/label-script';
import type { RecordedLayout } from '../record/record';

/**
 * Change of a node: it is added or removed; its GPUs are replaced; MIG is enabled or disabled (`mode`); MIG layouts change; sharing by the
 * device plugin changes; or only labels and taints change.
 */
export type NodeChange = 'added' | 'removed' | 'replaced' | 'mode' | 'layout' | 'sharing' | 'labels';

/** One GPU of a node, before and after. */
export interface GpuChange {
  /** Index as shown by `nvidia-smi`. */
  readonly gpu: number;
  readonly before: RecordedLayout;
  readonly after: RecordedLayout;
  /** Whether its layout does not change, so that its instances and their pods remain. */
  readonly unchanged: boolean;
  /** New instances with their first memory unit, if all existing instances can remain; undefined if some must be removed or moved. */
  readonly additional?: readonly { readonly profile: string; readonly start: number }[];
}

/** Step of the plan for one node. */
export interface NodeStep {
  readonly node: string;
  readonly pool: string;
  readonly title: string;
  readonly change: NodeChange;
  /** Label selector of the nodes of the pool if their names are unknown, and the index of this node among them. */
  readonly selector?: { readonly labels: string; readonly index: number };
  readonly units?: number;
  readonly gpus: readonly GpuChange[];
  readonly before: Readonly<Record<string, number>>;
  readonly after: Readonly<Record<string, number>>;
  /** Resources whose pods on this node must be stopped. */
  readonly affected: readonly string[];
  /** Amount of the affected resources on other nodes during the change. */
  readonly remaining: Readonly<Record<string, number>>;
  /** Labels that change; `after` is undefined for removed labels. */
  readonly labels: readonly { readonly key: string; readonly before?: string; readonly after?: string }[];
  readonly taints: { readonly added: readonly string[]; readonly removed: readonly string[] };
}

/** A step before ordering. */
export type Unordered = Omit<NodeStep, 'remaining'>;

/** Steps from one GPU record of a site to another. */
export interface GpuPlan {
  readonly schema: 'analysis-facility.io/gpu-plan/v1';
  readonly site: string;
  /** Totals over all nodes of resources whose total changes. */
  readonly totals: readonly { readonly resource: string; readonly before: number; readonly after: number }[];
  /** Changes of pools. */
  readonly pools: readonly string[];
  /** Steps in the order in which they are to be done. */
  readonly steps: readonly NodeStep[];
}

/** Layout of the default configuration of mig-parted that disables MIG. @see https://github.com/NVIDIA/mig-parted/blob/main/deployments/systemd/config-default.yaml */
export const ALL_DISABLED = 'all-disabled';

/** Layout that the MIG manager of the node must apply; undefined if the layout does not change. */
export function targetLayout({ change, labels, after }: NodeStep): string | undefined {
  const label = labels.find(({ key }) => key === MIG_CONFIG);
  if (label?.after !== undefined) return label.after;
  // The MIG manager ignores the removal of the label: MIG would remain enabled.
  return change === 'mode' && label?.before !== undefined && Object.keys(after).length > 0 ? ALL_DISABLED : undefined;
}

/** The given resources that instances of a layout are offered as. */
export function resourcesOf(layout: RecordedLayout, resources: readonly string[]): readonly string[] {
  return resources.filter((resource) => profilesOf(layout).some((profile) => isOfferedAs(resource, profile)));
}

/** Profiles of a layout; without known placements they are read from its name. */
function profilesOf({ name, instances }: RecordedLayout): readonly string[] {
  return instances.length > 0 ? instances.map(({ profile }) => profile) : name.split(/(?:^|-)\d+x/).filter(Boolean);
}

/** With the MIG strategy `single`, all instances are `nvidia.com/gpu`. */
function isOfferedAs(resource: string, profile: string): boolean {
  const plain = resource.replace(/\.shared$/, '');
  return plain === 'nvidia.com/gpu' || plain === migResource(profile as never);
}
