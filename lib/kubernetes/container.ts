import type { Problems } from '../errors';
import {
  type Accelerator,
  bytes,
  type Cpu,
  cores,
  kubernetesCpu,
  kubernetesMemory,
  type Memory,
  type Protocol,
  type SecretKey,
} from '../site';
import { type Container, type EnvVar, type Probe, withoutUndefined } from './manifest';
import { resourceInvalid } from './messages';
import { mountsOf, type VolumeSource } from './volume';

/** Resource requests and limits of a container. The memory request equals the limit, so that memory of a node is never overcommitted. */
export interface Resources {
  /** CPU request, in cores. */
  readonly cpu: Cpu;
  /** CPU limit, in cores. @default - twice the CPU request */
  readonly cpuLimit?: Cpu;
  /** Memory request and limit; a container that exceeds it is killed (OOMKilled). */
  readonly memory: Memory;
  /** Ephemeral storage for logs, writable layers and scratch volumes; a plain number is bytes. @default 1GiB */
  readonly disk?: Memory | number;
}

/** Value of an environment variable: plain text, a key of a Secret, or a field of the pod, e.g. `status.podIP`. */
export type EnvValue = string | SecretKey | { readonly field: string };

/** A probe by which the kubelet checks a container. */
export type ProbeProps = (
  | {
      readonly http: string;
      readonly port: string;
      readonly https?: boolean;
      /** Only with `hostNetwork`: for a daemon that listens on the loopback address of the node. @default - the pod's address */
      readonly host?: '127.0.0.1';
    }
  | { readonly tcp: string }
  | { readonly command: readonly string[] }
) & {
  /** Period in seconds (`periodSeconds`). @default 10 */
  readonly every?: number;
  /** Consecutive failures after which the probe has failed (`failureThreshold`). @default 3 */
  readonly failures?: number;
  /** Timeout in seconds (`timeoutSeconds`). @default 1 */
  readonly timeout?: number;
};

/**
 * Probes of a container. Readiness: the pod receives requests while it succeeds. Liveness: the container is restarted when it fails.
 * Startup: the other two start after it has succeeded.
 */
export interface Probes {
  readonly startup?: ProbeProps;
  readonly readiness?: ProbeProps;
  readonly liveness?: ProbeProps;
}

export interface PortProps {
  readonly port: number;
  /** @default TCP */
  readonly protocol?: Protocol;
  /** Port on the node. @default - none */
  readonly hostPort?: number;
}

export interface ContainerProps {
  readonly image: string;
  /**
   * @mayBeEmpty
   * @default - the image's entry point
   */
  readonly command?: readonly string[];
  /**
   * @mayBeEmpty
   * @default - the image's
   */
  readonly args?: readonly string[];
  /** @default - none */
  readonly env?: Readonly<Record<string, EnvValue>>;
  /** Ports by name; `containerPort`, Service, NetworkPolicy and probes are derived from them. @default - none */
  readonly ports?: Readonly<Record<string, number | PortProps>>;
  readonly resources: Resources;
  /** GPUs or other devices for the container. @default - none: GPUs of the node are hidden from it */
  readonly accelerator?: Accelerator;
  /** @default - none */
  readonly probes?: Probes;
  /**
   * Command that runs before the container is terminated, within the grace period of its pod.
   *
   * @mayBeEmpty
   * @default - none
   */
  readonly preStop?: readonly string[];
  /** Volumes by mount path. @default - none */
  readonly mounts?: Readonly<Record<string, VolumeSource>>;
  /** @default - the image's */
  readonly workingDir?: string;
  /** User id and group id. @default 10001 */
  readonly user?: number;
  /** Whether the root file system of the container is writable; the workload must state the exception `writable-root`. @default false */
  readonly writableRoot?: boolean;
  /** Linux capabilities that are added; the workload must state the exception `capabilities`. @default - none */
  readonly capabilities?: readonly string[];
  /** Whether the container is privileged; the workload must state the exception `privileged`. @default false */
  readonly privileged?: boolean;
}

/** Above 10000, so that it is not the id of an account on the node (required by kube-score and Trivy). */
export const USER_ID = 10001;

/** Cores, and memory in bytes, of a container. */
export interface Demand {
  readonly cpu: number;
  readonly memory: number;
}

/** A hardened container. Invalid quantities are reported under `path`. */
export function container(name: string, props: ContainerProps, problems: Problems, path: string): Container {
  const user = props.user ?? USER_ID;
  return withoutUndefined({
    name,
    image: props.image,
    // Always, also for a fixed tag: a tag can be moved, and pods must not use cached images that they have no credentials to pull.
    imagePullPolicy: 'Always',
    command: props.command,
    args: props.args,
    workingDir: props.workingDir,
    env: props.env && Object.entries(props.env).map(([key, value]) => envVar(key, value)),
    ports: props.ports && Object.entries(props.ports).map(([key, port]) => containerPort(key, port)),
    resources: resources(props.resources, problems, `${path}/resources`, props.accelerator),
    securityContext: props.privileged
      ? { privileged: true, allowPrivilegeEscalation: true, readOnlyRootFilesystem: !props.writableRoot, runAsUser: 0, runAsGroup: 0 }
      : {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: !props.writableRoot,
          runAsNonRoot: user !== 0,
          runAsUser: user,
          runAsGroup: user,
          capabilities: withoutUndefined({ drop: ['ALL'], add: props.capabilities }),
          seccompProfile: { type: 'RuntimeDefault' },
        },
    startupProbe: props.probes?.startup && probe(props.probes.startup),
    readinessProbe: props.probes?.readiness && probe(props.probes.readiness),
    livenessProbe: props.probes?.liveness && probe(props.probes.liveness),
    lifecycle: props.preStop && { preStop: { exec: { command: props.preStop } } },
    volumeMounts: props.mounts && mountsOf(props.mounts),
  });
}

/** Resource requests and limits, for pods of the library and for pods that a daemon creates at run time. */
export function resources(
  given: Resources,
  problems: Problems,
  path: string,
  accelerator?: Accelerator,
): NonNullable<Container['resources']> {
  const cpu = problems.number(`${path}/cpu`, () => cores(given.cpu));
  const cpuLimit = given.cpuLimit === undefined ? cpu * 2 : problems.number(`${path}/cpuLimit`, () => cores(given.cpuLimit ?? 0));
  const memory = problems.number(`${path}/memory`, () => bytes(given.memory));
  // Kubernetes rejects a limit below the request.
  if (cpuLimit < cpu)
    problems.add(
      `${path}/cpuLimit`,
      resourceInvalid(given.cpuLimit, `at least the CPU request: ${cpu} cores`, `cpuLimit: ${cpu} or more, or lower cpu`),
    );
  const disk = kubernetesMemory(problems.number(`${path}/disk`, () => diskBytes(given.disk ?? '1GiB')));
  // Kubernetes requires equal requests and limits: devices cannot be overcommitted.
  const devices = accelerator ? { [accelerator.resource]: String(accelerator.count) } : {};
  return {
    requests: { cpu: kubernetesCpu(cpu), memory: kubernetesMemory(memory), 'ephemeral-storage': disk, ...devices },
    limits: { cpu: kubernetesCpu(cpuLimit), memory: kubernetesMemory(memory), 'ephemeral-storage': disk, ...devices },
  };
}

function diskBytes(disk: Memory | number): number {
  return typeof disk === 'number' ? disk : bytes(disk);
}

/** An environment variable as in a manifest. */
export function envVar(name: string, value: EnvValue): EnvVar {
  if (typeof value === 'string') return { name, value };
  if ('field' in value) return { name, valueFrom: { fieldRef: { fieldPath: value.field } } };
  return { name, valueFrom: { secretKeyRef: { name: value.name, key: value.key } } };
}

export function portOf(port: number | PortProps): PortProps {
  return typeof port === 'number' ? { port } : port;
}

function containerPort(name: string, port: number | PortProps): NonNullable<Container['ports']>[number] {
  const { port: containerPort, protocol = 'TCP', hostPort } = portOf(port);
  return withoutUndefined({ name, containerPort, protocol, hostPort });
}

function probe(props: ProbeProps): Probe {
  const timing = { periodSeconds: props.every ?? 10, failureThreshold: props.failures ?? 3, timeoutSeconds: props.timeout ?? 1 };
  if ('http' in props) {
    return {
      httpGet: withoutUndefined({ host: props.host, path: props.http, port: props.port, scheme: props.https ? 'HTTPS' : undefined }),
      ...timing,
    };
  }
  return 'tcp' in props ? { tcpSocket: { port: props.tcp }, ...timing } : { exec: { command: props.command }, ...timing };
}
