import type { Built, ClaimSpec } from '../kubernetes';
import { CINDER_DRIVER, type PodVolume, type ScheduledSpec } from '../scheduling';

/**
 * Volumes of a pod that restrict it to nodes, as far as their claims and storage classes are known: claims of the output, of StatefulSets,
 * generic ephemeral volumes, and claims that a daemon creates for each pod (`perPod`, by the claim name in the pod).
 */
export function claimVolumes(
  built: Built,
  namespace: string,
  spec: ScheduledSpec,
  templates: readonly { readonly spec?: ClaimSpec }[] = [],
  perPod: Readonly<Record<string, ClaimSpec>> = {},
): readonly PodVolume[] {
  const mounted = (spec.volumes ?? []).flatMap((volume): PodVolume[] => {
    const { ephemeral, persistentVolumeClaim } = volume;
    if (ephemeral) return [volumeOf(built, ephemeral.volumeClaimTemplate?.spec as ClaimSpec | undefined)];
    if (!persistentVolumeClaim) return [];
    const { claimName } = persistentVolumeClaim;
    const own = perPod[claimName];
    if (own) return [volumeOf(built, own)];
    const claim = built.objects.find(
      ({ object }) =>
        object.kind === 'PersistentVolumeClaim' &&
        object.metadata.name === claimName &&
        (object.metadata.namespace ?? 'default') === namespace,
    );
    return [{ ...volumeOf(built, claim?.object.spec), claim: claimName }];
  });
  return [...mounted, ...templates.map((template) => volumeOf(built, template.spec))];
}

function volumeOf({ site, objects }: Built, claim: ClaimSpec | undefined): PodVolume {
  const exclusive = claim?.accessModes?.includes('ReadWriteOncePod') ?? false;
  const name = claim?.storageClassName ?? site.storage?.default?.name;
  const ours = claim && site.storageClasses.find((one) => one.name === name);
  const written = claim && objects.find(({ object }) => object.kind === 'StorageClass' && object.metadata.name === name)?.object;
  const driver: string | undefined = written?.provisioner ?? (ours?.kind === 'cinder' ? CINDER_DRIVER : undefined);
  const volume =
    claim?.volumeName && objects.find(({ object }) => object.kind === 'PersistentVolume' && object.metadata.name === claim.volumeName);
  const nodes = volume ? volume.object.spec?.nodeAffinity?.required?.nodeSelectorTerms : undefined;
  return { driver, ...(nodes ? { nodes } : {}), zone: written?.parameters?.availability ?? ours?.availabilityZone, exclusive };
}
