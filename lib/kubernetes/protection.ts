/** Label of namespaces and claims that hold data. */
export const DATA_LABEL = { 'analysis-facility.io/data': 'keep' } as const;

/**
 * Annotations that prevent GitOps tools from deleting an object that is no longer in Git, or whose application is deleted. kubectl has no
 * such annotation: where the cluster supports ValidatingAdmissionPolicies, one denies deletion of objects with `DATA_LABEL`.
 *
 * @see https://argo-cd.readthedocs.io/en/stable/user-guide/sync-options/#no-prune-resources
 * @see https://argo-cd.readthedocs.io/en/stable/user-guide/sync-options/#no-resource-deletion
 * @see https://fluxcd.io/flux/components/kustomize/kustomizations/#prune
 */
export const KEEP_ANNOTATIONS = {
  'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false',
  'kustomize.toolkit.fluxcd.io/prune': 'disabled',
} as const;

/** Metadata of an object that holds data: GitOps tools do not delete it when it is no longer in Git. */
export function protectedMetadata<M extends { readonly name: string; readonly labels?: Readonly<Record<string, string>> }>(metadata: M) {
  return { ...metadata, labels: { ...metadata.labels, ...DATA_LABEL }, annotations: KEEP_ANNOTATIONS };
}
