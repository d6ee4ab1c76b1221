import { type FacilityError, failure, Problems } from '../errors';
import type { Cluster } from './cluster';
import { thousandthsOf, wholeUnits } from './kubernetes-quantity';
import { kubeletArgumentInvalid, quantityUnknown } from './messages';
import type { NodePool } from './node-pool';
import { bytes, bytesOrNone, cores, kubernetesCpu, kubernetesMemory, type Memory } from './quantity';

/** Allocatable resources of one node: cores, bytes and number of pods. */
export interface Allocatable {
  readonly cpu: number;
  readonly memory: number;
  /** `Infinity` if the size of the disk is unknown. */
  readonly disk: number;
  readonly pods: number;
}

/** Reserved cores and bytes. */
interface Amounts {
  readonly cpu: number;
  readonly memory: number;
  readonly disk: number;
}

/** Resources that the kubelet of a node reserves. */
interface Reservation {
  readonly kube: Amounts;
  readonly system: Amounts;
  /** Free memory and disk below which the kubelet evicts pods, in bytes or as a fraction of the capacity. */
  readonly eviction: { readonly memory: Threshold; readonly disk: Threshold };
  readonly maxPods: number;
}

type Threshold = { readonly bytes: number } | { readonly fraction: number };

/** Default of `reserved`: kubelet and container runtime. */
const RESERVED = { cpu: '500m', memory: '1GiB' } as const;

/**
 * Defaults of the kubelet. They are always written, because RKE2 has other ones (`imagefs.available<5%,nodefs.available<5%`, no memory).
 *
 * @see https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/#hard-eviction-thresholds
 * @see https://github.com/k3s-io/k3s/blob/master/pkg/daemons/agent/agent_linux.go
 */
const EVICTION = { memory: '100MiB', disk: '10%' } as const;

/** @see https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/ (`maxPods`) */
const MAX_PODS = 110;

/**
 * Kubelet arguments with the reservations that the capacity checks subtract. Arguments that the operator gives take precedence.
 */
export function kubeletArguments(cluster: Cluster, pool: NodePool): Readonly<Record<string, string>> {
  const given = argumentsOf(cluster);
  const { kube, system, eviction } = fromPool(pool);
  const reservation = { 'kube-reserved': listOf(kube), 'system-reserved': listOf(system) };
  return {
    ...Object.fromEntries(Object.entries(reservation).filter(([, list]) => list !== '')),
    'eviction-hard': [
      `memory.available<${thresholdText(eviction.memory)}`,
      `nodefs.available<${thresholdText(eviction.disk)}`,
      'nodefs.inodesFree<5%',
      'imagefs.available<15%',
    ].join(','),
    ...given,
  };
}

function listOf({ cpu, memory, disk }: Amounts): string {
  return [
    ...(cpu > 0 ? [`cpu=${kubernetesCpu(cpu)}`] : []),
    ...(memory > 0 ? [`memory=${kubernetesMemory(memory)}`] : []),
    ...(disk > 0 ? [`ephemeral-storage=${kubernetesMemory(disk)}`] : []),
  ].join(',');
}

function thresholdText(threshold: Threshold): string {
  return 'fraction' in threshold ? `${Math.round(threshold.fraction * 1e6) / 1e4}%` : kubernetesMemory(threshold.bytes);
}

/**
 * Allocatable resources of a node: `allocatable` of the pool if the operator gives it, else capacity minus reservations and hard
 * eviction thresholds, as the kubelet computes it. Problems are recorded under `path`.
 *
 * @see https://kubernetes.io/docs/tasks/administer-cluster/reserve-compute-resources/#node-allocatable
 */
export function allocatableOf(cluster: Cluster, pool: NodePool, path: string, problems: Problems): Allocatable {
  if (pool.allocatable) return reported(pool.allocatable, `${path}/allocatable`, problems);
  // Invalid arguments of the cluster are reported once, and not for each pool.
  const own = problems.attempt(path, () => fromPool(pool));
  const reservation = (own && new Problems().attempt('', () => reservationOf(cluster, own))) ?? INVALID;
  const { kube, system, eviction, maxPods } = reservation;
  const size = pool.bootVolume?.size ?? pool.flavor.disk;
  const memory = usableMemory(problems.number(`${path}/flavor/memory`, () => bytes(pool.flavor.memory)));
  // An invalid disk size is reported by the validation of the pool.
  const disk = size === undefined ? Number.POSITIVE_INFINITY : usableDisk(bytesOrInfinity(size));
  return {
    cpu: atLeastZero(Math.round((pool.flavor.vcpus - kube.cpu - system.cpu) * 1000) / 1000),
    memory: atLeastZero(memory - kube.memory - system.memory - thresholdBytes(eviction.memory, memory)),
    disk: atLeastZero(disk - kube.disk - system.disk - (Number.isFinite(disk) ? thresholdBytes(eviction.disk, disk) : 0)),
    pods: maxPods,
  };
}

const NONE: Amounts = { cpu: 0, memory: 0, disk: 0 };
const INVALID: Reservation = {
  kube: { cpu: Number.NaN, memory: Number.NaN, disk: Number.NaN },
  system: NONE,
  eviction: { memory: { bytes: 0 }, disk: { bytes: 0 } },
  maxPods: MAX_PODS,
};

/** Allocatable resources are never negative; `NaN` stays `NaN`. */
const atLeastZero = (amount: number) => Math.max(0, amount);

function bytesOrInfinity(size: Memory): number {
  return new Problems().attempt('', () => bytes(size)) ?? Number.POSITIVE_INFINITY;
}

function thresholdBytes(threshold: Threshold, capacity: number): number {
  return 'fraction' in threshold ? Math.ceil(capacity * threshold.fraction) : threshold.bytes;
}

/**
 * Memory that Linux leaves to processes, which the kubelet reports as capacity: 1/64 is used for page descriptors, 512 MiB for kernel,
 * firmware and kdump (256 MiB on Enterprise Linux). `free` shows 62 of 64 GiB, 503 of 512 and 1007 of 1024.
 *
 * @see https://www.kernel.org/doc/html/latest/mm/vmemmap_dedup.html (64 bytes for each page of 4 KiB)
 * @see https://docs.redhat.com/en/documentation/red_hat_enterprise_linux/9/html/managing_monitoring_and_updating_the_kernel/supported-kdump-configurations-and-targets_managing-monitoring-and-updating-the-kernel
 */
function usableMemory(memory: number): number {
  return memory - Math.ceil(memory / 64) - 512 * 2 ** 20;
}

/** Size of the root file system on a disk: without boot partitions and file system metadata. */
function usableDisk(disk: number): number {
  return disk - Math.ceil(disk / 64) - 1.5 * 2 ** 30;
}

/** Allocatable resources as nodes report them (`kubectl get node -o yaml`, `.status.allocatable`). */
function reported(given: NonNullable<NodePool['allocatable']>, path: string, problems: Problems): Allocatable {
  const read = (name: string, parse: () => bigint) => problems.number(`${path}/${name}`, () => notNegative(given[name], parse()));
  const disk = given['ephemeral-storage'];
  return {
    cpu: read('cpu', () => thousandthsOf(given.cpu)) / 1000,
    memory: read('memory', () => wholeUnits(given.memory)),
    disk: disk === undefined ? Number.POSITIVE_INFINITY : read('ephemeral-storage', () => wholeUnits(disk)),
    pods: given.pods === undefined ? MAX_PODS : read('pods', () => wholeUnits(given.pods)),
  };
}

/** @throws INVALID_QUANTITY */
function notNegative(given: unknown, amount: bigint): number {
  if (amount < 0n)
    throw failure(quantityUnknown(given, 'an amount that a node reports', '0 or more', 'what `kubectl get node NAME -o yaml` shows'));
  return Number(amount);
}

/** Extended resources that nodes report, by name. */
export function reportedDevices(pool: NodePool, path: string, problems: Problems): Readonly<Record<string, number>> {
  const names = Object.keys(pool.allocatable ?? {}).filter((name) => !['cpu', 'memory', 'ephemeral-storage', 'pods'].includes(name));
  return Object.fromEntries(
    names.map((name) => [
      name,
      problems.number(`${path}/allocatable/${name}`, () => notNegative(pool.allocatable?.[name], wholeUnits(pool.allocatable?.[name]))),
    ]),
  );
}

/** @throws INVALID_KUBELET_ARGUMENT */
function reservationOf(cluster: Cluster, own: Omit<Reservation, 'maxPods'>): Reservation {
  const given = argumentsOf(cluster);
  const [kube, system, eviction, maxPods] = [given['kube-reserved'], given['system-reserved'], given['eviction-hard'], given['max-pods']];
  return {
    kube: kube === undefined ? own.kube : amountsOf('kube-reserved', kube),
    system: system === undefined ? own.system : amountsOf('system-reserved', system),
    eviction: eviction === undefined ? own.eviction : thresholdsOf(eviction),
    maxPods: maxPods === undefined ? MAX_PODS : countOf('max-pods', maxPods),
  };
}

function argumentsOf(cluster: Cluster): Readonly<Record<string, string>> {
  return (cluster.kind === 'existing' ? undefined : cluster.props.arguments?.kubelet) ?? {};
}

/** @throws INVALID_QUANTITY */
function fromPool({ reserved = RESERVED }: NodePool): Omit<Reservation, 'maxPods'> {
  const problems = new Problems();
  const attempt = <T>(path: string, read: () => T) => problems.attempt(`reserved/${path}`, read) as T;
  const { system, eviction } = reserved as NonNullable<NodePool['reserved']>;
  const amounts = (at: string, given: NonNullable<NonNullable<NodePool['reserved']>['system']>): Amounts => ({
    cpu: given.cpu === undefined ? 0 : attempt(`${at}cpu`, () => cores(given.cpu ?? 0)),
    memory: given.memory === undefined ? 0 : attempt(`${at}memory`, () => bytesOrNone(given.memory ?? '0B')),
    disk: given.disk === undefined ? 0 : attempt(`${at}disk`, () => bytesOrNone(given.disk ?? '0B')),
  });
  const reservation = {
    kube: amounts('', reserved),
    system: amounts('system/', system ?? {}),
    eviction: {
      memory: attempt('eviction/memory', () => threshold(eviction?.memory ?? EVICTION.memory)),
      disk: attempt('eviction/disk', () => threshold(eviction?.disk ?? EVICTION.disk)),
    },
  };
  problems.throwIfAny();
  return reservation;
}

/** @throws INVALID_QUANTITY */
function threshold(given: Memory | `${number}%`): Threshold {
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(String(given));
  return percent ? { fraction: Number(percent[1]) / 100 } : { bytes: bytesOrNone(given as Memory) };
}

/** Parses `cpu=500m,memory=1Gi` as the kubelet does. */
function amountsOf(argument: string, text: string): Amounts {
  return parsed(argument, text, 'cpu=500m,memory=1Gi,ephemeral-storage=10Gi', (invalid) => {
    const parts = text.split(',').filter((part) => part.trim() !== '');
    const entries = Object.fromEntries(parts.map((part) => part.split('=').map((one) => one.trim())));
    const isKnown = (name: string) => ['cpu', 'memory', 'ephemeral-storage', 'pid'].includes(name);
    if (!parts.every((part) => part.split('=').length === 2) || !Object.keys(entries).every(isKnown)) throw invalid;
    const amounts = {
      cpu: Number(thousandthsOf(entries.cpu ?? '0')) / 1000,
      memory: Number(wholeUnits(entries.memory ?? '0')),
      disk: Number(wholeUnits(entries['ephemeral-storage'] ?? '0')),
    };
    if (Object.values(amounts).some((amount) => amount < 0)) throw invalid;
    return amounts;
  });
}

/** @see https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/#eviction-signals */
const SIGNALS: readonly string[] = [
  ...['memory.available', 'allocatableMemory.available', 'pid.available'],
  ...['nodefs', 'imagefs', 'containerfs'].flatMap((one) => [`${one}.available`, `${one}.inodesFree`]),
];

/** Parses `memory.available<100Mi,nodefs.available<10%`. Signals that are not listed have no threshold. */
function thresholdsOf(text: string): Reservation['eviction'] {
  return parsed('eviction-hard', text, 'memory.available<100Mi,nodefs.available<10%', (invalid) => {
    const found = new Map<string, Threshold>();
    for (const entry of text.split(',').filter((part) => part !== '')) {
      const [, signal = '', value = ''] = /^([a-zA-Z.]+)<(.+)$/.exec(entry) ?? [];
      if (!SIGNALS.includes(signal)) throw invalid;
      const percent = /^(\d+(?:\.\d+)?)%$/.exec(value)?.[1];
      const threshold: Threshold = percent === undefined ? { bytes: Number(wholeUnits(value)) } : { fraction: Number(percent) / 100 };
      if ('fraction' in threshold ? threshold.fraction > 1 : threshold.bytes < 0) throw invalid;
      found.set(signal, threshold);
    }
    const read = (signal: string) => found.get(signal) ?? { bytes: 0 };
    return { memory: read('memory.available'), disk: read('nodefs.available') };
  });
}

function countOf(argument: string, text: string): number {
  return parsed(argument, text, '110', (invalid) => {
    if (!/^[1-9]\d{0,8}$/.test(text)) throw invalid;
    return Number(text);
  });
}

/** @throws INVALID_KUBELET_ARGUMENT, also for a quantity in it that is invalid */
function parsed<T>(argument: string, text: string, example: string, parse: (invalid: FacilityError) => T): T {
  const invalid = failure(kubeletArgumentInvalid(argument, text, example));
  const value = new Problems().attempt('', () => parse(invalid));
  if (value === undefined) throw invalid;
  return value;
}

/** Records INVALID_KUBELET_ARGUMENT once for the arguments of all pools. */
export function validateKubeletArguments(cluster: Cluster, path: string, problems: Problems): void {
  const given = argumentsOf(cluster);
  const parsers = {
    'kube-reserved': amountsOf,
    'system-reserved': amountsOf,
    'eviction-hard': (_: string, text: string) => thresholdsOf(text),
    'max-pods': countOf,
  };
  for (const [name, parse] of Object.entries(parsers)) {
    const text = given[name];
    if (text !== undefined) problems.attempt(`${path}/arguments/kubelet/${name}`, () => parse(name, text));
  }
}
