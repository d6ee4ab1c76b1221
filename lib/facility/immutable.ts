import type { Problems } from '../errors';
import type { BuiltObject, PlacedObject } from '../kubernetes';
import { parseQuantity } from '../site';
import { differences, valueText } from './differences';
import { immutableField, recreation, smallerClaim } from './messages';

/** An immutable field of a Kubernetes kind. */
interface ImmutableField {
  readonly field: string;
  /** Default value of the API server. */
  readonly default?: unknown;
  /** First minor version of Kubernetes in which the field is mutable. */
  readonly until?: number;
  /** Part of the value that the API server compares. @default - the whole value */
  readonly compared?: (value: unknown) => unknown;
  /** Whether the field is immutable for this pair of objects. @default - always */
  readonly applies?: (before: BuiltObject, after: BuiltObject) => boolean;
}

interface ImmutableKind {
  readonly fields: readonly ImmutableField[];
  /** Fix: how to make the change by other means. */
  readonly instead: (name: string, namespace: string) => string;
}

const recreate =
  (resource: string, effect: string) =>
  (name: string, namespace: string): string =>
    recreation(`kubectl delete ${resource} ${name}${namespace && ` -n ${namespace}`}`, effect);

const rename = (name: string): string => `revert the change, or rename '${name}'`;

const fields = (...names: readonly string[]): readonly ImmutableField[] => names.map((field) => ({ field }));

const SELECTOR: ImmutableKind['fields'] = fields('spec.selector');

const isImmutable = (before: BuiltObject): boolean => before.immutable === true;

/** Fields of a ConfigMap or Secret with `immutable: true`. */
const content = (...names: readonly string[]): readonly ImmutableField[] => names.map((field) => ({ field, applies: isImmutable }));

/**
 * Immutable fields by API group and kind. The suite `apiserver` tries to change each of them on a real API server.
 *
 * @see https://github.com/kubernetes/kubernetes/tree/master/pkg/apis: `Validate…Update` in `<group>/validation/validation.go`
 */
export const IMMUTABLE_FIELDS: Readonly<Record<string, ImmutableKind>> = {
  // core/validation: ValidatePersistentVolumeClaimUpdate. The size is compared by `checkClaimSize`.
  '/PersistentVolumeClaim': {
    fields: [
      ...fields('spec.accessModes', 'spec.storageClassName', 'spec.selector', 'spec.dataSource', 'spec.dataSourceRef'),
      { field: 'spec.volumeName', applies: (before) => before.spec?.volumeName !== undefined },
      { field: 'spec.volumeMode', default: 'Filesystem' },
    ],
    instead: (name) => `revert the change; or declare a second claim, copy the data of '${name}', then remove it`,
  },
  // core/validation: ValidatePersistentVolumeUpdate. A volume without node affinity can get one later.
  '/PersistentVolume': {
    fields: [
      { field: 'spec', compared: volumeSource },
      { field: 'spec.volumeMode', default: 'Filesystem' },
      { field: 'spec.nodeAffinity', applies: (before) => before.spec?.nodeAffinity !== undefined },
    ],
    instead: (name) => `revert the change; or declare a second volume under another name than '${name}'`,
  },
  // core/validation: ValidateConfigMapUpdate, ValidateSecretUpdate
  '/ConfigMap': { fields: content('immutable', 'data', 'binaryData'), instead: rename },
  '/Secret': { fields: [...content('immutable', 'data', 'stringData'), { field: 'type', default: 'Opaque' }], instead: rename },
  // core/validation: ValidateServiceUpdate. An omitted value does not change the address of the Service: it stays headless.
  '/Service': {
    fields: [
      { field: 'spec.clusterIP', applies: (before, after) => after.spec?.clusterIP !== undefined || losesHeadless(before, after) },
      { field: 'spec.loadBalancerClass', applies: (before, after) => [before, after].every(({ spec }) => spec?.type === 'LoadBalancer') },
      // A second family can be added and removed; the first one stays.
      { field: 'spec.ipFamilies', compared: first, applies: (before, after) => !!before.spec?.ipFamilies && !!after.spec?.ipFamilies },
    ],
    instead: recreate('service', 'clients lose their connections briefly'),
  },
  // core/validation: ValidateResourceQuotaUpdate
  '/ResourceQuota': { fields: fields('spec.scopes'), instead: recreate('resourcequota', 'until then the namespace has no quota') },
  // apps/validation: ValidateStatefulSetUpdate; `revisionHistoryLimit` since 1.33
  'apps/StatefulSet': {
    fields: [
      ...fields('spec.selector', 'spec.serviceName'),
      { field: 'spec.podManagementPolicy', default: 'OrderedReady' },
      { field: 'spec.volumeClaimTemplates', default: [], compared: templates },
      { field: 'spec.revisionHistoryLimit', default: 10, until: 33 },
    ],
    instead: recreate('statefulset --cascade=orphan', 'pods and volumes remain, and the new StatefulSet adopts them'),
  },
  // apps/validation: ValidateDeploymentUpdate, ValidateDaemonSetUpdate
  'apps/Deployment': { fields: SELECTOR, instead: recreate('deployment', 'its pods stop until the new ones are ready') },
  'apps/DaemonSet': { fields: SELECTOR, instead: recreate('daemonset', 'its pods stop until the new ones are ready') },
  // batch/validation: ValidateJobSpecUpdate
  'batch/Job': {
    fields: [
      ...fields('spec.template', 'spec.podFailurePolicy'),
      { field: 'spec.completionMode', default: 'NonIndexed' },
      { field: 'spec.completions', applies: (before) => before.spec?.completionMode !== 'Indexed' },
    ],
    instead: recreate('job', 'it runs again'),
  },
  // networking/validation: ValidateIngressClassUpdate
  'networking.k8s.io/IngressClass': { fields: fields('spec.controller'), instead: rename },
  // node/validation: ValidateRuntimeClassUpdate
  'node.k8s.io/RuntimeClass': { fields: fields('handler'), instead: rename },
  // rbac/validation: ValidateRoleBindingUpdate, ValidateClusterRoleBindingUpdate
  'rbac.authorization.k8s.io/RoleBinding': {
    fields: fields('roleRef'),
    instead: recreate('rolebinding', 'until then its subjects have no permissions'),
  },
  'rbac.authorization.k8s.io/ClusterRoleBinding': {
    fields: fields('roleRef'),
    instead: recreate('clusterrolebinding', 'until then its subjects have no permissions'),
  },
  // resource/validation: ValidateResourceClaimTemplateUpdate
  'resource.k8s.io/ResourceClaimTemplate': {
    fields: fields('spec'),
    instead: recreate('resourceclaimtemplate', 'claims of running pods remain'),
  },
  // scheduling/validation: ValidatePriorityClassUpdate
  'scheduling.k8s.io/PriorityClass': {
    fields: [...fields('value'), { field: 'preemptionPolicy', default: 'PreemptLowerPriority' }],
    instead: recreate('priorityclass', 'running pods keep their priority'),
  },
  // storage/validation: ValidateStorageClassUpdate, ValidateCSIDriverUpdate
  'storage.k8s.io/StorageClass': {
    fields: [
      ...fields('provisioner'),
      { field: 'parameters', default: {} },
      { field: 'reclaimPolicy', default: 'Delete' },
      { field: 'volumeBindingMode', default: 'Immediate' },
    ],
    instead: recreate('storageclass', 'existing volumes keep the old settings; or add a second class with another name'),
  },
  'storage.k8s.io/CSIDriver': {
    fields: [
      { field: 'spec.attachRequired', default: true },
      { field: 'spec.volumeLifecycleModes', default: ['Persistent'] },
    ],
    instead: recreate('csidriver', 'mounted volumes remain mounted'),
  },
  // apiextensions/validation: ValidateCustomResourceDefinitionUpdate, for established definitions
  'apiextensions.k8s.io/CustomResourceDefinition': {
    fields: fields('spec.scope', 'spec.names.kind'),
    instead: (name) => `revert the change: deleting '${name}' would delete all of its objects`,
  },
};

/** Reports IMMUTABLE_FIELD for changes that the API server would reject, and IMMUTABLE_CLAIM_SIZE. */
export function checkImmutable(now: PlacedObject, before: BuiltObject, minor: number, problems: Problems): void {
  const { kind, metadata } = before;
  const rules = IMMUTABLE_FIELDS[`${before.apiVersion.includes('/') ? before.apiVersion.split('/')[0] : ''}/${kind}`];
  if (!rules) return;
  const after = plain(now.object);
  const changes = rules.fields.flatMap((rule) => {
    if (minor >= (rule.until ?? Number.POSITIVE_INFINITY) || rule.applies?.(before, after) === false) return [];
    return differences(rule.field, fieldOf(before, rule), fieldOf(after, rule));
  });
  // Values of a Secret are never printed.
  const texts = changes.map(({ field, before: was, after: is }) =>
    kind === 'Secret' ? field : `${field} from ${valueText(was)} to ${valueText(is)}`,
  );
  const instead = rules.instead(metadata.name, metadata.namespace ?? '');
  if (texts.length > 0) problems.add(now.path, immutableField(`${kind} ${metadata.name}`, shortList(texts), instead));
  if (kind === 'PersistentVolumeClaim') checkClaimSize(now, before, instead, problems);
}

/** Claims can be expanded, but not shrunk. */
function checkClaimSize(now: PlacedObject, before: BuiltObject, instead: string, problems: Problems): void {
  const [was, is] = [before, now.object].map(({ spec }) => spec?.resources?.requests?.storage);
  const [bytesBefore, bytesNow] = [was, is].map((size) => problems.attempt(now.path, () => parseQuantity(size)));
  if (bytesBefore !== undefined && bytesNow !== undefined && bytesNow < bytesBefore)
    problems.add(now.path, smallerClaim(before.metadata.name, String(is), String(was), instead));
}

function fieldOf(object: BuiltObject, { field, default: filled, compared }: ImmutableField): unknown {
  // biome-ignore lint/suspicious/noExplicitAny: manifests have arbitrary fields
  const found = field.split('.').reduce<any>((value, key) => value?.[key], object) ?? filled;
  return compared ? compared(found) : found;
}

/** Where a PersistentVolume stores its data: the fields of PersistentVolumeSource that clusters of today have. */
const VOLUME_SOURCES: readonly string[] = ['csi', 'nfs', 'local', 'hostPath', 'iscsi', 'fc', 'cephfs', 'rbd'];

function volumeSource(spec: unknown): unknown {
  return Object.fromEntries(Object.entries(spec ?? {}).filter(([name]) => VOLUME_SOURCES.includes(name)));
}

function losesHeadless(before: BuiltObject, after: BuiltObject): boolean {
  return before.spec?.clusterIP === 'None' && after.spec?.clusterIP === undefined && after.spec?.type !== 'ExternalName';
}

function first(values: unknown): unknown {
  return (values as readonly unknown[] | undefined)?.[0];
}

/** Claim templates without the fields that the API server does not compare, and with its defaults. */
function templates(value: unknown): unknown {
  const claims = (value ?? []) as readonly BuiltObject[];
  return claims.map(({ metadata, spec }) => ({ metadata, spec: { ...spec, volumeMode: spec?.volumeMode ?? 'Filesystem' } }));
}

/** The object as parsed from a file. */
function plain(object: BuiltObject): BuiltObject {
  return JSON.parse(JSON.stringify(object));
}

const MAX_CHANGES = 3;

function shortList(changes: readonly string[]): string {
  const more = changes.length - MAX_CHANGES;
  return [...changes.slice(0, MAX_CHANGES), ...(more > 0 ? [`${more} more`] : [])].join(', ');
}
