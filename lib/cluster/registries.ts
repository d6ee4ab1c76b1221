import type { PrivateRegistry, Rke2Cluster } from '../site';
import type { NodeFile } from './node-part';
import type { RancherCluster } from './rancher';
import { comment, lines, yaml } from './text';

/** Public registries that a private registry mirrors, each with the project that contains its images. */
export function mirrorsOf({ mirrors, isDefault = true }: PrivateRegistry): Readonly<Record<string, string>> {
  return mirrors ?? (isDefault ? { 'docker.io': '' } : {});
}

/** Private registries that require a login. */
export function registriesWithLogin({ props }: RancherCluster): readonly PrivateRegistry[] {
  return (props.privateRegistries ?? []).filter(({ login }) => login);
}

/** File with the registry logins of an RKE2 node, which the operator creates. RKE2 starts once it exists. */
export const LOGIN_FILE = '/etc/rancher/rke2/registries-login.yaml';
const REGISTRIES_FILE = '/etc/rancher/rke2/registries.yaml';
const MIRRORS_FILE = '/etc/rancher/rke2/registries-mirrors.yaml';
const MERGE_SCRIPT_PATH = '/usr/local/sbin/analysis-facility-registries';

/**
 * Mirrors of an RKE2 node, in the format of `registries.yaml`; undefined if the site has no private registry.
 *
 * @see https://docs.rke2.io/install/private_registry
 */
export function rke2Registries(cluster: Rke2Cluster): string | undefined {
  const registries = cluster.props.privateRegistries ?? [];
  if (registries.length === 0) return undefined;
  const mirrors = registries.flatMap((registry): [string, object][] => {
    const endpoint = [`https://${registry.url}`];
    const others = Object.entries(mirrorsOf(registry)).map(([name, project]): [string, object] => [
      name,
      project === '' ? { endpoint } : { endpoint, rewrite: { '^(.*)$': `${project}/$1` } },
    ]);
    return [...others, [registry.url, { endpoint }]];
  });
  return `${comment(head(cluster))}${yaml({ mirrors: Object.fromEntries(mirrors) })}`;
}

function head(cluster: Rke2Cluster): readonly string[] {
  const [first] = registriesWithLogin(cluster);
  if (!first) return ['Private registries of the nodes; none requires a login.'];
  return [
    `Private registries of the nodes. User names and passwords are in ${LOGIN_FILE} (0600)`,
    'on each node, not in Git. Both files are merged when RKE2 starts:',
    '',
    '  configs:',
    `    ${first.url}:`,
    '      auth: { username: NAME, password: PASSWORD }',
  ];
}

/** Files with the registries of an RKE2 node. */
export function rke2RegistryFiles(cluster: Rke2Cluster, type: 'server' | 'agent'): readonly NodeFile[] {
  const registries = rke2Registries(cluster);
  if (registries === undefined) return [];
  if (registriesWithLogin(cluster).length === 0) return [{ path: REGISTRIES_FILE, content: registries, permissions: '0600' }];
  return [
    { path: MIRRORS_FILE, content: registries, permissions: '0600' },
    { path: MERGE_SCRIPT_PATH, content: MERGE_SCRIPT, permissions: '0755' },
    {
      path: `/etc/systemd/system/rke2-${type}.service.d/registries.conf`,
      content: lines('[Service]', `ExecStartPre=${MERGE_SCRIPT_PATH}`),
    },
  ];
}

/** Both files are YAML maps without common keys, so concatenating them gives a valid document. */
const MERGE_SCRIPT = lines(
  '#!/bin/bash',
  '# Writes registries.yaml of RKE2: mirrors from the description of the site, and logins, which exist only on this machine.',
  'set -euo pipefail',
  'umask 077',
  `cat ${MIRRORS_FILE} ${LOGIN_FILE} >${REGISTRIES_FILE}.new`,
  `mv ${REGISTRIES_FILE}.new ${REGISTRIES_FILE}`,
);

/** Mirrors of Docker Hub for Docker, which supports neither logins nor other paths for mirrors. */
export function dockerMirrors({ props }: RancherCluster): readonly string[] {
  const registries = (props.privateRegistries ?? []).filter(({ login }) => !login);
  return registries.filter((registry) => mirrorsOf(registry)['docker.io'] === '').map(({ url }) => `https://${url}`);
}
