import { checkProps } from '../errors';
import type { FileSystem } from './file-system';
import { schemaOf } from './schema';
import type { VolumeRequest } from './storage';

export interface SharedVolumeProps {
  /** Mount path in the pods, e.g. `/data`. */
  readonly at: string;

  /**
   * An existing claim in the namespace of the service, a new one that is part of its chart, or a file system (`nfs`, `nodeFileSystem`,
   * `csiFileSystem`). The storage class of a new claim must support ReadWriteMany (`storageClass(name, { shared: true })`).
   */
  readonly from: { readonly claim: string } | VolumeRequest | FileSystem;

  /** Directory in the volume; in notebooks, `{username}` is replaced by the user name. @default - the root of the volume */
  readonly subPath?: string;

  /** Mount the volume read-write. @default false */
  readonly writable?: boolean;
}

/**
 * A volume that several pods share: notebooks of several users, workers, nodes that run jobs. Every service takes it as `volumes`.
 *
 * @madeBy sharedVolume
 */
export interface SharedVolume extends SharedVolumeProps {
  readonly kind: 'shared-volume';
  readonly name: string;
}

/**
 * Creates a volume that several pods share.
 *
 * @param name the same for all services that share a new claim in one namespace
 * @throws MISSING_PROP, INVALID_PROP_TYPE
 */
export function sharedVolume(name: string, props: SharedVolumeProps): SharedVolume {
  checkProps(schemaOf('SharedVolumeProps'), 'sharedVolume', props);
  return { ...props, kind: 'shared-volume', name };
}
