import { checkProps } from '../errors';
import type { Memory } from './quantity';
import { schemaOf } from './schema';

/**
 * A StorageClass that services may ask for.
 *
 * @madeBy cinder, storageClass
 */
export interface StorageClass {
  readonly kind: 'cinder' | 'existing';
  readonly name: string;
  /** Cinder's volume type; only with `cinder`. */
  readonly volumeType?: string;
  /** Cinder's availability zone; only with `cinder`. */
  readonly availabilityZone?: string;
  /** What happens to the volume when its claim is deleted. */
  readonly reclaim: 'Delete' | 'Retain';
  /** Whether several nodes may write one volume at a time (`ReadWriteMany`). */
  readonly shared: boolean;
}

export interface CinderProps {
  /** Name of the StorageClass. @default cinder */
  readonly name?: string;
  /** Volume type as `openstack volume type list` shows it. @default - the cloud's default type */
  readonly volumeType?: string;
  /** @default - the zone of the node */
  readonly availabilityZone?: string;
  /** Whether volumes outlive their claims; `Retain` keeps data when somebody deletes a claim by mistake. @default Delete */
  readonly reclaim?: 'Delete' | 'Retain';
}

/** Block volumes of OpenStack Cinder; the facility installs the CSI driver and the class. */
export function cinder(props: CinderProps = {}): StorageClass {
  checkProps(schemaOf('CinderProps'), 'cinder', props);
  return {
    kind: 'cinder',
    name: props.name ?? 'cinder',
    volumeType: props.volumeType,
    availabilityZone: props.availabilityZone,
    reclaim: props.reclaim ?? 'Delete',
    shared: false,
  };
}

/** A StorageClass that the cluster has already. */
export function storageClass(name: string, props: { readonly shared?: boolean } = {}): StorageClass {
  return { kind: 'existing', name, reclaim: 'Delete', shared: props.shared ?? false };
}

/** Which StorageClasses a site has. */
export interface Storage {
  /** For volumes whose service names no class. @default - none: a service that needs a volume must name its class */
  readonly default?: StorageClass;
  /** Further classes. @default - none */
  readonly classes?: readonly StorageClass[];
}

/** A volume that a service wants. */
export interface VolumeRequest {
  readonly size: Memory;
  /** @default - the default class of the site */
  readonly storageClass?: StorageClass;
}
