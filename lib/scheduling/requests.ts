import { failure, Problems } from '../errors';
import { negativeRequest } from './messages';
import type { ResourceRequirements, ScheduledContainer, ScheduledSpec } from './pod';
import { add, largest, parseResources, type Resources } from './resources';

/** Default requests and limits of containers (LimitRange). */
export interface ContainerDefaults {
  readonly requests: Readonly<Record<string, unknown>>;
  readonly limits: Readonly<Record<string, unknown>>;
}

const NO_DEFAULTS: ContainerDefaults = { requests: {}, limits: {} };

/**
 * Effective requests of a pod: the larger of the sum of its containers and sidecars, and the maximum of its init containers. Pod-level requests
 * replace both; overhead is added. Each pod counts as 1 of `pods`.
 *
 * @throws INVALID_QUANTITY, INVALID_RESOURCE_REQUEST
 * @see https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/component-helpers/resource/helpers.go (PodRequests)
 */
export function effectiveRequests(spec: ScheduledSpec, defaults: ContainerDefaults = NO_DEFAULTS): Resources {
  const problems = new Problems();
  const requestsOf = (container: ScheduledContainer) => problems.attempt('', () => containerRequests(container, defaults)) ?? {};
  const containers = (spec.containers ?? []).map(requestsOf).reduce(add, {});
  let sidecars: Resources = {};
  let starting: Resources = {};
  for (const container of spec.initContainers ?? []) {
    const running = add(sidecars, requestsOf(container));
    if (container.restartPolicy === 'Always') sidecars = running;
    starting = largest(starting, running);
  }
  const aggregate = largest(add(containers, sidecars), starting);
  const overhead = problems.attempt('', () => notNegative('overhead', parseResources(spec.overhead ?? {}, 'overhead'))) ?? {};
  const total = problems.attempt('', () => withPodLevel(aggregate, spec.resources)) ?? {};
  problems.throwIfAny();
  return add(add(total, overhead), { pods: 1n });
}

/**
 * Requests of a container. A missing request defaults to the limit, then to the values of the LimitRange.
 *
 * @see https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/core/v1/defaults.go (SetDefaults_Pod)
 * @see https://github.com/kubernetes/kubernetes/blob/master/plugin/pkg/admission/limitranger/admission.go (mergeContainerResources)
 */
function containerRequests({ name, resources }: ScheduledContainer, defaults: ContainerDefaults): Resources {
  const problems = new Problems();
  const read = (list: 'requests' | 'limits') =>
    problems.attempt('', () => parseResources(resources?.[list] ?? {}, `containers/${name}/resources/${list}`)) ?? {};
  const [limits, requests] = [read('limits'), read('requests')];
  problems.throwIfAny();
  return notNegative(name, { ...parseResources({ ...defaults.limits, ...defaults.requests }, 'limits'), ...limits, ...requests });
}

function present(given: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(given).filter(([, quantity]) => quantity !== undefined && quantity !== null));
}

/** Whether a resource can be requested at pod level. */
const isPodLevel = (name: string) => name === 'cpu' || name === 'memory' || name.startsWith('hugepages-');

/** Applies pod-level requests; the API server rejects ones that are smaller than the sum of the containers. */
function withPodLevel(aggregate: Resources, resources: ResourceRequirements | undefined): Resources {
  const limits = present(resources?.limits);
  const requests = present(resources?.requests);
  const defaulted = Object.fromEntries(Object.entries(limits).filter(([name]) => !(name in aggregate)));
  const parsed = notNegative('resources', parseResources({ ...defaulted, ...requests }, 'resources/requests'));
  return largest(aggregate, Object.fromEntries(Object.entries(parsed).filter(([name]) => isPodLevel(name))));
}

/** @throws INVALID_RESOURCE_REQUEST */
function notNegative(at: string, resources: Resources): Resources {
  for (const [name, amount] of Object.entries(resources)) if (amount < 0n) throw failure(negativeRequest(at, name));
  return resources;
}
