import { FacilityError, type Problem } from '../lib/errors';
import {
  defineSite,
  type ExistingClusterProps,
  existingCluster,
  type NodePool,
  type NodePoolProps,
  nodePool,
  type OpenStackProps,
  openstack,
  rke1,
  type Site,
  type SiteProps,
  storageClass,
} from '../lib/site';

/** A manifest is open data: the tests look into any field. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels: Record<string, string>;
    readonly annotations?: Record<string, string>;
  };
  readonly [field: string]: any;
}

/** What the language would not let through, and JSON does. */
export const untyped = (value: unknown) => value as never;

export const sshKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVuLZTWXO7LJzCX0w0GcHXkfkyXPyPzMEjBR2Wr8HcC admin@example.org';

/** Nodes that exist: three of 16 cores and 64 GiB, with half a core and 1 GiB for the system. */
export const nodes = nodePool('analysis', {
  count: 3,
  flavor: { vcpus: 16, memory: '64GiB' },
  labels: { 'node.example.org/purpose': 'analysis' },
});

/** A site on a cluster that somebody else runs, with a class for volumes and an ingress controller. */
export function existing(props: Partial<SiteProps> = {}, cluster: Partial<ExistingClusterProps> = {}, name = 'cosenza'): Site {
  return defineSite(name, {
    cluster: existingCluster({
      version: '1.30',
      apiServers: ['10.0.0.10:6443'],
      ingress: { className: 'nginx', namespace: 'ingress-nginx', labels: { 'app.kubernetes.io/name': 'ingress-nginx' } },
      ...cluster,
    }),
    pools: [nodes],
    storage: { default: storageClass('local-path') },
    ...props,
  });
}

export const cloud = (props: Partial<OpenStackProps> = {}) =>
  openstack({ region: 'RegionOne', cidr: '10.64.0.0/24', externalNetwork: 'public', admins: ['192.0.2.0/24'], sshKey, ...props });

export const master = (props: Partial<NodePoolProps> = {}): NodePool =>
  nodePool('master', {
    flavor: { name: 'm1', vcpus: 8, memory: '16GiB' },
    image: 'AlmaLinux-9.2',
    roles: ['controlplane', 'etcd', 'worker'],
    ...props,
  });

export const worker = (props: Partial<NodePoolProps> = {}): NodePool =>
  nodePool('worker', { flavor: { name: 'w1', vcpus: 32, memory: '64GiB' }, image: 'AlmaLinux-9.2', count: 3, ...props });

/** One master and three workers on OpenStack, installed by RKE. */
export function provisioned(props: Partial<SiteProps> = {}, clouds: Partial<OpenStackProps> = {}): Site {
  return defineSite('napoli', { cluster: rke1({ version: '1.27.16' }), pools: [master(), worker()], cloud: cloud(clouds), ...props });
}

/** What is thrown, as the list of its problems; empty if nothing is. */
export function problemsOf(act: () => unknown): readonly Problem[] {
  try {
    act();
    return [];
  } catch (error) {
    if (error instanceof FacilityError) return error.problems;
    throw error;
  }
}

/** `CODE at path` of each problem, in order. */
export const briefly = (problems: readonly Problem[]): readonly string[] => problems.map(({ code, path }) => `${code} at ${path}`);

/** The one problem of this code; it must say what was given, what is allowed and what to do. */
export function only(problems: readonly Problem[], code: string): Problem {
  const found = problems.filter((one) => one.code === code);
  const [problem] = found;
  if (!problem || found.length > 1) throw new Error(`${found.length} × ${code} in:\n${briefly(problems).join('\n')}`);
  for (const field of ['given', 'allowed', 'fix'] as const) {
    const stray = field === 'given' ? /NaN|\[object/ : /undefined|NaN|\[object/;
    if (!/\S/.test(problem[field]) || stray.test(problem[field])) throw new Error(`${code}: ${field} is '${problem[field]}'`);
  }
  return problem;
}

/** The one problem of this code that is thrown. */
export const refused = (code: string, act: () => unknown): Problem => only(problemsOf(act), code);
