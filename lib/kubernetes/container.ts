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

/** What one container may use. Memory is requested as it is limited, so that the kernel never has to choose whom to end. */
export interface Resources {
  /** Cores that are kept for it. */
  readonly cpu: Cpu;
  /** Cores that it may take while others leave them. @default - twice what is kept */
  readonly cpuLimit?: Cpu;
  /** Memory that is kept for it, and at which the kernel ends it. */
  readonly memory: Memory;
  /** Disk for logs, writable layers and scratch volumes; a plain number is bytes. @default 1GiB */
  readonly disk?: Memory | number;
}

/** The value of an environment variable: a text, a key of a Secret, or a field of the pod, e.g. `status.podIP`. */
export type EnvValue = string | SecretKey | { readonly field: string };

/** How the kubelet asks a container how it is. */
export type ProbeProps = (
  | {
      readonly http: string;
      readonly port: string;
      readonly https?: boolean;
      /** With `hostNetwork` alone: for a daemon that listens on the loopback address of the node. @default - the pod's address */
      readonly host?: '127.0.0.1';
    }
  | { readonly tcp: string }
  | { readonly command: readonly string[] }
) & {
  /** Seconds between two questions. @default 10 */
  readonly every?: number;
  /** Wrong or missing answers in a row that count. @default 3 */
  readonly failures?: number;
  /** Seconds to answer in. @default 1 */
  readonly timeout?: number;
};

/** Ready: requests may come. Alive: else it is restarted. Startup: until it answers, the other two are not asked. */
export interface Probes {
  readonly startup?: ProbeProps;
  readonly readiness?: ProbeProps;
  readonly liveness?: ProbeProps;
}

export interface PortProps {
  readonly port: number;
  /** @default TCP */
  readonly protocol?: Protocol;
  /** Port of the node itself. @default - none */
  readonly hostPort?: number;
}

export interface ContainerProps {
  readonly image: string;
  /** @default - the image's entry point */
  readonly command?: readonly string[];
  /** @default - the image's */
  readonly args?: readonly string[];
  /** @default - none */
  readonly env?: Readonly<Record<string, EnvValue>>;
  /** Ports by name: the one value behind `containerPort`, Service, NetworkPolicy and probes. @default - none */
  readonly ports?: Readonly<Record<string, number | PortProps>>;
  readonly resources: Resources;
  /** What computes beside the processors. @default - nothing: cards of the node are hidden */
  readonly accelerator?: Accelerator;
  /** @default - none */
  readonly probes?: Probes;
  /** Command that runs before the container is told to end, within the grace of its pod. @default - none */
  readonly preStop?: readonly string[];
  /** What is mounted where. @default - nothing */
  readonly mounts?: Readonly<Record<string, VolumeSource>>;
  /** @default - the image's */
  readonly workingDir?: string;
  /** User and group. @default 10001 */
  readonly user?: number;
  /** Let the container write to its own root file system; the workload must state the exception `writable-root`. @default false */
  readonly writableRoot?: boolean;
  /** Rights of root that the container has all the same; the workload must state the exception `capabilities`. @default - none */
  readonly capabilities?: readonly string[];
  /** Root on the node; the workload must state the exception `privileged`. @default false */
  readonly privileged?: boolean;
}

/** Above 10000, so that it is nobody's account on the node (kube-score and trivy ask for it). */
export const USER_ID = 10001;

/** Cores and bytes of one container. */
export interface Demand {
  readonly cpu: number;
  readonly memory: number;
}

/** One hardened container. Quantities that cannot be read are recorded under `path`. */
export function container(name: string, props: ContainerProps, problems: Problems, path: string): Container {
  const user = props.user ?? USER_ID;
  return withoutUndefined({
    name,
    image: props.image,
    // Always, even for a pinned tag: a tag can be moved, and a node must not run what it has no right to pull.
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

/** Requests and limits; the same object for a pod of ours and for one that a daemon makes at run time. */
export function resources(
  given: Resources,
  problems: Problems,
  path: string,
  accelerator?: Accelerator,
): NonNullable<Container['resources']> {
  const cpu = problems.number(`${path}/cpu`, () => cores(given.cpu));
  const cpuLimit = given.cpuLimit === undefined ? cpu * 2 : problems.number(`${path}/cpuLimit`, () => cores(given.cpuLimit ?? 0));
  const memory = problems.number(`${path}/memory`, () => bytes(given.memory));
  // Kubernetes reads a limit of 0 as none, and refuses to start what may use less than is kept for it.
  if (cpu < 0.001) problems.add(`${path}/cpu`, resourceInvalid(given.cpu, "at least a thousandth of a core: '1m'"));
  if (cpuLimit < cpu) problems.add(`${path}/cpuLimit`, resourceInvalid(given.cpuLimit, `at least what is kept: ${cpu} cores`));
  if (memory === 0) problems.add(`${path}/memory`, resourceInvalid(given.memory, 'more than nothing'));
  const disk = kubernetesMemory(problems.number(`${path}/disk`, () => diskBytes(given.disk ?? '1GiB')));
  // Kubernetes wants both, and alike: a device cannot be lent.
  const devices = accelerator ? { [accelerator.resource]: String(accelerator.count) } : {};
  return {
    requests: { cpu: kubernetesCpu(cpu), memory: kubernetesMemory(memory), 'ephemeral-storage': disk, ...devices },
    limits: { cpu: kubernetesCpu(cpuLimit), memory: kubernetesMemory(memory), 'ephemeral-storage': disk, ...devices },
  };
}

function diskBytes(disk: Memory | number): number {
  return typeof disk === 'number' ? disk : bytes(disk);
}

/** An environment variable in the form of a manifest. */
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
