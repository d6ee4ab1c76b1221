import { Construct } from 'constructs';
import { place, type ServiceChart, withoutUndefined } from '../../kubernetes';
import type { StorageClass } from '../../site';

/** Name under which the driver is known in CSIDriver, StorageClasses, volumes and the kubelet's folders. */
export const CINDER_DRIVER = 'cinder.csi.openstack.org';

/** The driver, and the classes by which volumes are asked of it. */
export class StorageClasses extends Construct {
  constructor(chart: ServiceChart, classes: readonly StorageClass[]) {
    super(chart, 'storage');
    const labels = chart.labelsOf('storage');
    place(this, 'driver', 'storage.k8s.io/v1/CSIDriver', {
      metadata: { name: CINDER_DRIVER, labels },
      spec: {
        attachRequired: true,
        // Only inline volumes read it, and those are left out: they would pass by every quota on claims.
        podInfoOnMount: false,
        volumeLifecycleModes: ['Persistent'],
      },
    });
    for (const one of classes) this.placeClass(chart, one, labels);
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
      // Left out when there are none: the server drops an empty object, and refuses the second apply of it as a change.
      ...(volumeType === undefined && availabilityZone === undefined
        ? {}
        : { parameters: withoutUndefined({ type: volumeType, availability: availabilityZone }) as Record<string, string> }),
      reclaimPolicy: reclaim,
      allowVolumeExpansion: true,
      // The zone of a volume is that of its pod's node, so the pod must have found its node first.
      volumeBindingMode: 'WaitForFirstConsumer',
    });
  }
}
