import type { Construct } from 'constructs';
import { countInvalid } from '../../errors';
import { ServiceChart, secretFolders } from '../../kubernetes';
import { attachableVolumes, cloudConf, type NodePool } from '../../site';
import { Controller } from './controller';
import { cinderCsi } from './description';
import { cinderClassMissing } from './messages';
import { NodePlugin } from './node-plugin';
import { openstackApis } from './openstack-apis';
import { HEALTH_PORT } from './ports';
import type { CinderCsiProps } from './props';
import { StorageClasses } from './storage-classes';

/** CSI driver of OpenStack Cinder: a controller that provisions and attaches volumes, and a node plugin that mounts them. */
export class CinderCsi extends ServiceChart {
  constructor(scope: Construct, id: string, props: CinderCsiProps = {}) {
    super(scope, id, props, cinderCsi);
    const classes = this.site.storageClasses.filter(({ kind }) => kind === 'cinder');
    const replicas = props.replicas ?? 2;
    const conf = cloudConf(this.site, props);
    const mounts = secretFolders(this, conf.folders);
    const apis = this.problems.attempt(`${this.path()}/openstackCidrs`, () =>
      openstackApis(this.site, props.openstackCidrs, props.openstackPorts),
    );
    if (!Number.isInteger(replicas) || replicas < 1) this.problems.add(`${this.path()}/replicas`, countInvalid(replicas));

    new StorageClasses(this, classes);
    const controller = new Controller(this, {
      on: props.on ?? workers(this.site.pools),
      replicas,
      zones: props.zones ?? true,
      conf,
      mounts,
    });
    new NodePlugin(this, {
      kubeletDir: props.kubeletDir ?? '/var/lib/kubelet',
      healthPort: props.healthPort ?? HEALTH_PORT,
      memory: props.nodeMemory ?? '256MiB',
      volumes: attachableVolumes(this.site),
      conf,
      mounts,
    });

    controller.mayReach(...(apis ?? []));

    for (const { name, reclaim } of classes) {
      this.note(
        `volumes of StorageClass ${name} are ${reclaim === 'Retain' ? 'retained' : 'deleted'} when their PersistentVolumeClaim is deleted`,
      );
    }
    this.note(`up to ${attachableVolumes(this.site)} volumes per node`);
    if (classes.length === 0) this.warn(cinderClassMissing());
  }
}

function workers(pools: readonly NodePool[]): readonly NodePool[] {
  return pools.filter(({ roles = ['worker'] }) => roles.includes('worker'));
}
