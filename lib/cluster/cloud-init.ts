import { type Site, type SiteNode, sshUser } from '../site';
import { docker } from './docker';
import { egressParts } from './egress';
import { enterpriseLinux } from './enterprise-linux';
import { kubernetesTools } from './kubernetes-tools';
import type { NodeFile, NodePart } from './node-part';
import { rke2Node } from './rke2-node';
import { comment, lines, yaml } from './text';

/** What of cloud-config is written here. @see https://cloudinit.readthedocs.io/en/22.4/topics/modules.html */
interface CloudConfig {
  readonly hostname: string;
  readonly fqdn: string;
  readonly preserve_hostname: false;
  readonly groups?: readonly string[];
  readonly users: readonly User[];
  readonly ssh_pwauth: false;
  readonly disable_root: true;
  readonly write_files: readonly (Required<NodeFile> & { readonly owner: 'root:root' })[];
  readonly runcmd: readonly (readonly string[])[];
}

interface User {
  readonly name: string;
  readonly gecos: string;
  readonly groups: readonly string[];
  readonly sudo: string;
  readonly shell: '/bin/bash';
  readonly lock_passwd: true;
  readonly ssh_authorized_keys?: readonly string[];
}

const SCRIPT = '/usr/local/sbin/analysis-facility-node';

/**
 * User data of one node, for AlmaLinux 9, Rocky Linux 9 and RHEL 9: a machine that RKE may be pointed at, or that joins
 * an RKE2 cluster as soon as its token is put there. It contains no secret.
 *
 * Changing it replaces machines unless Terraform is told to ignore that, so it holds only what the first boot needs.
 */
export function cloudInit(site: Site, node: SiteNode): string {
  const parts = [...egressParts(site), enterpriseLinux(site), ...distribution(site, node), ...tools(site, node)];
  const files = parts.flatMap((part) => part.files ?? []);
  const config: CloudConfig = {
    hostname: node.name,
    // Without it Enterprise Linux takes the name and domain of the metadata service.
    fqdn: node.name,
    preserve_hostname: false,
    // Before the user: Docker's package, which would make the group, comes later.
    groups: site.cluster.kind === 'rke1' ? ['docker'] : undefined,
    users: [user(site)],
    ssh_pwauth: false,
    disable_root: true,
    write_files: [...files, { path: SCRIPT, content: script(parts), permissions: '0755' }].map(
      ({ path, content, permissions = '0644' }) => ({ path, owner: 'root:root', permissions, content }),
    ),
    runcmd: [[SCRIPT]],
  };
  return `#cloud-config\n${comment(head(site, node))}${yaml(config)}`;
}

function distribution({ cluster, ...site }: Site, node: SiteNode): readonly NodePart[] {
  switch (cluster.kind) {
    case 'rke1':
      return [docker({ cluster, ...site }, cluster)];
    case 'rke2':
      return [rke2Node({ cluster, ...site }, cluster, node)];
    case 'existing':
      return [];
  }
}

function tools(site: Site, node: SiteNode): readonly NodePart[] {
  return site.cluster.kind !== 'existing' && node.roles.includes('controlplane') ? [kubernetesTools(site, node)] : [];
}

function user(site: Site): User {
  return {
    name: sshUser(site),
    gecos: 'Administrators of the facility',
    groups: ['wheel', ...(site.cluster.kind === 'rke1' ? ['docker'] : [])],
    sudo: 'ALL=(ALL) NOPASSWD:ALL',
    shell: '/bin/bash',
    lock_passwd: true,
    ssh_authorized_keys: site.cloud && [site.cloud.sshKey],
  };
}

function script(parts: readonly NodePart[]): string {
  return lines(
    '#!/bin/bash',
    '# Prepares this machine for Kubernetes. Every step may run again: after a failure, run it once more.',
    'set -euo pipefail',
    '',
    '# The way out of the network may be ready later than the machine.',
    'retry() {',
    '  local pause',
    '  for pause in 5 10 20 40 80 160; do',
    '    "$@" && return',
    '    sleep "$pause"',
    '  done',
    '  "$@"',
    '}',
    ...parts.flatMap((part) => ['', ...(part.steps ?? [])]),
  );
}

function head(site: Site, node: SiteNode): readonly string[] {
  const volumes = node.pool.dataVolumes ?? [];
  return [
    `First boot of ${node.name}. Written from the description of ${site.name}: change that, not this text.`,
    ...(volumes.length > 0
      ? [
          `Data volumes (${volumes.map((volume) => volume.name).join(', ')}) are attached after the first boot and stay as they are:`,
          'a volume that outlived its machine has data on it, so nothing here formats or mounts one. With virtio disks they are',
          '/dev/disk/by-id/virtio-<first 20 characters of the id of the volume>.',
        ]
      : []),
  ];
}
