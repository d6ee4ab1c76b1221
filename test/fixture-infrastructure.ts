import { infrastructureProblems, terraformJson } from '../lib/infrastructure';
import {
  defineSite,
  type Exposure,
  type NodePoolProps,
  nodePool,
  type OpenStack,
  type OpenStackProps,
  rke1,
  rke2,
  type Site,
  type SiteProps,
} from '../lib/site';
import * as fixture from './fixture-site';

export type Json = Record<string, any>;

/** A comment that Terraform would take for a template. */
export const sshKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVuLZTWXO7LJzCX0w0GcHXkfkyXPyPzMEjBR2Wr8HcC ops ${who}';
export const small = { name: 'm1.8c16g', vcpus: 8, memory: '16GiB' } as const;
const large = { name: 'm1.32c64g', vcpus: 32, memory: '64GiB' } as const;
export const image = 'AlmaLinux-9.2';

const cloud = (props: Partial<OpenStackProps> = {}) =>
  fixture.cloud({ admins: ['198.51.100.0/24'], publicAddress: '192.0.2.10', sshKey, ...props });
export const master = (props: Partial<NodePoolProps> = {}) =>
  nodePool('master', { flavor: small, image, roles: ['controlplane', 'etcd', 'worker'], ...props });
export const worker = (props: Partial<NodePoolProps> = {}) => nodePool('worker', { flavor: large, image, keys: ['1', '2', '3'], ...props });

/** One master and three workers behind the address of the master, by RKE. */
export const napoli = (clouds: Partial<OpenStackProps> = {}, props: Partial<SiteProps> = {}) =>
  defineSite('napoli', {
    cluster: rke1({ version: '1.27.16' }),
    pools: [master(), worker()],
    cloud: cloud(clouds),
    ...props,
  });

/** Three masters and three workers behind a load balancer and a bastion, by RKE2. */
export const bari = (clouds: Partial<OpenStackProps> = {}, props: Partial<SiteProps> = {}) =>
  defineSite('bari', {
    cluster: rke2({ version: '1.31.4' }),
    pools: [master({ count: 3, roles: ['controlplane', 'etcd'] }), worker()],
    cloud: cloud({
      cidr: '10.65.0.0/24',
      entry: 'load-balancer',
      bastion: { flavor: 'm1.2c2g', image: 'Debian-12' },
      publicAddress: '192.0.2.11',
      ...clouds,
    }),
    ...props,
  });

export const condor: Exposure = {
  protocol: 'tcp',
  first: 30618,
  last: 30618,
  from: ['0.0.0.0/0'],
  purpose: 'HTCondor collector',
};

export const cloudOf = (site: Site): OpenStack => site.cloud as OpenStack;
export const stackOf = (site: Site, exposures: readonly Exposure[] = []): Json => JSON.parse(terraformJson(site, exposures).text);
/** How Terraform refers to an attribute: `data.` before what is looked up. */
export const ref = (path: string) => `\${${path.replace(/^(data\.)?/, '$1openstack_')}}`;
export const of = (stack: Json, type: string): Json => stack.resource[`openstack_${type}`] ?? {};
export const all = (stack: Json, type: string): Json[] => Object.values(of(stack, type));
export const servers = (stack: Json) => all(stack, 'compute_instance_v2');
export const rules = (stack: Json) => all(stack, 'networking_secgroup_rule_v2');

/** Terraform addresses, each with what is said about it. */
export const addresses = (stack: Json): Record<string, string> =>
  Object.fromEntries(
    Object.entries<Json>(stack.resource).flatMap(([type, byName]) =>
      Object.entries(byName).map(([name, body]) => [`${type}.${name}`, JSON.stringify(body)]),
    ),
  );
export const difference = (before: Json, after: Json) => {
  const [old, now] = [addresses(before), addresses(after)];
  return {
    added: Object.keys(now).filter((key) => !(key in old)),
    removed: Object.keys(old).filter((key) => !(key in now)),
    changed: Object.keys(old).filter((key) => key in now && old[key] !== now[key]),
  };
};
export const codes = (site: Site, exposures: readonly Exposure[] = []) =>
  infrastructureProblems(site, exposures).map(({ code, path }) => `${code} ${path}`);
