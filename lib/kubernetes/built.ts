import type { Site } from '../site';
import type { Ledger } from './ledger';

/** One object as it will be written. */
export interface BuiltObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  // The checks read objects of anybody: their fields are what a manifest says, not what a type promises.
  // biome-ignore lint/suspicious/noExplicitAny: manifests are open data
  readonly [field: string]: any;
}

/** An object and the chart it stands in. */
export interface PlacedObject {
  readonly chart: string;
  /** `<site>/<chart>/<Kind>/<name>`: how messages call it. */
  readonly path: string;
  readonly object: BuiltObject;
}

/** A facility as it will be written: the material of every check. */
export interface Built {
  readonly site: Site;
  readonly objects: readonly PlacedObject[];
  readonly ledger: Ledger;
}

/** Group and kind, namespace and name: what makes an object the same in a cluster. */
export function identity({ object }: Pick<PlacedObject, 'object'>): string {
  const group = object.apiVersion.includes('/') ? object.apiVersion.split('/')[0] : '';
  return `${group}/${object.kind} ${object.metadata.namespace ?? ''}/${object.metadata.name}`;
}
