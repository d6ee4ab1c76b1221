import { claimSpec, ledgerOf, place, protectedMetadata, type ServiceChart, type VolumeSource } from '../../kubernetes';
import type { SharedVolume } from '../../site';
import { condorSubPath } from './messages';

/** Volumes of pods that run or submit jobs, by the folder where jobs see them. A claim of ours is placed once, whoever mounts it. */
export function jobVolumes(chart: ServiceChart, path: string, volumes: readonly SharedVolume[]): Readonly<Record<string, VolumeSource>> {
  return Object.fromEntries(volumes.map((one) => [one.at, sourceOf(chart, path, one)]));
}

function sourceOf(chart: ServiceChart, path: string, volume: SharedVolume): VolumeSource {
  const { name, from, subPath, writable = false } = volume;
  if (subPath?.includes('{')) chart.problems.add(`${chart.path()}/${path}/volumes/${name}`, condorSubPath(name));
  const readOnly = writable ? {} : { readOnly: true };
  return {
    name: `volume-${name}`,
    volume: { name: `volume-${name}`, persistentVolumeClaim: { claimName: claimName(chart, volume, from), ...readOnly } },
    ...readOnly,
    ...(subPath === undefined ? {} : { subPath }),
  };
}

/** Name of the claim of a volume; a claim of ours may be mounted on several nodes at a time. */
function claimName(chart: ServiceChart, { name }: SharedVolume, from: SharedVolume['from']): string {
  if ('claim' in from) {
    ledgerOf(chart).existingObjects.add(`PersistentVolumeClaim ${chart.namespace}/${from.claim}`);
    return from.claim;
  }
  const id = `volume-${name}`;
  const claim = chart.objectName(id);
  if (!chart.node.tryFindChild(id))
    place(chart, id, 'v1/PersistentVolumeClaim', {
      metadata: protectedMetadata({ name: claim, labels: chart.labelsOf('jobs') }),
      spec: claimSpec(chart, chart, id, from, ['ReadWriteMany']),
    });
  return claim;
}
