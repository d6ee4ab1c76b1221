import { compare } from '../errors';
import type { PodSpec } from '../kubernetes';
import { type Architecture, architectureOf, type ImageName, imageOf, registeredImages, type Site } from '../site';
import type { FacilityOutput } from './facility';
import { nodesFor, podTemplates } from './pods';

/** An image that the pods of a facility use. */
export interface UsedImage {
  /** Image reference, as in the manifests. */
  readonly image: string;
  /** Its image names, by which `images` of the site overrides it; empty if a prop contains the image reference. */
  readonly names: readonly string[];
  /** Architectures of the nodes that its pods may run on; empty if unknown. */
  readonly architectures: readonly Architecture[];
  /** Workloads and services that use it. */
  readonly usedBy: readonly string[];
}

/** All images of a facility, in alphabetical order: of workloads, of runtime pods, and of software that Kubernetes operators install. */
export function imagesOf({ site, built }: Pick<FacilityOutput, 'site' | 'built'>): readonly UsedImage[] {
  const found = new Map<string, { readonly names: Set<string>; readonly architectures: Set<Architecture>; readonly usedBy: Set<string> }>();
  const entry = (image: string) => {
    const known = found.get(image) ?? { names: new Set<string>(), architectures: new Set<Architecture>(), usedBy: new Set<string>() };
    found.set(image, known);
    return known;
  };
  const pods = [
    ...podTemplates(built).map(({ spec, placed }) => ({ spec, user: `${placed.chart}/${placed.object.metadata.name}` })),
    ...built.ledger.runtimePods.map(({ spec, namespace, what }) => ({ spec: spec as PodSpec, user: `${namespace}/${what}` })),
  ];
  for (const { spec, user } of pods) {
    const architectures = nodesFor(site, spec).map(({ pool }) => architectureOf(pool));
    for (const { image } of [...(spec.initContainers ?? []), ...spec.containers]) {
      if (image === undefined) continue;
      const known = entry(image);
      for (const architecture of architectures) known.architectures.add(architecture);
      known.usedBy.add(user);
    }
  }
  for (const [name, services] of built.ledger.images) {
    const known = entry(imageOf(site, name as ImageName));
    if (known.usedBy.size === 0) for (const service of services) known.usedBy.add(service);
  }
  for (const name of imageNames(site)) found.get(imageOf(site, name))?.names.add(name);
  return [...found]
    .sort(([a], [b]) => compare(a, b))
    .map(([image, { names, architectures, usedBy }]) => ({
      image,
      names: [...names].sort(compare),
      architectures: [...architectures].sort(compare),
      usedBy: [...usedBy].sort(compare),
    }));
}

function imageNames(site: Site): readonly ImageName[] {
  return [...new Set([...Object.keys(registeredImages()), ...Object.keys(site.images ?? {})])] as ImageName[];
}
