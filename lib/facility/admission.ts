import type { Built, PodSpec } from '../kubernetes';
import type { ContainerDefaults, ScheduledSpec } from '../scheduling';

/**
 * A pod spec as the API server stores it: with overhead, node selector and tolerations of its RuntimeClass.
 *
 * @see https://kubernetes.io/docs/concepts/containers/runtime-class/#scheduling
 */
export function admittedSpec(spec: PodSpec | ScheduledSpec, { objects }: Built): ScheduledSpec {
  const { runtimeClassName, ...given } = spec as ScheduledSpec & { readonly runtimeClassName?: string };
  const found =
    runtimeClassName && objects.find(({ object }) => object.kind === 'RuntimeClass' && object.metadata.name === runtimeClassName);
  if (!found) return given;
  const { overhead, scheduling = {} } = found.object;
  return {
    ...given,
    overhead: given.overhead ?? overhead?.podFixed,
    nodeSelector: { ...given.nodeSelector, ...scheduling.nodeSelector },
    tolerations: [...(given.tolerations ?? []), ...(scheduling.tolerations ?? [])],
  };
}

/** Default requests and limits of containers, by namespace. @see https://kubernetes.io/docs/concepts/policy/limit-range/ */
export function limitRangesOf({ objects }: Built): ReadonlyMap<string, ContainerDefaults> {
  const found = new Map<string, ContainerDefaults>();
  for (const { object } of objects) {
    if (object.kind !== 'LimitRange') continue;
    for (const limit of object.spec?.limits ?? [])
      if (limit.type === 'Container')
        found.set(object.metadata.namespace ?? 'default', { requests: limit.defaultRequest ?? {}, limits: limit.default ?? {} });
  }
  return found;
}
