import type { Construct } from 'constructs';
import { place } from '../../kubernetes';
import { TRAEFIK_KINDS } from './proxy';

/** Schema that accepts any fields: only the gateway writes these objects, and an end-to-end suite covers them. */
const ANY_FIELDS = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } as const;

/** CustomResourceDefinitions of the objects in which the gateway stores clusters and routes. */
export function placeDefinitions(scope: Construct, labels: Readonly<Record<string, string>>, traefik: boolean): void {
  define(scope, labels, 'gateway.dask.org', 'DaskCluster', 'daskclusters');
  if (!traefik) return;
  for (const [kind, plural] of Object.entries(TRAEFIK_KINDS)) define(scope, labels, 'traefik.io', kind, plural);
}

function define(scope: Construct, labels: Readonly<Record<string, string>>, group: string, kind: string, plural: string): void {
  place(scope, `definition-${plural}`, 'apiextensions.k8s.io/v1/CustomResourceDefinition', {
    metadata: { name: `${plural}.${group}`, labels },
    spec: {
      group,
      names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase() },
      scope: 'Namespaced',
      versions: [
        {
          name: 'v1alpha1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', properties: { spec: ANY_FIELDS, status: ANY_FIELDS } } } as never,
          ...(group === 'gateway.dask.org' ? { subresources: { status: {} } } : {}),
        },
      ],
    },
  });
}
