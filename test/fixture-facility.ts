import { ApiObject, Chart } from 'cdk8s';
import { Facility, type FacilityProps } from '../lib/facility';
import { ServiceChart, type ServiceProps } from '../lib/kubernetes';
import type { Site } from '../lib/site';
import { existing, type Manifest } from './fixture-site';

export const one = { image: 'registry.example/one:1', resources: { cpu: 1, memory: '1GiB' } } as const;

/** A service that the test fills. */
export class Bench extends ServiceChart {
  constructor(facility: Facility, id: string, build: (chart: Bench) => void, props: ServiceProps = {}) {
    super(facility, id, props, 'bench');
    build(this);
  }
}

/** Objects that somebody wrote by hand, in a chart of their own. */
export function raw(facility: Facility, id: string, ...objects: readonly { readonly [field: string]: any }[]): void {
  const chart = new Chart(facility, id, { namespace: id, disableResourceNameHashes: true });
  for (const [index, { apiVersion = 'v1', kind, ...fields }] of objects.entries())
    new ApiObject(chart, `object-${index}`, { apiVersion, kind, ...fields });
}

export const facilityOf = (build: (facility: Facility) => void, site: Site = existing(), props: FacilityProps = {}) => {
  const facility = new Facility(site, props);
  build(facility);
  return facility;
};
export const problemsIn = (build: (facility: Facility) => void, site?: Site, props?: FacilityProps) =>
  facilityOf(build, site, props).problems();
export const manifests = (facility: Facility) => facility.output().objects.map(({ object }) => object as Manifest);
export const deployment = (name: string, spec: { readonly [field: string]: any } = {}, replicas = 1) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'main', image: 'x.example/y:1' }], ...spec } },
  },
});
export const asking = (cpu: string, memory: string) => ({
  containers: [{ name: 'main', image: 'x.example/y:1', resources: { requests: { cpu, memory } } }],
});
export const service = (name: string, selector: Record<string, string>) => ({
  kind: 'Service',
  metadata: { name },
  spec: { selector, ports: [{ port: 80 }] },
});
export const onHosts = (name: string, host: string) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name },
  spec: { rules: [{ host }] },
});
export const hostPort = (port: number, protocol = 'TCP') => ({
  containers: [{ name: 'main', image: 'x.example/y:1', ports: [{ containerPort: port, hostPort: port, protocol }] }],
});
