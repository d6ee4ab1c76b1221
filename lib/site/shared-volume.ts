import type { VolumeRequest } from './storage';

export interface SharedVolumeProps {
  /** Mount path in the pods, e.g. `/data`. */
  readonly at: string;

  /**
   * An existing claim in the namespace of the service, or a new one that is part of its chart. The storage class of a new claim must support
   * ReadWriteMany (`storageClass(name, { shared: true })`).
   */
  readonly from: { readonly claim: string } | VolumeRequest;

  /** Directory in the volume; in notebooks, `{username}` is replaced by the user name. @default - the root of the volume */
  readonly subPath?: string;

  /** Mount the volume read-write. @default false */
  readonly writable?: boolean;
}

/** A volume that several pods share: notebooks of several users, nodes that run their jobs. */
export interface SharedVolume extends SharedVolumeProps {
  readonly kind: 'shared-volume';
  readonly name: string;
}

/** Creates a volume that several pods share. */
export function sharedVolume(name: string, props: SharedVolumeProps): SharedVolume {
  return { ...props, kind: 'shared-volume', name };
}
