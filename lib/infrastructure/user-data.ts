import { cloudInit } from '../cluster';
import { type SiteNode, sshUser } from '../site';
import type { CloudSite } from './cloud-site';
import { verbatim } from './verbatim';

/**
 * Characters of user data in base64 that Nova takes. It refuses more when the machine is created; a plan does not tell.
 *
 * @see https://docs.openstack.org/api-ref/compute/#create-server (user_data, maximum 65535 bytes)
 */
export const MOST_USER_DATA = 65_535;

const rendered = new WeakMap<SiteNode, string>();

/** What cloud-init reads at the first boot of a node, as Terraform is told it. Rendered once: laws and servers both want it. */
export function userData(site: CloudSite, node: SiteNode): string {
  const text = rendered.get(node) ?? verbatim(cloudInit(site, node));
  rendered.set(node, text);
  return text;
}

/** How long a text is for Nova. */
export function base64Length(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / 3) * 4;
}

/** The bastion has nothing but the administrators' account, named as on the nodes. */
export function bastionUserData(site: CloudSite): string {
  const user = {
    name: sshUser(site),
    shell: '/bin/bash',
    sudo: 'ALL=(ALL) NOPASSWD:ALL',
    lock_passwd: true,
    ssh_authorized_keys: [site.cloud.sshKey],
  };
  // JSON is YAML: nothing in a key or name can break out of its quotes.
  return verbatim(`#cloud-config\n${JSON.stringify({ users: [user], ssh_pwauth: false, disable_root: true }, null, 2)}\n`);
}
