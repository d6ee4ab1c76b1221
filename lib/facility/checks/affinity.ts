import type { Problems } from '../../errors';
import type { Built } from '../../kubernetes';
import { affinityTerms, type Pod, type PodTerm, schedulerNode, systemPods, termMatches } from '../../scheduling';
import { affinityConflict, affinityTargetMissing, affinityTargetUnknown } from '../messages';
import { nodesFor, type PodGroup, podGroups, runtimeGroups } from '../pods';
import { namespaceLabels } from '../room';

/** Pods that must be near others find these: there are such pods, on nodes that are near theirs. */
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
    // Of namespaces that the facility does not make, it does not know the pods.
    const foreign = !term.namespaceSelector && namespaces.every((name) => !all.some((one) => one.namespace === name));
    const message = foreign ? affinityTargetUnknown : affinityTargetMissing;
    problems.add(group.path, message(group.name, selector, namespaces.join(', ')));
    return foreign;
  }
  const places = (pod: Pod) => nodesFor(built.site, pod.spec).map((node) => schedulerNode(built.site, node).labels[term.topologyKey]);
  const ours = new Set(places(own).filter((place) => place !== undefined));
  if (ours.size === 0 || targets.some(({ candidate }) => places(candidate.pod).some((place) => place !== undefined && ours.has(place))))
    return true;
  problems.add(group.path, affinityConflict(group.name, targets[0]?.candidate.pod.name ?? '', term.topologyKey));
  return false;
}

/** A group without its affinity to pods of other groups, which has been looked at by itself. */
export function withoutOtherTargets(group: PodGroup): PodGroup {
  return withTerms(group, (term, pod) => termMatches(term, pod, pod, NAMED_ONLY));
}

/** A group without its affinity to pods that no check sees: those of other facilities, and those that only a daemon makes. */
export function withoutAbsentTargets(built: Built, group: PodGroup): PodGroup {
  const seen = [...podGroups(built), ...systemPods(built.site)];
  return withTerms(group, (term, pod) => seen.some((one) => termMatches(term, pod, one.candidate.pod, namespaceLabels(built))));
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
