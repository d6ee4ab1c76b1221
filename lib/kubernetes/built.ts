import type { Site } from '../site';
import type { Ledger } from './ledger';

/** A rendered Kubernetes object. */
export interface BuiltObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  // The checks read any object, also those that the library does not create, so their fields have no static type.
  // biome-ignore lint/suspicious/noExplicitAny: manifests have arbitrary fields
  readonly [field: string]: any;
}

/** A rendered object and the chart that contains it. */
export interface PlacedObject {
  readonly chart: string;
  /** `<site>/<chart>/<Kind>/<name>`, the path in messages. */
  readonly path: string;
  readonly object: BuiltObject;
}

/** A rendered facility: the input of every check. */
export interface Built {
  readonly site: Site;
  readonly objects: readonly PlacedObject[];
  readonly ledger: Ledger;
}

/** Group, kind, namespace and name: the identity of an object in a cluster. */
export function identity({ object }: Pick<PlacedObject, 'object'>): string {
  const group = object.apiVersion.includes('/') ? object.apiVersion.split('/')[0] : '';
  return `${group}/${object.kind} ${object.metadata.namespace ?? ''}/${object.metadata.name}`;
}
