/**
 * Checks of kube-linter, kube-score and Polaris that an exception from the hardened pod disables.
 *
 * @see https://docs.kubelinter.io, https://github.com/zegl/kube-score/blob/master/README_CHECKS.md, https://polaris.docs.fairwinds.com/checks
 */
interface IgnoredChecks {
  readonly kubeLinter: readonly string[];
  readonly kubeScore: readonly string[];
  readonly polaris: readonly string[];
}

export const EXCEPTIONS = {
  /** A single replica, because a second one would cause errors. */
  singleton: {
    kubeLinter: [],
    kubeScore: ['deployment-replicas'],
    polaris: ['deploymentMissingReplicas', 'missingPodDisruptionBudget'],
  },
  /** The old pod is stopped before the new one starts. */
  recreate: { kubeLinter: [], kubeScore: ['deployment-strategy'], polaris: [] },
  /** Uses the Kubernetes API with the token of its ServiceAccount. */
  'api-token': { kubeLinter: [], kubeScore: [], polaris: ['automountServiceAccountToken'] },
  /** Accepts no connections. */
  unreachable: { kubeLinter: [], kubeScore: [], polaris: ['missingNetworkPolicy'] },
  /** Uses the network of the node, to which NetworkPolicies do not apply. */
  'host-network': { kubeLinter: ['host-network'], kubeScore: ['pod-networkpolicy'], polaris: ['hostNetworkSet', 'missingNetworkPolicy'] },
  /** Shares the process or IPC namespace of the node. */
  'host-namespaces': { kubeLinter: ['host-pid', 'host-ipc'], kubeScore: [], polaris: ['hostPIDSet', 'hostIPCSet'] },
  'host-path': { kubeLinter: ['sensitive-host-mounts'], kubeScore: [], polaris: ['hostPathSet'] },
  'host-port': { kubeLinter: [], kubeScore: [], polaris: ['hostPortSet'] },
  privileged: {
    kubeLinter: ['privileged-container', 'privilege-escalation-container', 'drop-net-raw-capability'],
    kubeScore: ['container-security-context-privileged'],
    polaris: ['runAsPrivileged', 'privilegeEscalationAllowed', 'insecureCapabilities', 'dangerousCapabilities', 'linuxHardening'],
  },
  /** Needs single Linux capabilities. */
  capabilities: {
    // kube-linter treats SYS_ADMIN as privilege escalation.
    kubeLinter: ['privilege-escalation-container'],
    kubeScore: [],
    polaris: ['dangerousCapabilities', 'insecureCapabilities', 'linuxHardening'],
  },
  root: {
    kubeLinter: ['run-as-non-root'],
    kubeScore: ['container-security-context-user-group-id'],
    polaris: ['runAsRootAllowed'],
  },
  /** A user id below 10000, because the image has files or an account of that user. */
  'image-user': { kubeLinter: [], kubeScore: ['container-security-context-user-group-id'], polaris: [] },
  'writable-root': {
    kubeLinter: ['no-read-only-root-fs'],
    kubeScore: ['container-security-context-readonlyrootfilesystem'],
    polaris: ['notReadOnlyRootFilesystem'],
  },
  /** Has no port for a probe. */
  'no-probe': { kubeLinter: [], kubeScore: ['pod-probes'], polaris: ['readinessProbeMissing', 'livenessProbeMissing'] },
  /** Readiness and liveness are the same for this daemon. */
  'one-probe': { kubeLinter: [], kubeScore: ['pod-probes-identical'], polaris: [] },
  /** No liveness probe, because a restart would fix none of its failures. */
  'no-liveness': { kubeLinter: [], kubeScore: [], polaris: ['livenessProbeMissing'] },
  /** Runs once per node and needs no readiness probe. */
  'no-readiness': { kubeLinter: [], kubeScore: ['pod-probes'], polaris: ['readinessProbeMissing'] },
  /** A Service that opens a port on every node. */
  'node-port': { kubeLinter: ['exposed-services'], kubeScore: ['service-type'], polaris: [] },
  /** A NetworkPolicy for pods that a daemon creates at run time, which are in no manifest. */
  spawned: { kubeLinter: ['dangling-networkpolicy'], kubeScore: ['networkpolicy-targets-pod'], polaris: [] },
} as const satisfies Record<string, IgnoredChecks>;

export type ExceptionName = keyof typeof EXCEPTIONS;

/** Exceptions of one workload, each with its reason. */
export type Exceptions = Readonly<Partial<Record<ExceptionName, string>>>;

/** Annotations that state the exceptions, for readers and for the three checkers. */
export function exceptionAnnotations(exceptions: Exceptions): Record<string, string> {
  const annotations: Record<string, string> = {};
  const kubeScore = new Set<string>();
  for (const [name, reason] of Object.entries(exceptions) as [ExceptionName, string][]) {
    const ignored: IgnoredChecks = EXCEPTIONS[name];
    annotations[`analysis-facility.io/exception.${name}`] = reason;
    for (const check of ignored.kubeLinter) annotations[`ignore-check.kube-linter.io/${check}`] = reason;
    for (const check of ignored.polaris) annotations[`polaris.fairwinds.com/${check}-exempt`] = 'true';
    for (const check of ignored.kubeScore) kubeScore.add(check);
  }
  if (kubeScore.size > 0) annotations['kube-score/ignore'] = [...kubeScore].sort().join(',');
  return annotations;
}
