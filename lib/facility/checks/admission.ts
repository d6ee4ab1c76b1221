import { imageUnpinned, nearest, type Problems } from '../../errors';
import type { Built, Container, PodSpec } from '../../kubernetes';
import { checkImage, imageUnknown, isPinned, registeredImages } from '../../site';
import { podSecurity, secretInManifest } from '../messages';
import { podTemplates } from '../pods';

/** Reports Secrets with values, which would be committed with the manifests. */
export function checkSecrets({ objects }: Built, problems: Problems): void {
  for (const { object, path } of objects) {
    const keys = [...Object.keys(object.data ?? {}), ...Object.keys(object.stringData ?? {})];
    if (object.kind === 'Secret' && object.apiVersion === 'v1' && keys.length > 0) problems.add(path, secretInManifest(keys.sort()));
  }
}

/** Reports image overrides of the site with unknown names. */
export function checkImageNames({ site }: Built, problems: Problems): void {
  const known = Object.keys(registeredImages());
  for (const name of Object.keys(site.images ?? {}))
    if (!known.includes(name)) problems.add(`${site.name}/images/${name}`, imageUnknown(name, known, nearest(name, known)));
}

/** Reports invalid image references, and warns of images without a fixed tag. */
export function checkImages(built: Built, problems: Problems): void {
  // Each image is reported once, at the first pod that uses it.
  const unpinned = new Map<string, string>();
  for (const { path, spec } of podTemplates(built)) {
    for (const { name, image = '' } of containersOf(spec)) {
      // Terraform tokens are reported by `checkTokens`.
      if (image.includes('TfToken[')) continue;
      if (problems.attempt(`${path}/${name}`, () => checkImage(image)) && !isPinned(image) && !unpinned.has(image))
        unpinned.set(image, `${path}/${name}`);
    }
  }
  for (const [image, path] of unpinned) problems.add(path, imageUnpinned(image));
}

/** Reports pods that the Pod Security level of their namespace does not allow: their controller could never create them. */
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

/** Fields of a pod that violate a Pod Security level. */
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
 * Values of the pod's security context are checked also where every container overrides them.
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

/** Containers whose seccomp profile is one of these. */
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
