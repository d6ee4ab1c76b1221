/**
 * Why a workload may differ from the hardened shape, and what the three common checkers call the difference.
 *
 * @see https://docs.kubelinter.io, https://github.com/zegl/kube-score/blob/master/README_CHECKS.md, https://polaris.docs.fairwinds.com/checks
 */
interface Dialects {
  readonly kubeLinter: readonly string[];
  readonly kubeScore: readonly string[];
  readonly polaris: readonly string[];
}

export const EXCEPTIONS = {
  /** One replica, because a second one would do harm. */
  singleton: {
    kubeLinter: [],
    kubeScore: ['deployment-replicas'],
    polaris: ['deploymentMissingReplicas', 'missingPodDisruptionBudget'],
  },
  /** The old pod ends before the new one starts. */
  recreate: { kubeLinter: [], kubeScore: ['deployment-strategy'], polaris: [] },
  /** Talks to the Kubernetes API with a token of its own. */
  'api-token': { kubeLinter: [], kubeScore: [], polaris: ['automountServiceAccountToken'] },
  /** Nothing may open a connection to it. */
  unreachable: { kubeLinter: [], kubeScore: [], polaris: ['missingNetworkPolicy'] },
  /** In the node's network, where no NetworkPolicy holds. */
  'host-network': { kubeLinter: ['host-network'], kubeScore: ['pod-networkpolicy'], polaris: ['hostNetworkSet', 'missingNetworkPolicy'] },
  /** Sees the processes of the node, or shares memory with them. */
  'host-namespaces': { kubeLinter: ['host-pid', 'host-ipc'], kubeScore: [], polaris: ['hostPIDSet', 'hostIPCSet'] },
  'host-path': { kubeLinter: ['sensitive-host-mounts'], kubeScore: [], polaris: ['hostPathSet'] },
  'host-port': { kubeLinter: [], kubeScore: [], polaris: ['hostPortSet'] },
  privileged: {
    kubeLinter: ['privileged-container', 'privilege-escalation-container', 'drop-net-raw-capability'],
    kubeScore: ['container-security-context-privileged'],
    polaris: ['runAsPrivileged', 'privilegeEscalationAllowed', 'insecureCapabilities', 'dangerousCapabilities', 'linuxHardening'],
  },
  /** Rights of root that are needed one by one. */
  capabilities: {
    // To kube-linter, SYS_ADMIN is a way to more rights.
    kubeLinter: ['privilege-escalation-container'],
    kubeScore: [],
    polaris: ['dangerousCapabilities', 'insecureCapabilities', 'linuxHardening'],
  },
  root: {
    kubeLinter: ['run-as-non-root'],
    kubeScore: ['container-security-context-user-group-id'],
    polaris: ['runAsRootAllowed'],
  },
  /** A user id below 10000, since the image has files or an account of that user. */
  'image-user': { kubeLinter: [], kubeScore: ['container-security-context-user-group-id'], polaris: [] },
  'writable-root': {
    kubeLinter: ['no-read-only-root-fs'],
    kubeScore: ['container-security-context-readonlyrootfilesystem'],
    polaris: ['notReadOnlyRootFilesystem'],
  },
  /** No port that a probe could ask. */
  'no-probe': { kubeLinter: [], kubeScore: ['pod-probes'], polaris: ['readinessProbeMissing', 'livenessProbeMissing'] },
  /** Ready and alive are the same to this daemon. */
  'one-probe': { kubeLinter: [], kubeScore: ['pod-probes-identical'], polaris: [] },
  /** Alive, but never asked: nothing it could answer would be cured by a restart. */
  'no-liveness': { kubeLinter: [], kubeScore: [], polaris: ['livenessProbeMissing'] },
  /** Runs once a node and needs no readiness. */
  'no-readiness': { kubeLinter: [], kubeScore: ['pod-probes'], polaris: ['readinessProbeMissing'] },
  /** A policy for pods that a daemon makes at run time: they are in no manifest. */
  spawned: { kubeLinter: ['dangling-networkpolicy'], kubeScore: ['networkpolicy-targets-pod'], polaris: [] },
} as const satisfies Record<string, Dialects>;

export type ExceptionName = keyof typeof EXCEPTIONS;

/** Exceptions of one workload, each with its reason. */
export type Exceptions = Readonly<Partial<Record<ExceptionName, string>>>;

/** The annotations that state the exceptions, for people and for the three checkers. */
export function exceptionAnnotations(exceptions: Exceptions): Record<string, string> {
  const annotations: Record<string, string> = {};
  const kubeScore = new Set<string>();
  for (const [name, reason] of Object.entries(exceptions) as [ExceptionName, string][]) {
    const dialects: Dialects = EXCEPTIONS[name];
    annotations[`analysis-facility.io/exception.${name}`] = reason;
    for (const check of dialects.kubeLinter) annotations[`ignore-check.kube-linter.io/${check}`] = reason;
    for (const check of dialects.polaris) annotations[`polaris.fairwinds.com/${check}-exempt`] = 'true';
    for (const check of dialects.kubeScore) kubeScore.add(check);
  }
  if (kubeScore.size > 0) annotations['kube-score/ignore'] = [...kubeScore].sort().join(',');
  return annotations;
}
