import { type Problems, storageClassMissing } from '../../errors';
import { type Built, identity, type PlacedObject, type PodSpec } from '../../kubernetes';
import { isDevice } from '../../scheduling';
import {
  deviceRequestUnlimited,
  duplicateHost,
  duplicateHostPort,
  duplicateObject,
  hostPortTaken,
  referenceMissing,
  selectorUnmatched,
  storageClassUnknown,
  tokenInManifest,
} from '../messages';
import { nodesFor, type PodGroup, podGroups, podTemplates, templateOf } from '../pods';

/** Reports duplicate objects. */
export function checkNames({ objects }: Built, problems: Problems): void {
  const owners = new Map<string, PlacedObject>();
  for (const placed of objects) {
    const owner = owners.get(identity(placed));
    if (owner) problems.add(placed.path, duplicateObject(placed.object.kind, placed.object.metadata.name, owner.path));
    owners.set(identity(placed), placed);
  }
}

/** Reports host names and paths that several Ingresses or HTTPRoutes publish. */
export function checkHosts({ objects }: Built, problems: Problems): void {
  const owners = new Map<string, string>();
  for (const { object, path } of objects) {
    for (const [host, urlPath] of published(object)) {
      const url = `${host}${urlPath}`;
      const owner = owners.get(url);
      if (owner) problems.add(path, duplicateHost(host, owner));
      owners.set(url, path);
    }
  }
}

/** Host names and paths that an object publishes. */
export function published({ kind, spec }: PlacedObject['object']): readonly (readonly [host: string, path: string])[] {
  if (kind === 'Ingress')
    return (spec?.rules ?? []).flatMap(({ host = '*', http }: Rule) =>
      (http?.paths ?? [{}]).map(({ path = '/' }) => [host, path] as const),
    );
  if (kind !== 'HTTPRoute') return [];
  const paths = (spec?.rules ?? []).flatMap(({ matches = [{}] }: RouteRule) => matches.map(({ path }) => path?.value ?? '/'));
  return (spec?.hostnames ?? ['*']).flatMap((host: string) => paths.map((path: string) => [host, path] as const));
}

interface Rule {
  readonly host?: string;
  readonly http?: { readonly paths?: readonly { readonly path?: string }[] };
}

interface RouteRule {
  readonly matches?: readonly { readonly path?: { readonly value?: string } }[];
}

/** Reports selectors that match no pods of the output and no runtime pods. */
export function checkSelectors(built: Built, problems: Problems): void {
  const pods = [...podTemplates(built), ...built.ledger.runtimePods];
  for (const { object, path } of built.objects) {
    const labels = selectorOf(object);
    if (!labels || Object.keys(labels).length === 0) continue;
    const namespace = object.metadata.namespace ?? 'default';
    const found = pods.some(
      (pod) => pod.namespace === namespace && Object.entries(labels).every(([key, value]) => pod.labels[key] === value),
    );
    if (!found) problems.add(path, selectorUnmatched(object.kind, JSON.stringify(labels), namespace));
  }
}

function selectorOf(object: PlacedObject['object']): Readonly<Record<string, string>> | undefined {
  switch (object.kind) {
    case 'Service':
      return object.spec?.selector;
    case 'NetworkPolicy':
      return object.spec?.podSelector?.matchLabels;
    case 'PodDisruptionBudget':
      return object.spec?.selector?.matchLabels;
    default:
      return undefined;
  }
}

/** Reports requests of extended resources without an equal limit, which Kubernetes rejects. */
export function checkDevices(built: Built, problems: Problems): void {
  for (const { path, spec } of podTemplates(built)) {
    for (const { name, resources } of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) {
      for (const [resource, asked] of Object.entries(resources?.requests ?? {})) {
        if (isDevice(resource) && String(resources?.limits?.[resource]) !== String(asked))
          problems.add(path, deviceRequestUnlimited(name, resource));
      }
    }
  }
}

/** Reports claims without a storage class, or with one that the site does not have. */
export function checkStorage({ site, objects }: Built, problems: Problems): void {
  const known = site.storageClasses.map(({ name }) => name);
  for (const { object, path } of objects) {
    const claims = object.kind === 'PersistentVolumeClaim' ? [object] : (object.spec?.volumeClaimTemplates ?? []);
    for (const claim of claims) {
      // An empty class belongs to a claim for one PersistentVolume.
      if (claim.spec?.storageClassName === '' && claim.spec.volumeName) continue;
      const name: string | undefined = claim.spec?.storageClassName;
      const ours = object.metadata.labels?.['app.kubernetes.io/managed-by'] === 'cdk8s-analysis-facility';
      // Claims of the library were checked when they were created, with the path of their prop.
      if (name === undefined && !ours) problems.add(path, storageClassMissing(known));
      if (name !== undefined && !known.includes(name)) problems.add(path, storageClassUnknown(name, known));
    }
  }
}

/** Reports missing ConfigMaps, claims and ServiceAccounts that pods refer to. */
export function checkReferences({ objects, ledger }: Built, problems: Problems): void {
  const written = objects.map(({ object }) => `${object.kind} ${object.metadata.namespace}/${object.metadata.name}`);
  const existing = new Set([...written, ...ledger.existingObjects]);
  for (const placed of objects) {
    const template = templateOf(placed);
    if (!template) continue;
    for (const [kind, name] of referencesOf(template.spec)) {
      if (!existing.has(`${kind} ${placed.object.metadata.namespace}/${name}`)) problems.add(placed.path, referenceMissing(kind, name));
    }
  }
}

function referencesOf(spec: PodSpec): readonly (readonly [string, string])[] {
  const references: [string, string | undefined][] = [['ServiceAccount', spec.serviceAccountName]];
  for (const volume of spec.volumes ?? []) {
    if (!volume.configMap?.optional) references.push(['ConfigMap', volume.configMap?.name]);
    references.push(['PersistentVolumeClaim', volume.persistentVolumeClaim?.claimName]);
  }
  return references.flatMap(([kind, name]) =>
    name === undefined || CREATED_BY_KUBERNETES.includes(`${kind}/${name}`) ? [] : [[kind, name] as const],
  );
}

/** Objects that Kubernetes creates in every namespace. */
const CREATED_BY_KUBERNETES: readonly string[] = ['ServiceAccount/default', 'ConfigMap/kube-root-ca.crt'];

/** Ports of the nodes that sshd and Kubernetes use. */
const NODE_PORTS: Readonly<Record<number, string>> = {
  22: 'sshd',
  2379: 'etcd',
  2380: 'etcd',
  6443: 'kube-apiserver',
  10250: 'kubelet',
  10256: 'kube-proxy',
  10257: 'kube-controller-manager',
  10259: 'kube-scheduler',
};

/** Reports host ports that several workloads use on the same node, or that the node itself uses. */
export function checkHostPorts(built: Built, problems: Problems): void {
  const taken: Record<number, string> = { ...NODE_PORTS };
  if (built.site.cluster.ingress && built.site.cluster.kind !== 'existing')
    Object.assign(taken, { 80: 'the ingress controller', 443: 'the ingress controller' });
  const owners: { readonly group: PodGroup; readonly port: number; readonly protocol: string }[] = [];
  for (const group of podGroups(built)) {
    for (const { port, protocol } of group.candidate.ports) {
      const system = taken[port];
      if (system) problems.add(group.path, hostPortTaken(port, system));
      const nodes = nodesFor(built.site, group.spec);
      const other = owners.find(
        (one) =>
          one.port === port && one.protocol === protocol && nodesFor(built.site, one.group.spec).some((node) => nodes.includes(node)),
      );
      if (other) problems.add(group.path, duplicateHostPort(port, protocol, other.group.name));
      owners.push({ group, port, protocol });
    }
  }
}

/** Reports cdktf tokens, which would be written as their placeholder text. */
export function checkTokens({ objects }: Built, problems: Problems): void {
  for (const { object, path } of objects) {
    const found = tokenIn(object, '');
    if (found) problems.add(path, tokenInManifest(found));
  }
}

/** @see cdktf lib/tokens/private/encoding.ts: tokens of strings, lists and maps contain `TfToken[`, those of numbers are below -1e280, also within a string */
function tokenIn(value: unknown, field: string): string | undefined {
  if (typeof value === 'string')
    return (value.includes('TfToken[') || value.includes('e+2')) && /TfToken\[|-\d(\.\d+)?e\+2[89]\d/.test(value) ? field : undefined;
  if (typeof value === 'number') return value < -1e280 ? field : undefined;
  if (value === null || typeof value !== 'object') return undefined;
  for (const [key, inner] of Object.entries(value)) {
    if (key.includes('TfToken[')) return field || '/';
    const found = tokenIn(inner, `${field}/${key}`);
    if (found) return found;
  }
  return undefined;
}
