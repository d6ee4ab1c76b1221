import { migResource } from '../../../site';
import { MIG_CONFIG } from '../cards/labels';
import type { RecordedLayout } from '../cards/record';

/**
 * What happens to a node: it comes or goes; its cards are exchanged; MIG is switched on or off; cards are cut otherwise; the device plugin
 * offers them otherwise; or only labels and taints change.
 */
export type NodeChange = 'added' | 'removed' | 'exchanged' | 'mode' | 'recut' | 'sharing' | 'labels';

/** One card of a node, before and after. */
export interface CardChange {
  /** As `nvidia-smi` counts. */
  readonly card: number;
  readonly before: RecordedLayout;
  readonly after: RecordedLayout;
  /** Whether it stays as it is, with its instances and their pods. */
  readonly stays: boolean;
  /** Instances that come beside those that are there, with their first memory unit; undefined where others must go or move. */
  readonly beside?: readonly { readonly profile: string; readonly start: number }[];
}

/** What is to be done on one node. */
export interface NodeStep {
  readonly node: string;
  readonly pool: string;
  readonly title: string;
  readonly change: NodeChange;
  /** Labels that tell the nodes of the pool where names are not known, and the place of this node among them. */
  readonly selector?: { readonly labels: string; readonly index: number };
  readonly units?: number;
  readonly cards: readonly CardChange[];
  readonly before: Readonly<Record<string, number>>;
  readonly after: Readonly<Record<string, number>>;
  /** Resources whose pods end on this node. */
  readonly ends: readonly string[];
  /** Of these, how many other nodes have meanwhile. */
  readonly left: Readonly<Record<string, number>>;
  /** Labels that change; without a value, those that go. */
  readonly labels: readonly { readonly key: string; readonly before?: string; readonly after?: string }[];
  readonly taints: { readonly added: readonly string[]; readonly removed: readonly string[] };
}

/** A step whose place in the order is not known yet. */
export type Unordered = Omit<NodeStep, 'left'>;

/** How the cards of a site get from one record to another. */
export interface GpuPlan {
  readonly schema: 'analysis-facility.io/gpu-plan/v1';
  readonly site: string;
  /** Resources of all nodes that change in number. */
  readonly totals: readonly { readonly resource: string; readonly before: number; readonly after: number }[];
  /** What changes about whole pools. */
  readonly pools: readonly string[];
  /** Nodes, in the order in which they are to be changed. */
  readonly steps: readonly NodeStep[];
}

/** The layout without MIG that mig-parted brings along. @see https://github.com/NVIDIA/mig-parted/blob/main/deployments/systemd/config-default.yaml */
export const ALL_DISABLED = 'all-disabled';

/** The layout that a step asks the node's manager for; undefined where it is none of its business. */
export function layoutWanted({ change, labels, after }: NodeStep): string | undefined {
  const label = labels.find(({ key }) => key === MIG_CONFIG);
  if (label?.after !== undefined) return label.after;
  // A label that goes is no order to anybody: MIG would stay on.
  return change === 'mode' && label?.before !== undefined && Object.keys(after).length > 0 ? ALL_DISABLED : undefined;
}

/** Those of the resources that instances of a layout are offered as. */
export function resourcesOf(layout: RecordedLayout, resources: readonly string[]): readonly string[] {
  return resources.filter((resource) => profilesOf(layout).some((profile) => offers(resource, profile)));
}

/** A layout without known places has its profiles in its name alone. */
function profilesOf({ name, instances }: RecordedLayout): readonly string[] {
  return instances.length > 0 ? instances.map(({ profile }) => profile) : name.split(/(?:^|-)\d+x/).filter(Boolean);
}

/** Under the strategy `single`, and there alone, all instances are `nvidia.com/gpu`. */
function offers(resource: string, profile: string): boolean {
  const plain = resource.replace(/\.shared$/, '');
  return plain === 'nvidia.com/gpu' || plain === migResource(profile as never);
}
