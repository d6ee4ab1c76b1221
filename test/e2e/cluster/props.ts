/** Configuration of a cluster, and operations on it. */
import type { Memory } from '../../../lib/site/quantity';
import type { IngressProps } from './addons/ingress';
import type { StorageClassProps } from './addons/storage';
import type { Image } from './images/store';
import type { Answer, Machine, RunOptions } from './nodes/machine';
import type { Network, NetworkProps } from './nodes/network';

export interface NodeProps {
  readonly name: string;
  /** Reported capacity; the machine only needs the resources that are actually used. */
  readonly cpu: number;
  readonly memory: Memory;
  /** @default - none */
  readonly labels?: Readonly<Record<string, string>>;
  /** @default - none */
  readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
  /** Extended resources, e.g. `{ 'nvidia.com/gpu': 2 }`. @default - none */
  readonly resources?: Readonly<Record<string, number>>;
  /** @default - counted from the eleventh of `nodeCidr` */
  readonly address?: string;
}

export interface ClusterProps extends NetworkProps {
  /** @default - the newest that can be built */
  readonly version?: string;
  readonly nodes: readonly NodeProps[];
  /** @default - one that is called `standard` and is the default */
  readonly storageClasses?: readonly StorageClassProps[];
  /** @default - none */
  readonly ingress?: IngressProps;
  /** Addresses of names outside of the cluster, for its DNS. @default - none */
  readonly hosts?: Readonly<Record<string, string>>;
  /** Images that the nodes have from the start, besides the cluster's own; the registry gives every image that was ever made. @default - none */
  readonly images?: readonly string[];
}

export interface Cluster {
  readonly version: string;
  readonly kubeconfig: string;
  /** Path of the program; `env` keeps its files out of the home directory of the user. */
  readonly kubectl: string;
  readonly env: NodeJS.ProcessEnv;
  readonly network: Network;
  /** Everything outside of the cluster: it has the addresses `network.outside`, and reaches nodes, pods and Services. */
  readonly hub: Machine;
  /** Its configuration, logs and disks; removed when it stops. */
  readonly folder: string;
  /** Runs kubectl. Throws if it fails, unless `may` is `fail`. */
  run(args: readonly string[], options?: RunOptions & { readonly may?: 'fail' }): Promise<Answer>;
  apply(objects: readonly object[]): Promise<void>;
  node(name: string): Machine;
  /** Runs a command on a node, or on the `hub`. */
  inNode(name: string, command: readonly string[], options?: RunOptions): Promise<Answer>;
  /** Powers the node off. Its pods are replaced on other nodes after about 25 seconds. */
  killNode(name: string): Promise<void>;
  /** Powers the node on with its disks, and waits until it is ready. */
  startNode(name: string): Promise<void>;
  /**
   * Adds nodes, and waits until they are ready with their devices.
   *
   * @param images those that they have from the start, besides the cluster's own. @default - those of the cluster
   */
  addNodes(nodes: readonly NodeProps[], images?: readonly string[]): Promise<void>;
  /** Removes nodes that were added, with their pods. */
  removeNodes(names: readonly string[]): Promise<void>;
  /** Starts every node that was killed and waits until all are ready. */
  repair(): Promise<void>;
  /** Addresses of names outside of the cluster, instead of those given before. */
  setHosts(hosts: Readonly<Record<string, string>>): void;
  /** From now on pods of this cluster that pull the image of that name get this one. */
  exchange(name: string, image: Image): void;
  /** Restores the images of the recipes. */
  forgetImages(): Promise<void>;
  /** Waits until all applied NetworkPolicies are enforced. */
  policiesInForce(): Promise<void>;
  /** Leaves nothing of it on this machine; of a cluster that another process started, nothing that this one started in it. */
  stop(): Promise<void>;
}
