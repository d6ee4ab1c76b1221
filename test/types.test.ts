import { clusterProblems } from '../lib/cluster';
import { Facility, type FacilityProps } from '../lib/facility';
import type { ContainerProps, Deployment, Exceptions, IngressProps, Manifest, ServiceChart, WorkloadProps } from '../lib/kubernetes';
import { DaskCluster, type DaskClusterProps } from '../lib/services/dask';
import { MinIO, type MinIOProps } from '../lib/services/minio';
import {
  bytes,
  cores,
  defineSite,
  imageOf,
  type NodePoolProps,
  nodePool,
  type OpenStackProps,
  rke1,
  rke2,
  type Site,
  type SiteProps,
  seconds,
} from '../lib/site';
import { existing, nodes, problemsOf, provisioned, worker } from './fixtures/site';

const flavor = { vcpus: 4, memory: '8GiB' } as const;
const codesOf = (site: Site) => [...site.problems, ...clusterProblems(site)].map(({ code }) => code);
const thrown = (act: () => unknown) => problemsOf(act).map(({ code }) => code);

/** What TypeScript refuses, a description that comes from JSON may still say: then it is refused when it is read. */
describe('what does not compile is refused at run time as well', () => {
  test('quantities', () => {
    // @ts-expect-error a unit in words
    expect(thrown(() => bytes('64 gigs'))).toEqual(['INVALID_QUANTITY']);
    // @ts-expect-error the units of Kubernetes
    expect(thrown(() => bytes('64Gi'))).toEqual(['INVALID_QUANTITY']);
    // @ts-expect-error a number without a unit
    expect(thrown(() => bytes(64))).toEqual(['INVALID_QUANTITY']);
    // @ts-expect-error cores in words
    expect(thrown(() => cores('2 cores'))).toEqual(['INVALID_QUANTITY']);
    // @ts-expect-error seconds without their unit
    expect(thrown(() => seconds(30))).toEqual(['INVALID_QUANTITY']);
    // @ts-expect-error weeks
    expect(thrown(() => seconds('2w'))).toEqual(['INVALID_QUANTITY']);
    // @ts-expect-error in a flavor
    const pool = nodePool('worker', { flavor: { vcpus: 4, memory: '8 gigs' } });
    expect(codesOf(existing({ pools: [pool] }))).toEqual(['INVALID_QUANTITY']);
  });

  test('words of a table', () => {
    // @ts-expect-error no such image
    expect(thrown(() => imageOf({}, 'daskk'))).toEqual(['UNKNOWN_IMAGE']);
    // @ts-expect-error no such role
    expect(codesOf(existing({ pools: [nodePool('a', { flavor, roles: ['gpu'] })] }))).toEqual(['UNKNOWN_ROLE']);
    // @ts-expect-error no such effect
    expect(codesOf(existing({ pools: [nodePool('a', { flavor, taints: [{ key: 'gpu', effect: 'Never' }] })] }))).toEqual(['INVALID_TAINT']);
    // @ts-expect-error weave is RKE's alone
    expect(codesOf(provisioned({ cluster: rke2({ version: '1.29.4', network: 'weave' }) }))).toContain('UNSUPPORTED_NETWORK');
    // @ts-expect-error cilium is RKE2's alone
    expect(codesOf(provisioned({ cluster: rke1({ version: '1.27.16', network: 'cilium' }) }))).toContain('UNSUPPORTED_NETWORK');
    // @ts-expect-error the in-tree provider left Kubernetes
    expect(codesOf(provisioned({ cluster: rke1({ version: '1.27.16', cloudProvider: 'openstack' }) }))).toContain(
      'UNSUPPORTED_CLOUD_PROVIDER',
    );
  });

  test('what is missing', () => {
    // @ts-expect-error no pools
    expect(() => defineSite('a', { cluster: rke1({ version: '1.27.16' }) })).toThrow();
    // @ts-expect-error no size
    expect(() => existing({ pools: [nodePool('a', {})] })).toThrow();
    // @ts-expect-error no placement
    expect(new DaskCluster(new Facility(existing()), 'dask', {}).problems.all.map(({ code }) => code)).toContain('UNKNOWN_POOL');
  });
});

/** Lines that need no run: each must be refused by the compiler, or `tsc` calls the remark above it unused. */
const refusedByTheCompiler = (chart: ServiceChart, deployment: Deployment) => [
  // @ts-expect-error no such exception: without its row in the table no checker would know it
  { sloppy: 'no time' } satisfies Exceptions,
  // @ts-expect-error an exception without a reason
  { singleton: true } satisfies Exceptions,
  // @ts-expect-error no such image of the table
  chart.image('nginx'),
  // @ts-expect-error a pool is no name: a name could be wrong
  { on: 'worker' } satisfies Partial<DaskClusterProps>,
  // @ts-expect-error no such prop
  { on: nodes, worker: { cpu: 2, memory: '8GiB', gpu: 1 } } satisfies DaskClusterProps,
  // @ts-expect-error a limit without its unit
  { on: nodes, memoryLimit: '8' } satisfies DaskClusterProps,
  // @ts-expect-error no such way to be apart
  { on: nodes, apart: 'never' } satisfies MinIOProps,
  // @ts-expect-error a user without a name
  { on: nodes, users: [{ access: 'readonly' }] } satisfies MinIOProps,
  // @ts-expect-error no such rights
  { on: nodes, users: [{ name: 'a', access: 'admin' }] } satisfies MinIOProps,
  // @ts-expect-error a container without resources
  { image: 'x' } satisfies ContainerProps,
  // @ts-expect-error a probe that asks two things
  { image: 'x', resources: { cpu: 1, memory: '1GiB' }, probes: { liveness: { every: 3 } } } satisfies ContainerProps,
  // @ts-expect-error no such protocol
  { image: 'x', resources: { cpu: 1, memory: '1GiB' }, ports: { a: { port: 1, protocol: 'SCTPP' } } } satisfies ContainerProps,
  // @ts-expect-error no such priority
  { on: nodes, containers: {}, priority: 'urgent' } satisfies WorkloadProps,
  // @ts-expect-error an Ingress without a host name
  { to: deployment, port: 'http' } satisfies IngressProps,
  // @ts-expect-error a certificate from two places
  { host: 'a.b', to: deployment, port: 'http', tls: {} } satisfies IngressProps,
  // @ts-expect-error a count in words
  { flavor, count: 'three' } satisfies NodePoolProps,
  // @ts-expect-error machines without a key for their administrators
  { region: 'a', cidr: '10.0.0.0/24', externalNetwork: 'b', admins: [] } satisfies OpenStackProps,
  // @ts-expect-error no such store for Terraform's state
  { kind: 'git', path: 'a' } satisfies OpenStackProps['state'],
  // @ts-expect-error no such image to be overridden
  { cluster: rke1({ version: '1.27.16' }), pools: [], images: { daskk: 'x' } } satisfies SiteProps,
  // @ts-expect-error a quota without memory
  { quotas: { dask: { cpu: 5 } } } satisfies FacilityProps,
  // @ts-expect-error no such field of a manifest
  { metadata: { name: 'a' }, spec: { ports: [{ port: 80, targetport: 'http' }] } } satisfies Manifest<'v1/Service'>,
  // @ts-expect-error an object without a name
  { metadata: {} } satisfies Manifest<'v1/ConfigMap'>,
  // @ts-expect-error a site is finished: what is in it does not change
  existing().pools.push(worker()),
  // @ts-expect-error a service needs somewhere to stand
  new MinIO('minio', { on: nodes }),
];

test('what the compiler refuses is listed, each with its reason', () => expect(refusedByTheCompiler).toBeInstanceOf(Function));
