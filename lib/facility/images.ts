import { compare } from '../errors';
import type { PodSpec } from '../kubernetes';
import { type Architecture, architectureOf, type ImageName, imageOf, registeredImages, type Site } from '../site';
import type { FacilityOutput } from './facility';
import { nodesFor, podTemplates } from './pods';

/** One image that the pods of a facility run. */
export interface UsedImage {
  /** As the manifests name it. */
  readonly image: string;
  /** Its names in the table of images, by which `images` of the site replaces it; empty where a prop names the image itself. */
  readonly names: readonly string[];
  /** Architectures of the nodes that its pods may run on; empty if only an operator of the cluster knows them. */
  readonly architectures: readonly Architecture[];
  /** Workloads and services that use it. */
  readonly usedBy: readonly string[];
}

/** Every image of a facility, in alphabetical order: of its workloads, of pods that are made at run time, and of what its operators install. */
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
      for (const one of architectures) known.architectures.add(one);
      known.usedBy.add(user);
    }
  }
  for (const [name, services] of built.ledger.images) {
    const known = entry(imageOf(site, name as ImageName));
    if (known.usedBy.size === 0) for (const service of services) known.usedBy.add(service);
  }
  for (const name of tableNames(site)) found.get(imageOf(site, name))?.names.add(name);
  return [...found]
    .sort(([a], [b]) => compare(a, b))
    .map(([image, { names, architectures, usedBy }]) => ({
      image,
      names: [...names].sort(compare),
      architectures: [...architectures].sort(compare),
      usedBy: [...usedBy].sort(compare),
    }));
}

function tableNames(site: Site): readonly ImageName[] {
  return [...new Set([...Object.keys(registeredImages()), ...Object.keys(site.images ?? {})])] as ImageName[];
}
