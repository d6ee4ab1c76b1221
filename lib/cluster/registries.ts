import type { PrivateRegistry, Rke2Cluster } from '../site';
import type { NodeFile } from './node-part';
import type { RancherCluster } from './rancher';
import { comment, lines, yaml } from './text';

/** Registries that a private registry takes the place of, each with the project below which it has their images. */
export function mirroredBy({ mirrors, isDefault = true }: PrivateRegistry): Readonly<Record<string, string>> {
  return mirrors ?? (isDefault ? { 'docker.io': '' } : {});
}

/** Private registries that the nodes log in to. */
export function registriesWithLogin({ props }: RancherCluster): readonly PrivateRegistry[] {
  return (props.privateRegistries ?? []).filter(({ login }) => login);
}

/** Where the operator puts the logins of an RKE2 node; RKE2 starts when it is there. */
export const LOGIN_FILE = '/etc/rancher/rke2/registries-login.yaml';
const REGISTRIES_FILE = '/etc/rancher/rke2/registries.yaml';
const MIRRORS_FILE = '/etc/rancher/rke2/registries-mirrors.yaml';
const JOIN = '/usr/local/sbin/analysis-facility-registries';

/**
 * Mirrors of an RKE2 node, as `registries.yaml` has them; undefined where the site has no registry of its own.
 *
 * @see https://docs.rke2.io/install/private_registry
 */
export function rke2Registries(cluster: Rke2Cluster): string | undefined {
  const registries = cluster.props.privateRegistries ?? [];
  if (registries.length === 0) return undefined;
  const mirrors = registries.flatMap((registry): [string, object][] => {
    const endpoint = [`https://${registry.url}`];
    const others = Object.entries(mirroredBy(registry)).map(([name, project]): [string, object] => [
      name,
      project === '' ? { endpoint } : { endpoint, rewrite: { '^(.*)$': `${project}/$1` } },
    ]);
    return [...others, [registry.url, { endpoint }]];
  });
  return `${comment(head(cluster))}${yaml({ mirrors: Object.fromEntries(mirrors) })}`;
}

function head(cluster: Rke2Cluster): readonly string[] {
  const [first] = registriesWithLogin(cluster);
  if (!first) return ['Registries of the nodes, none of which needs a login.'];
  return [
    `Registries of the nodes. User names and passwords are in ${LOGIN_FILE} (0600)`,
    'on each node and nowhere in Git; RKE2 joins both files when it starts:',
    '',
    '  configs:',
    `    ${first.url}:`,
    '      auth: { username: NAME, password: PASSWORD }',
  ];
}

/** Files of an RKE2 node from which it reads its registries. */
export function rke2RegistryFiles(cluster: Rke2Cluster, type: 'server' | 'agent'): readonly NodeFile[] {
  const registries = rke2Registries(cluster);
  if (registries === undefined) return [];
  if (registriesWithLogin(cluster).length === 0) return [{ path: REGISTRIES_FILE, content: registries, permissions: '0600' }];
  return [
    { path: MIRRORS_FILE, content: registries, permissions: '0600' },
    { path: JOIN, content: JOIN_SCRIPT, permissions: '0755' },
    { path: `/etc/systemd/system/rke2-${type}.service.d/registries.conf`, content: lines('[Service]', `ExecStartPre=${JOIN}`) },
  ];
}

/** Both files are maps without a common key: one after the other they are one document. */
const JOIN_SCRIPT = lines(
  '#!/bin/bash',
  '# Writes the registries of RKE2: mirrors from the description of the site, and logins that only this machine has.',
  'set -euo pipefail',
  'umask 077',
  `cat ${MIRRORS_FILE} ${LOGIN_FILE} >${REGISTRIES_FILE}.new`,
  `mv ${REGISTRIES_FILE}.new ${REGISTRIES_FILE}`,
);

/** Registries that Docker asks before Docker Hub. It can log in to none of them, and changes no path. */
export function dockerMirrors({ props }: RancherCluster): readonly string[] {
  const registries = (props.privateRegistries ?? []).filter(({ login }) => !login);
  return registries.filter((registry) => mirroredBy(registry)['docker.io'] === '').map(({ url }) => `https://${url}`);
}
