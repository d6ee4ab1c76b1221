import type { Problems } from '../../errors';
import type { Built } from '../../kubernetes';
import { affinityTerms, type Pod, type PodTerm, schedulerNode, systemPods, termMatches } from '../../scheduling';
import { namespaceLabels } from '../daemon-pods';
import { affinityConflict, affinityTargetMissing, affinityTargetUnknown } from '../messages';
import { nodesFor, type PodGroup, podGroups, runtimeGroups } from '../pods';

/** Checks required pod affinity: the target pods exist, on nodes in the same topology domain. Returns whether all terms can be satisfied. */
export function checkAffinity(built: Built, group: PodGroup, problems: Problems): boolean {
  return affinityTerms(group.candidate.pod)
    .map((term) => checkTerm(built, group, term, problems))
    .every(Boolean);
}

function checkTerm(built: Built, group: PodGroup, term: PodTerm, problems: Problems): boolean {
  const labels = namespaceLabels(built);
  const own = group.candidate.pod;
  const all = [...podGroups(built), ...runtimeGroups(built)].filter(({ perNode, replicas }) => perNode || replicas > 0);
  const targets = [...all, ...systemPods(built.site)].filter((one) => termMatches(term, own, one.candidate.pod, labels));
  if (targets.length === 0) {
    const namespaces = term.namespaces?.length ? term.namespaces : [group.namespace];
    const selector = JSON.stringify(term.labelSelector ?? {});
    // Pods in namespaces outside of the facility are unknown.
    const foreign = !term.namespaceSelector && namespaces.every((name) => !all.some((one) => one.namespace === name));
    const message = foreign ? affinityTargetUnknown : affinityTargetMissing;
    problems.add(group.path, message(group.name, selector, namespaces.join(', ')));
    return foreign;
  }
  const domainsOf = (pod: Pod) => nodesFor(built.site, pod.spec).map((node) => schedulerNode(built.site, node).labels[term.topologyKey]);
  const domains = new Set(domainsOf(own).filter((domain) => domain !== undefined));
  const isShared = (domain: string | undefined) => domain !== undefined && domains.has(domain);
  if (domains.size === 0 || targets.some(({ candidate }) => domainsOf(candidate.pod).some(isShared))) return true;
  problems.add(group.path, affinityConflict(group.name, targets[0]?.candidate.pod.name ?? '', term.topologyKey));
  return false;
}

/** A group without its affinity to pods of other groups, which is checked separately. */
export function withoutOtherTargets(group: PodGroup): PodGroup {
  return withTerms(group, (term, pod) => termMatches(term, pod, pod, NAMED_ONLY));
}

/** A group without its affinity to pods that the checks do not schedule: those of other facilities, and those that a daemon creates at run time. */
export function withoutUnknownTargets(built: Built, group: PodGroup): PodGroup {
  const known = [...podGroups(built), ...systemPods(built.site)];
  return withTerms(group, (term, pod) => known.some((one) => termMatches(term, pod, one.candidate.pod, namespaceLabels(built))));
}

const NAMED_ONLY = (namespace: string) => ({ 'kubernetes.io/metadata.name': namespace });

function withTerms(group: PodGroup, keep: (term: PodTerm, pod: Pod) => boolean): PodGroup {
  const { pod } = group.candidate;
  const terms = affinityTerms(pod);
  const kept = terms.filter((term) => keep(term, pod));
  if (kept.length === terms.length) return group;
  const affinity = { ...pod.spec.affinity, podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: kept } };
  const spec = { ...group.spec, affinity } as PodGroup['spec'];
  return { ...group, spec, candidate: { ...group.candidate, pod: { ...pod, spec } } };
}
