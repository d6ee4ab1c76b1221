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

/** Descriptions without a type check, e.g. from JSON, are validated at run time. */
describe('values that do not compile are also rejected at run time', () => {
  test('quantities', () => {
    // @ts-expect-error an unknown unit
    expect(thrown(() => bytes('64 gigs'))).toEqual(['INVALID_QUANTITY']);
    // @ts-expect-error a unit of Kubernetes
    expect(thrown(() => bytes('64Gi'))).toEqual(['INVALID_QUANTITY']);
    // @ts-expect-error a number without a unit
    expect(thrown(() => bytes(64))).toEqual(['INVALID_QUANTITY']);
    // @ts-expect-error cores with a unit
    expect(thrown(() => cores('2 cores'))).toEqual(['INVALID_QUANTITY']);
    // @ts-expect-error a duration without a unit
    expect(thrown(() => seconds(30))).toEqual(['INVALID_QUANTITY']);
    // @ts-expect-error an unsupported unit
    expect(thrown(() => seconds('2w'))).toEqual(['INVALID_QUANTITY']);
    // @ts-expect-error an unknown unit in a flavor
    const pool = nodePool('worker', { flavor: { vcpus: 4, memory: '8 gigs' } });
    expect(codesOf(existing({ pools: [pool] }))).toEqual(['INVALID_QUANTITY']);
  });

  test('values of enumerations', () => {
    // @ts-expect-error an unknown image
    expect(thrown(() => imageOf({}, 'daskk'))).toEqual(['UNKNOWN_IMAGE']);
    // @ts-expect-error an unknown role
    expect(codesOf(existing({ pools: [nodePool('a', { flavor, roles: ['gpu'] })] }))).toEqual(['UNKNOWN_ROLE']);
    // @ts-expect-error an unknown taint effect
    expect(codesOf(existing({ pools: [nodePool('a', { flavor, taints: [{ key: 'gpu', effect: 'Never' }] })] }))).toEqual(['INVALID_TAINT']);
    // @ts-expect-error weave is supported only by RKE
    expect(codesOf(provisioned({ cluster: rke2({ version: '1.29.4', network: 'weave' }) }))).toContain('UNSUPPORTED_NETWORK');
    // @ts-expect-error cilium is supported only by RKE2
    expect(codesOf(provisioned({ cluster: rke1({ version: '1.27.16', network: 'cilium' }) }))).toContain('UNSUPPORTED_NETWORK');
    // @ts-expect-error the in-tree provider was removed from Kubernetes
    expect(codesOf(provisioned({ cluster: rke1({ version: '1.27.16', cloudProvider: 'openstack' }) }))).toContain(
      'UNSUPPORTED_CLOUD_PROVIDER',
    );
  });

  test('missing required props', () => {
    // @ts-expect-error no pools
    expect(() => defineSite('a', { cluster: rke1({ version: '1.27.16' }) })).toThrow();
    // @ts-expect-error no flavor
    expect(() => existing({ pools: [nodePool('a', {})] })).toThrow();
    // @ts-expect-error no placement
    expect(new DaskCluster(new Facility(existing()), 'dask', {}).problems.all.map(({ code }) => code)).toContain('UNKNOWN_POOL');
  });
});

/** Not executed: each expression must be a compile error, otherwise `tsc` reports an unused `@ts-expect-error`. */
const compileErrors = (chart: ServiceChart, deployment: Deployment) => [
  // @ts-expect-error an unknown exception: it has no annotation for the checkers
  { sloppy: 'no time' } satisfies Exceptions,
  // @ts-expect-error an exception without a reason
  { singleton: true } satisfies Exceptions,
  // @ts-expect-error an unknown image
  chart.image('nginx'),
  // @ts-expect-error the name of a pool instead of the pool
  { on: 'worker' } satisfies Partial<DaskClusterProps>,
  // @ts-expect-error an unknown prop
  { on: nodes, worker: { cpu: 2, memory: '8GiB', gpu: 1 } } satisfies DaskClusterProps,
  // @ts-expect-error a memory limit without a unit
  { on: nodes, memoryLimit: '8' } satisfies DaskClusterProps,
  // @ts-expect-error an invalid value for the spread of pods
  { on: nodes, apart: 'never' } satisfies MinIOProps,
  // @ts-expect-error a user without a name
  { on: nodes, users: [{ access: 'readonly' }] } satisfies MinIOProps,
  // @ts-expect-error unknown access rights
  { on: nodes, users: [{ name: 'a', access: 'admin' }] } satisfies MinIOProps,
  // @ts-expect-error a container without resources
  { image: 'x' } satisfies ContainerProps,
  // @ts-expect-error a probe without a check
  { image: 'x', resources: { cpu: 1, memory: '1GiB' }, probes: { liveness: { every: 3 } } } satisfies ContainerProps,
  // @ts-expect-error an unknown protocol
  { image: 'x', resources: { cpu: 1, memory: '1GiB' }, ports: { a: { port: 1, protocol: 'SCTPP' } } } satisfies ContainerProps,
  // @ts-expect-error an unknown priority
  { on: nodes, containers: {}, priority: 'urgent' } satisfies WorkloadProps,
  // @ts-expect-error an Ingress without a host name
  { to: deployment, port: 'http' } satisfies IngressProps,
  // @ts-expect-error a certificate without a source
  { host: 'a.b', to: deployment, port: 'http', tls: {} } satisfies IngressProps,
  // @ts-expect-error a count as a string
  { flavor, count: 'three' } satisfies NodePoolProps,
  // @ts-expect-error a cloud without an SSH key
  { region: 'a', cidr: '10.0.0.0/24', externalNetwork: 'b', admins: [] } satisfies OpenStackProps,
  // @ts-expect-error an unknown Terraform backend
  { kind: 'git', path: 'a' } satisfies OpenStackProps['state'],
  // @ts-expect-error an override of an unknown image
  { cluster: rke1({ version: '1.27.16' }), pools: [], images: { daskk: 'x' } } satisfies SiteProps,
  // @ts-expect-error a quota without memory
  { quotas: { dask: { cpu: 5 } } } satisfies FacilityProps,
  // @ts-expect-error an unknown field of a manifest
  { metadata: { name: 'a' }, spec: { ports: [{ port: 80, targetport: 'http' }] } } satisfies Manifest<'v1/Service'>,
  // @ts-expect-error an object without a name
  { metadata: {} } satisfies Manifest<'v1/ConfigMap'>,
  // @ts-expect-error a change of a finished site
  existing().pools.push(worker()),
  // @ts-expect-error a service without a scope
  new MinIO('minio', { on: nodes }),
];

test('compile errors are listed with their reasons', () => expect(compileErrors).toBeInstanceOf(Function));
