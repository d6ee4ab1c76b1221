import { account } from './account';

export const storageImages = ['docker.io/rancher/local-path-provisioner:v0.0.30', 'docker.io/library/busybox:1'] as const;

export interface StorageClassProps {
  readonly name: string;
  /** Whether volumes can be used from every node, like volumes of a cloud; otherwise they stay on the node of their first pod. @default true */
  readonly follows?: boolean;
  /** @default false */
  readonly default?: boolean;
  /** @default 'Delete' */
  readonly reclaim?: 'Delete' | 'Retain';
}

/** Dynamic volumes by the local-path provisioner, under any names. Their size is not enforced. */
export function storage(classes: readonly StorageClassProps[]): object[] {
  const namespace = 'local-path-storage';
  const name = 'local-path-provisioner';
  const [image, helper] = storageImages;
  const configs = classes.map(({ name: of, follows = true }) => [
    of,
    follows
      ? { sharedFileSystemPath: '/var/lib/volumes' }
      : { nodePathMap: [{ node: 'DEFAULT_PATH_FOR_NON_LISTED_NODES', paths: ['/opt/local-path-provisioner'] }] },
  ]);
  const helperPod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'helper-pod' },
    spec: {
      priorityClassName: 'system-node-critical',
      tolerations: [{ operator: 'Exists' }],
      containers: [{ name: 'helper-pod', image: helper }],
    },
  };
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    ...account(name, namespace, [
      { apiGroups: [''], resources: ['nodes', 'persistentvolumeclaims', 'configmaps'], verbs: ['get', 'list', 'watch'] },
      { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: ['create', 'patch'] },
      { apiGroups: [''], resources: ['persistentvolumes'], verbs: ['*'] },
      { apiGroups: [''], resources: ['pods', 'pods/log'], verbs: ['*'] },
      { apiGroups: ['storage.k8s.io'], resources: ['storageclasses'], verbs: ['get', 'list', 'watch'] },
    ]),
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'local-path-config', namespace },
      data: {
        'config.json': JSON.stringify({ storageClassConfigs: Object.fromEntries(configs) }),
        setup: '#!/bin/sh\nset -eu\nmkdir -m 0777 -p "$VOL_DIR"\n',
        teardown: '#!/bin/sh\nset -eu\nrm -rf "$VOL_DIR"\n',
        'helperPod.yaml': JSON.stringify(helperPod),
      },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace },
      spec: {
        selector: { matchLabels: { app: name } },
        template: {
          metadata: { labels: { app: name } },
          spec: {
            serviceAccountName: name,
            containers: [
              {
                name,
                image,
                command: [
                  `/${name}`,
                  'start',
                  '--config',
                  '/etc/config/config.json',
                  '--helper-image',
                  helper,
                  '--service-account-name',
                  name,
                ],
                env: [
                  { name: 'POD_NAMESPACE', value: namespace },
                  { name: 'CONFIG_MOUNT_PATH', value: '/etc/config/' },
                ],
                volumeMounts: [{ name: 'config', mountPath: '/etc/config' }],
              },
            ],
            volumes: [{ name: 'config', configMap: { name: 'local-path-config' } }],
          },
        },
      },
    },
    ...classes.map((it) => ({
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: it.name, annotations: { 'storageclass.kubernetes.io/is-default-class': String(it.default ?? false) } },
      provisioner: 'rancher.io/local-path',
      volumeBindingMode: 'WaitForFirstConsumer',
      reclaimPolicy: it.reclaim ?? 'Delete',
    })),
  ];
}
