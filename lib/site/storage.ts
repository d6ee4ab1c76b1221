import { checkProps } from '../errors';
import type { Memory } from './quantity';
import { schemaOf } from './schema';

/**
 * A StorageClass.
 *
 * @madeBy cinder, storageClass
 */
export interface StorageClass {
  readonly kind: 'cinder' | 'existing';
  readonly name: string;
  /** Cinder volume type; only with `cinder`. */
  readonly volumeType?: string;
  /** Cinder availability zone; only with `cinder`. */
  readonly availabilityZone?: string;
  /** Whether the volume is deleted with its claim (`reclaimPolicy`). */
  readonly reclaim: 'Delete' | 'Retain';
  /** Whether several nodes can mount a volume for writing at the same time (`ReadWriteMany`). */
  readonly shared: boolean;
}

export interface CinderProps {
  /** Name of the StorageClass. @default cinder */
  readonly name?: string;
  /** Volume type (`openstack volume type list`). @default - the default type of the cloud */
  readonly volumeType?: string;
  /** @default - the zone of the node */
  readonly availabilityZone?: string;
  /** Reclaim policy. `Retain` keeps the volume if its claim is deleted by mistake. @default Delete */
  readonly reclaim?: 'Delete' | 'Retain';
}

/** StorageClass for OpenStack Cinder volumes; the facility installs the CSI driver and the class. */
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

/** A StorageClass that exists in the cluster. */
export function storageClass(name: string, props: { readonly shared?: boolean } = {}): StorageClass {
  return { kind: 'existing', name, reclaim: 'Delete', shared: props.shared ?? false };
}

/** StorageClasses of a site. */
export interface Storage {
  /** StorageClass of volumes for which the service sets none. @default - none: services that need a volume must set `storageClass` */
  readonly default?: StorageClass;
  /** Further classes. @default - none */
  readonly classes?: readonly StorageClass[];
}

/** A persistent volume of a service. */
export interface VolumeRequest {
  readonly size: Memory;
  /** @default - the default class of the site */
  readonly storageClass?: StorageClass;
}
