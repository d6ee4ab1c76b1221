import { failure } from '../errors';
import { negativeRequest } from './messages';
import type { ResourceRequirements, ScheduledContainer, ScheduledSpec } from './pod';
import { add, largest, parseResources, type Resources } from './resources';

/** What admission gives to containers that ask for nothing (LimitRange). */
export interface ContainerDefaults {
  readonly requests: Readonly<Record<string, unknown>>;
  readonly limits: Readonly<Record<string, unknown>>;
}

const NO_DEFAULTS: ContainerDefaults = { requests: {}, limits: {} };

/**
 * What the scheduler counts for a pod: its containers and sidecars together, or what its init containers need while they start, whichever is
 * more; pod-level requests take the place of both; overhead comes on top. Each pod counts as one of `pods`.
 *
 * @throws INVALID_QUANTITY, with the container in its path
 * @see https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/component-helpers/resource/helpers.go (PodRequests)
 */
export function effectiveRequests(spec: ScheduledSpec, defaults: ContainerDefaults = NO_DEFAULTS): Resources {
  const asked = (container: ScheduledContainer) => containerRequests(container, defaults);
  const containers = (spec.containers ?? []).map(asked).reduce(add, {});
  let sidecars: Resources = {};
  let starting: Resources = {};
  for (const container of spec.initContainers ?? []) {
    const own = asked(container);
    const running = add(sidecars, own);
    if (container.restartPolicy === 'Always') sidecars = running;
    starting = largest(starting, running);
  }
  const aggregate = largest(add(containers, sidecars), starting);
  const overhead = checked('overhead', () => parseResources(spec.overhead ?? {}));
  return add(add(atPodLevel(aggregate, spec.resources), overhead), { pods: 1n });
}

/**
 * Requests of one container. The API server copies a limit where there is no request; a LimitRange then fills in what is still missing.
 *
 * @see https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/core/v1/defaults.go (SetDefaults_Pod)
 * @see https://github.com/kubernetes/kubernetes/blob/master/plugin/pkg/admission/limitranger/admission.go (mergeContainerResources)
 */
function containerRequests({ name, resources }: ScheduledContainer, defaults: ContainerDefaults): Resources {
  const given = { ...defaults.limits, ...defaults.requests, ...present(resources?.limits), ...present(resources?.requests) };
  return checked(name, () => parseResources(given));
}

function present(given: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(given).filter(([, quantity]) => quantity !== undefined && quantity !== null));
}

/** Only these can be asked for by the pod as a whole. */
const ofPods = (name: string) => name === 'cpu' || name === 'memory' || name.startsWith('hugepages-');

/** What the pod asks for as a whole; the API server refuses less than its containers ask for together. */
function atPodLevel(aggregate: Resources, resources: ResourceRequirements | undefined): Resources {
  const limits = present(resources?.limits);
  const requests = present(resources?.requests);
  const defaulted = Object.fromEntries(Object.entries(limits).filter(([name]) => !(name in aggregate)));
  const parsed = checked('resources', () => parseResources({ ...defaulted, ...requests }));
  return largest(aggregate, Object.fromEntries(Object.entries(parsed).filter(([name]) => ofPods(name))));
}

/** @throws INVALID_QUANTITY */
function checked(at: string, read: () => Resources): Resources {
  const resources = read();
  for (const [name, amount] of Object.entries(resources)) if (amount < 0n) throw failure(negativeRequest(at, name));
  return resources;
}
