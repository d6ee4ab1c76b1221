import { imageUnpinned, nearest, type Problems } from '../../errors';
import type { Built, Container, PodSpec } from '../../kubernetes';
import { checkImage, imageUnknown, isPinned, registeredImages } from '../../site';
import { podSecurity, secretInManifest } from '../messages';
import { podTemplates } from '../pods';

/** A Secret with its values would be committed with the rest. */
export function checkSecrets({ objects }: Built, problems: Problems): void {
  for (const { object, path } of objects) {
    const keys = [...Object.keys(object.data ?? {}), ...Object.keys(object.stringData ?? {})];
    if (object.kind === 'Secret' && object.apiVersion === 'v1' && keys.length > 0) problems.add(path, secretInManifest(keys.sort()));
  }
}

/** Every image that the site overrides is the image of a service. */
export function checkImageNames({ site }: Built, problems: Problems): void {
  const known = Object.keys(registeredImages());
  for (const name of Object.keys(site.images ?? {}))
    if (!known.includes(name)) problems.add(`${site.name}/images/${name}`, imageUnknown(name, known, nearest(name, known)));
}

/** Every image is one that can be pulled; of those without a fixed tag is warned. */
export function checkImages(built: Built, problems: Problems): void {
  // Each once, at the first pod that uses it.
  const moving = new Map<string, string>();
  for (const { path, spec } of podTemplates(built)) {
    for (const { name, image = '' } of containersOf(spec)) {
      // A placeholder of Terraform is told as what it is.
      if (image.includes('TfToken[')) continue;
      if (problems.attempt(`${path}/${name}`, () => checkImage(image)) && !isPinned(image) && !moving.has(image))
        moving.set(image, `${path}/${name}`);
    }
  }
  for (const [image, path] of moving) problems.add(path, imageUnpinned(image));
}

/** Every pod is one that Pod Security lets into its namespace; the ReplicaSet would try for ever. */
export function checkPodSecurity(built: Built, problems: Problems): void {
  const levels = new Map(
    built.objects
      .filter(({ object }) => object.kind === 'Namespace')
      .map(({ object }) => [object.metadata.name, object.metadata.labels?.['pod-security.kubernetes.io/enforce']]),
  );
  for (const { path, namespace, spec } of podTemplates(built)) {
    const level = levels.get(namespace);
    if (level !== 'baseline' && level !== 'restricted') continue;
    const found = violations(spec, level);
    if (found.length > 0) problems.add(path, podSecurity(found, level, namespace));
  }
}

/** What a level of Pod Security has against a pod. */
export function violations(spec: PodSpec, level: 'baseline' | 'restricted'): readonly string[] {
  return [...new Set([...beyondBaseline(spec), ...(level === 'restricted' ? beyondRestricted(spec) : [])])];
}

/** @see https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline */
function beyondBaseline(spec: PodSpec): readonly string[] {
  return [
    ...['hostNetwork', 'hostPID', 'hostIPC'].flatMap((name) => (Object(spec)[name] ? [`${name}: true`] : [])),
    ...(spec.volumes ?? []).flatMap(({ name, hostPath }) => (hostPath ? [`hostPath (volume '${name}')`] : [])),
    ...containersOf(spec).flatMap(({ name, ports = [], securityContext: own = {} }) => [
      ...(own.privileged ? [`privileged: true (container '${name}')`] : []),
      ...ports.flatMap(({ hostPort }) => (hostPort ? [`hostPort: ${hostPort} (container '${name}')`] : [])),
      ...(own.capabilities?.add ?? []).flatMap((one) =>
        BASELINE_CAPABILITIES.includes(one) ? [] : [`capability ${one} (container '${name}')`],
      ),
    ]),
    ...(spec.securityContext?.seccompProfile?.type === 'Unconfined' ? ['seccompProfile: Unconfined'] : []),
    ...unconfined(spec, ['Unconfined']),
  ];
}

/**
 * What a pod says for all of its containers counts even where each of them says something better.
 *
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
 */
function beyondRestricted(spec: PodSpec): readonly string[] {
  const pod = spec.securityContext ?? {};
  return [
    ...(pod.runAsNonRoot === false ? ['runAsNonRoot: false'] : []),
    ...(pod.runAsUser === 0 ? ['runAsUser: 0'] : []),
    ...(spec.volumes ?? []).flatMap(({ name, ...source }) =>
      Object.keys(source).every((kind) => RESTRICTED_VOLUMES.includes(kind)) ? [] : [`${Object.keys(source).join()} (volume '${name}')`],
    ),
    ...containersOf(spec).flatMap(({ name, securityContext: own = {} }) => [
      ...(own.allowPrivilegeEscalation === false ? [] : [`no allowPrivilegeEscalation: false (container '${name}')`]),
      ...((own.runAsNonRoot ?? pod.runAsNonRoot) ? [] : [`no runAsNonRoot: true (container '${name}')`]),
      ...(own.runAsUser === 0 ? [`runAsUser: 0 (container '${name}')`] : []),
      ...(own.capabilities?.drop?.includes('ALL') ? [] : [`capabilities without drop: [ALL] (container '${name}')`]),
      ...(own.capabilities?.add ?? []).flatMap((one) => (one === 'NET_BIND_SERVICE' ? [] : [`capability ${one} (container '${name}')`])),
    ]),
    ...unconfined(spec, ['Unconfined', undefined]),
  ];
}

/** Containers whose profile of seccomp is one of these. */
function unconfined(spec: PodSpec, profiles: readonly unknown[]): readonly string[] {
  const pod = spec.securityContext?.seccompProfile?.type;
  return containersOf(spec).flatMap(({ name, securityContext }) =>
    profiles.includes(securityContext?.seccompProfile?.type ?? pod) ? [`no seccompProfile: RuntimeDefault (container '${name}')`] : [],
  );
}

function containersOf(spec: PodSpec): readonly Container[] {
  return [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
}

const BASELINE_CAPABILITIES: readonly string[] = [
  ...['AUDIT_WRITE', 'CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'MKNOD', 'NET_BIND_SERVICE', 'SETFCAP', 'SETGID', 'SETPCAP'],
  ...['SETUID', 'SYS_CHROOT'],
];

const RESTRICTED_VOLUMES: readonly string[] = [
  ...['configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'persistentVolumeClaim', 'projected', 'secret'],
];
