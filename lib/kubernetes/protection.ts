/** Label of namespaces and claims that hold data. */
export const DATA_LABEL = { 'analysis-facility.io/data': 'keep' } as const;

/**
 * Annotations by which the GitOps tools keep an object that is no longer in Git, and keep it when their own application is deleted.
 * kubectl has no such annotation: where the cluster serves ValidatingAdmissionPolicies, one refuses to delete what has `DATA_LABEL`.
 *
 * @see https://argo-cd.readthedocs.io/en/stable/user-guide/sync-options/#no-prune-resources
 * @see https://argo-cd.readthedocs.io/en/stable/user-guide/sync-options/#no-resource-deletion
 * @see https://fluxcd.io/flux/components/kustomize/kustomizations/#prune
 */
export const KEEP_ANNOTATIONS = {
  'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false',
  'kustomize.toolkit.fluxcd.io/prune': 'disabled',
} as const;

/** Metadata of an object that holds data: no tool deletes it because a file no longer contains it. */
export function keptMetadata<M extends { readonly name: string; readonly labels?: Readonly<Record<string, string>> }>(metadata: M) {
  return { ...metadata, labels: { ...metadata.labels, ...DATA_LABEL }, annotations: KEEP_ANNOTATIONS };
}
