import { Construct } from 'constructs';
import { place, type ServiceChart, withoutUndefined } from '../../kubernetes';
import type { StorageClass } from '../../site';

/** Name of the driver in CSIDriver, StorageClasses, volumes and directories of the kubelet. */
export const CINDER_DRIVER = 'cinder.csi.openstack.org';

/** CSIDriver and StorageClasses. */
export class StorageClasses extends Construct {
  constructor(chart: ServiceChart, classes: readonly StorageClass[]) {
    super(chart, 'storage');
    const labels = chart.labelsOf('storage');
    place(this, 'driver', 'storage.k8s.io/v1/CSIDriver', {
      metadata: { name: CINDER_DRIVER, labels },
      spec: {
        attachRequired: true,
        // Only needed for inline volumes, which are not supported because they are not counted by quotas on claims.
        podInfoOnMount: false,
        volumeLifecycleModes: ['Persistent'],
      },
    });
    for (const storageClass of classes) this.placeClass(chart, storageClass, labels);
  }

  private placeClass(
    chart: ServiceChart,
    { name, reclaim, volumeType, availabilityZone }: StorageClass,
    labels: Record<string, string>,
  ): void {
    const isDefault = chart.site.storage?.default?.name === name;
    place(this, name, 'storage.k8s.io/v1/StorageClass', {
      metadata: { name, labels, ...(isDefault ? { annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } } : {}) },
      provisioner: CINDER_DRIVER,
      // Omitted if empty: the API server drops an empty object, and a second apply would be rejected as a change of an immutable field.
      ...(volumeType === undefined && availabilityZone === undefined
        ? {}
        : { parameters: withoutUndefined({ type: volumeType, availability: availabilityZone }) as Record<string, string> }),
      reclaimPolicy: reclaim,
      allowVolumeExpansion: true,
      // The zone of a volume is that of the node of its pod, so the pod must be scheduled first.
      volumeBindingMode: 'WaitForFirstConsumer',
    });
  }
}
