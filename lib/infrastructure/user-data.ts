import { cloudInit } from '../cluster';
import { type SiteNode, sshUser } from '../site';
import type { CloudSite } from './cloud-site';
import { verbatim } from './verbatim';

/**
 * Maximum length of user data in base64. Nova rejects more when the server is created; a plan does not report it.
 *
 * @see https://docs.openstack.org/api-ref/compute/#create-server (user_data, maximum 65535 bytes)
 */
export const MAX_USER_DATA = 65_535;

const rendered = new WeakMap<SiteNode, string>();

/** User data of a node, with Terraform templates escaped. Cached, because validation and servers both use it. */
export function userData(site: CloudSite, node: SiteNode): string {
  const text = rendered.get(node) ?? verbatim(cloudInit(site, node));
  rendered.set(node, text);
  return text;
}

/** Length of a text in base64. */
export function base64Length(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / 3) * 4;
}

/** User data of the bastion: only the account of the administrators, with the same name as on the nodes. */
export function bastionUserData(site: CloudSite): string {
  const user = {
    name: sshUser(site),
    shell: '/bin/bash',
    sudo: 'ALL=(ALL) NOPASSWD:ALL',
    lock_passwd: true,
    ssh_authorized_keys: [site.cloud.sshKey],
  };
  // JSON is valid YAML, and escapes all characters of keys and names.
  return verbatim(`#cloud-config\n${JSON.stringify({ users: [user], ssh_pwauth: false, disable_root: true }, null, 2)}\n`);
}
