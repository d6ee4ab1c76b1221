/**
 * Kinds whose CustomResourceDefinition is not in the shared data: the servers take them without a schema, so nothing is proved about their
 * fields, only about names, labels and the rest of the chart. Keep this list short.
 */
export const WITHOUT_SCHEMA: Readonly<Record<string, string>> = {
  // KEDA publishes its definitions with its releases only.
  'ScaledJob.keda.sh': 'v1alpha1',
};

/** A definition that accepts any fields. @param name `Kind.group` */
export function openDefinition(name: string): object {
  const [kind = '', ...rest] = name.split('.');
  const [group, singular] = [rest.join('.'), kind.toLowerCase()];
  const version = WITHOUT_SCHEMA[name];
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${singular}s.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, singular, plural: `${singular}s`, listKind: `${kind}List` },
      versions: [{ name: version, served: true, storage: true, schema }],
    },
  };
}
