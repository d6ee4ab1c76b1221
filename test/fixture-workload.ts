import { App, Testing } from 'cdk8s';
import type { Problem } from '../lib/errors';
import { type ContainerProps, Deployment, ledgerOf, ServiceChart, type ServiceProps, type WorkloadProps } from '../lib/kubernetes';
import type { Site } from '../lib/site';
import { existing, type Manifest, nodes } from './fixture-site';

/** A service that the test fills. */
export class Bench extends ServiceChart {
  constructor(build: (chart: Bench) => void, props: ServiceProps = { site: existing() }, id = 'bench', scope = new App()) {
    super(scope, id, props, 'bench-system');
    build(this);
  }
}

export const one: ContainerProps = { image: 'registry.example/one:1', resources: { cpu: 1, memory: '1GiB' } };
export const WHY = 'a test';
export const basic: WorkloadProps = { on: nodes, containers: { main: { ...one, ports: { http: 8080 } } } };

export const rendered = (chart: ServiceChart) => Testing.synth(chart) as Manifest[];
export const problems = (chart: ServiceChart): readonly Problem[] => ledgerOf(chart).problems.all;

/** The one object of a kind. */
export function object(chart: ServiceChart, kind: string, name?: string): Manifest {
  const [found, ...more] = rendered(chart).filter((each) => each.kind === kind && (name === undefined || each.metadata.name === name));
  if (!found || more.length > 0)
    throw new Error(`not exactly one ${kind} ${name ?? ''} in ${rendered(chart).map((each) => `${each.kind}/${each.metadata.name}`)}`);
  return found;
}
export const podOf = (props: WorkloadProps, site: Site = existing()) =>
  object(new Bench((chart) => new Deployment(chart, 'part', props), { site }), 'Deployment').spec.template.spec;
