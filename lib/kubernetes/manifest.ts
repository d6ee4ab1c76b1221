import { ApiObject, type ApiObjectProps, JsonPatch } from 'cdk8s';
import type * as k8s from 'cdk8s-plus-27/lib/imports/k8s';
import type { Construct } from 'constructs';
import type { Site } from '../site';
import type {
  DeviceClass,
  HttpRoute,
  PrometheusRule,
  ResourceClaimTemplate,
  ServiceMonitor,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from './custom-resources';

/**
 * A Kubernetes type as in a manifest: the fields are those of cdk8s-plus-27, with plain values instead of its classes for quantities and
 * integer-or-string. Only its types are imported: loading the classes takes longer than rendering a whole facility.
 */
export type Plain<T> = T extends Date
  ? string
  : T extends readonly (infer Item)[]
    ? readonly Plain<Item>[]
    : T extends object
      ? // These two classes have the single field `value`; a type with further fields is not one of them.
        T extends k8s.IntOrString | k8s.Quantity
        ? keyof T extends 'value'
          ? string | number
          : { readonly [Key in keyof T]: Plain<T[Key]> }
        : { readonly [Key in keyof T]: Plain<T[Key]> }
      : T;

/**
 * Types of the objects that the library writes, by API version and kind. A service adds its custom resources in its own folder
 * (`declare module`).
 */
export interface Kinds {
  'v1/ConfigMap': k8s.KubeConfigMapProps;
  'v1/LimitRange': k8s.KubeLimitRangeProps;
  'v1/Namespace': k8s.KubeNamespaceProps;
  'v1/PersistentVolume': k8s.KubePersistentVolumeProps;
  'v1/PersistentVolumeClaim': k8s.KubePersistentVolumeClaimProps;
  'v1/ResourceQuota': k8s.KubeResourceQuotaProps;
  'v1/Service': k8s.KubeServiceProps;
  'v1/ServiceAccount': k8s.KubeServiceAccountProps;
  'admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy': ValidatingAdmissionPolicy;
  'admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding': ValidatingAdmissionPolicyBinding;
  'apiextensions.k8s.io/v1/CustomResourceDefinition': k8s.KubeCustomResourceDefinitionProps;
  'apps/v1/DaemonSet': k8s.KubeDaemonSetProps;
  'apps/v1/Deployment': k8s.KubeDeploymentProps;
  'apps/v1/StatefulSet': k8s.KubeStatefulSetProps;
  'batch/v1/CronJob': k8s.KubeCronJobProps;
  'batch/v1/Job': k8s.KubeJobProps;
  'gateway.networking.k8s.io/v1/HTTPRoute': HttpRoute;
  'monitoring.coreos.com/v1/PrometheusRule': PrometheusRule;
  'monitoring.coreos.com/v1/ServiceMonitor': ServiceMonitor;
  'networking.k8s.io/v1/Ingress': k8s.KubeIngressProps;
  'networking.k8s.io/v1/NetworkPolicy': k8s.KubeNetworkPolicyProps;
  'node.k8s.io/v1/RuntimeClass': k8s.KubeRuntimeClassProps;
  'policy/v1/PodDisruptionBudget': k8s.KubePodDisruptionBudgetProps;
  'rbac.authorization.k8s.io/v1/ClusterRole': k8s.KubeClusterRoleProps;
  'rbac.authorization.k8s.io/v1/ClusterRoleBinding': k8s.KubeClusterRoleBindingProps;
  'rbac.authorization.k8s.io/v1/Role': k8s.KubeRoleProps;
  'rbac.authorization.k8s.io/v1/RoleBinding': k8s.KubeRoleBindingProps;
  'resource.k8s.io/v1/DeviceClass': DeviceClass;
  'resource.k8s.io/v1/ResourceClaimTemplate': ResourceClaimTemplate;
  'scheduling.k8s.io/v1/PriorityClass': k8s.KubePriorityClassProps;
  'storage.k8s.io/v1/CSIDriver': k8s.KubeCsiDriverProps;
  'storage.k8s.io/v1/StorageClass': k8s.KubeStorageClassProps;
}

export type Kind = keyof Kinds;

/** The fields of one kind, without `kind` and `apiVersion`. */
export type Manifest<K extends Kind> = Plain<Kinds[K]> & { readonly metadata: Metadata };

type Metadata = Plain<k8s.ObjectMeta> & { readonly name: string };

export type PodSpec = Plain<k8s.PodSpec>;
export type Container = Plain<k8s.Container>;
export type PodTemplate = Plain<k8s.PodTemplateSpec>;
export type Volume = Plain<k8s.Volume>;
export type EnvVar = Plain<k8s.EnvVar>;
export type Probe = Plain<k8s.Probe>;
export type PolicyRule = Plain<k8s.PolicyRule>;

/** Cluster-scoped kinds; cdk8s would add the namespace of their chart. */
const CLUSTER_SCOPED = new Set<string>([
  'admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy',
  'admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding',
  'apiextensions.k8s.io/v1/CustomResourceDefinition',
  'v1/Namespace',
  'v1/PersistentVolume',
  'node.k8s.io/v1/RuntimeClass',
  'rbac.authorization.k8s.io/v1/ClusterRole',
  'rbac.authorization.k8s.io/v1/ClusterRoleBinding',
  'resource.k8s.io/v1/DeviceClass',
  'scheduling.k8s.io/v1/PriorityClass',
  'storage.k8s.io/v1/CSIDriver',
  'storage.k8s.io/v1/StorageClass',
]);

/** Registers cluster-scoped custom resources, as `group/version/Kind`. */
export function registerClusterScoped(kinds: readonly string[]): void {
  for (const kind of kinds) CLUSTER_SCOPED.add(kind);
}

/** Adds an object to the chart of `scope`. */
export function place<K extends Kind>(scope: Construct, id: string, kind: K, manifest: Manifest<K>): ApiObject {
  const cut = kind.lastIndexOf('/');
  const object = new ApiObject(scope, id, {
    apiVersion: kind.slice(0, cut),
    kind: kind.slice(cut + 1),
    ...(manifest as object),
  } as ApiObjectProps);
  if (CLUSTER_SCOPED.has(kind) && object.metadata.namespace) object.addJsonPatch(JsonPatch.remove('/metadata/namespace'));
  return object;
}

/** Labels of every object of the library. @see https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/ */
export function standardLabels(system: string, component?: string): Record<string, string> {
  return {
    'app.kubernetes.io/name': system,
    ...(component === undefined ? {} : { 'app.kubernetes.io/component': component }),
    'app.kubernetes.io/managed-by': 'cdk8s-analysis-facility',
  };
}

/** Label that selects the pods of one workload in its namespace; its value is the name of the workload. */
export const INSTANCE_LABEL = 'app.kubernetes.io/instance';

/** Label that selects the pods of several workloads that are one peer for others. */
export const GROUP_LABEL = 'analysis-facility.io/group';

/**
 * Annotation of a workload on the node's network, or of a Service with node ports: CIDRs outside of the cluster that may connect, separated by
 * commas. Each becomes a security-group rule.
 */
export const EXPOSED_TO = 'analysis-facility.io/exposed-to';

/** Annotation of a StatefulSet with the layout on which its data depend: `npx facility check` rejects a text that differs from the committed one. */
export const IMMUTABLE_LAYOUT = 'analysis-facility.io/immutable-layout';

/** Removes entries with the value undefined: Kubernetes rejects null, and an empty list differs from a missing one. */
export function withoutUndefined<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}

/** Field of a Service that assigns addresses of both families in a dual-stack cluster, IPv4 first. */
export function ipFamilies({ cluster }: Pick<Site, 'cluster'>): { readonly ipFamilyPolicy?: 'PreferDualStack' } {
  return cluster.ipv6 ? { ipFamilyPolicy: 'PreferDualStack' } : {};
}
