import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'cdktf';
import fc from 'fast-check';
import { cloudInit, clusterFiles } from '../lib/cluster';
import { FacilityError } from '../lib/errors';
import { infrastructureProblems, infrastructureWarnings, SiteStack, terraformFiles, terraformJson } from '../lib/infrastructure';
import { ruleKey, securityRules } from '../lib/infrastructure/security-rules';
import { verbatim } from '../lib/infrastructure/verbatim';
import {
  bastionAddress,
  defineSite,
  type Exposure,
  existingCluster,
  loadBalancerAddress,
  type NodePoolProps,
  nodePool,
  type OpenStack,
  type OpenStackProps,
  openstack,
  rke1,
  rke2,
  type Site,
  type SiteProps,
  type TerraformState,
} from '../lib/site';

type Json = Record<string, any>;

const sshKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVuLZTWXO7LJzCX0w0GcHXkfkyXPyPzMEjBR2Wr8HcC ops ${who}';
const small = { name: 'm1.8c16g', vcpus: 8, memory: '16GiB' } as const;
const large = { name: 'm1.32c64g', vcpus: 32, memory: '64GiB' } as const;
const image = 'AlmaLinux-9.2';

const cloud = (props: Partial<OpenStackProps> = {}) =>
  openstack({
    region: 'RegionOne',
    cidr: '10.64.0.0/24',
    externalNetwork: 'public',
    admins: ['198.51.100.0/24'],
    publicAddress: '192.0.2.10',
    sshKey,
    ...props,
  });
const master = (props: Partial<NodePoolProps> = {}) =>
  nodePool('master', { flavor: small, image, roles: ['controlplane', 'etcd', 'worker'], ...props });
const worker = (props: Partial<NodePoolProps> = {}) => nodePool('worker', { flavor: large, image, keys: ['1', '2', '3'], ...props });

/** One master and three workers behind the address of the master, by RKE. */
const napoli = (clouds: Partial<OpenStackProps> = {}, props: Partial<SiteProps> = {}) =>
  defineSite('napoli', {
    cluster: rke1({ version: '1.27.16' }),
    pools: [master(), worker()],
    cloud: cloud(clouds),
    ...props,
  });

/** Three masters and three workers behind a load balancer and a bastion, by RKE2. */
const bari = (clouds: Partial<OpenStackProps> = {}, props: Partial<SiteProps> = {}) =>
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

const condor: Exposure = {
  protocol: 'tcp',
  first: 30618,
  last: 30618,
  from: ['0.0.0.0/0'],
  purpose: 'HTCondor collector',
};

const cloudOf = (site: Site): OpenStack => site.cloud as OpenStack;
const stackOf = (site: Site, exposures: readonly Exposure[] = []): Json => JSON.parse(terraformJson(site, exposures).text);
/** How Terraform refers to an attribute: `data.` before what is looked up. */
const ref = (path: string) => `\${${path.replace(/^(data\.)?/, '$1openstack_')}}`;
const of = (stack: Json, type: string): Json => stack.resource[`openstack_${type}`] ?? {};
const all = (stack: Json, type: string): Json[] => Object.values(of(stack, type));
const servers = (stack: Json) => all(stack, 'compute_instance_v2');
const rules = (stack: Json) => all(stack, 'networking_secgroup_rule_v2');

/** Terraform addresses, each with what is said about it. */
const addresses = (stack: Json): Record<string, string> =>
  Object.fromEntries(
    Object.entries<Json>(stack.resource).flatMap(([type, byName]) =>
      Object.entries(byName).map(([name, body]) => [`${type}.${name}`, JSON.stringify(body)]),
    ),
  );
const difference = (before: Json, after: Json) => {
  const [old, now] = [addresses(before), addresses(after)];
  return {
    added: Object.keys(now).filter((key) => !(key in old)),
    removed: Object.keys(old).filter((key) => !(key in now)),
    changed: Object.keys(old).filter((key) => key in now && old[key] !== now[key]),
  };
};
const codes = (site: Site, exposures: readonly Exposure[] = []) =>
  infrastructureProblems(site, exposures).map(({ code, path }) => `${code} ${path}`);

describe('the files', () => {
  const sites = [
    { site: napoli(), exposures: [] },
    { site: bari(), exposures: [condor] },
  ];
  let scratch: string;
  beforeAll(() => {
    scratch = mkdtempSync(join(tmpdir(), 'infrastructure-test-'));
  });
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  test('are byte for byte what cdktf itself would write', () => {
    const app = new App({ outdir: scratch });
    for (const { site, exposures } of sites) new SiteStack(app, site, { exposures });
    app.synth();

    const written = readdirSync(scratch, { recursive: true, encoding: 'utf8' }).filter((name) => statSync(join(scratch, name)).isFile());
    expect(terraformFiles(sites)).toEqual(written.sort().map((path) => ({ path, text: readFileSync(join(scratch, path), 'utf8') })));
    expect(written).toEqual(['manifest.json', 'stacks/bari/cdk.tf.json', 'stacks/napoli/cdk.tf.json']);
  });

  test('are the same each time, and know nothing of the machine that wrote them', () => {
    const text = JSON.stringify(terraformFiles(sites));
    expect(JSON.stringify(terraformFiles([...sites].reverse()))).toBe(text);
    for (const trace of [process.cwd(), homedir(), tmpdir()]) expect(text).not.toContain(`${trace}/`);
  });

  test('of one site do not depend on the other', () => {
    const together = terraformFiles(sites);
    for (const { site, exposures } of sites) {
      const alone = terraformJson(site, exposures);
      expect(together.find(({ path }) => path === alone.path)).toEqual(alone);
      expect(alone.text).not.toContain(site.name === 'napoli' ? 'bari' : 'napoli');
    }
  });

  test('are written for sites with a cloud only', () => {
    const existing = defineSite('lab', {
      cluster: existingCluster({ version: '1.31', apiServers: ['10.0.0.10:6443'] }),
      pools: [nodePool('any', { flavor: { vcpus: 8, memory: '16GiB' } })],
    });
    expect(terraformFiles([{ site: existing, exposures: [] }])).toEqual([]);
    expect(infrastructureProblems(existing, [])).toEqual([]);
    expect(infrastructureWarnings(existing, [])).toEqual([]);
    expect(() => terraformJson(existing, [])).toThrow(/CLOUD_MISSING at lab\/cloud/);
  });
});

describe('traps that were met on a real OpenStack', () => {
  test('1: machines of a pool share a hypervisor only if need be, and no pool is strict unless told', () => {
    expect(of(stackOf(napoli()), 'compute_servergroup_v2').servers_worker.policies).toEqual(['soft-anti-affinity']);
    const strict = napoli({}, { pools: [master({ spread: 'none' }), worker({ count: 5, keys: undefined, spread: 'hard' })] });
    expect(of(stackOf(strict), 'compute_servergroup_v2')).toMatchObject({
      servers_worker: { policies: ['anti-affinity'] },
    });
    expect(of(stackOf(strict), 'compute_instance_v2')['master-1'].scheduler_hints).toBeUndefined();
    expect(infrastructureWarnings(strict, []).join()).toContain('-parallelism=1');
    expect(infrastructureWarnings(napoli({}, { pools: [master(), worker({ spread: 'hard' })] }), [])).toEqual([]);
  });

  test('2: templates in cloud-init arrive as they are', () => {
    expect(verbatim('echo ${HOME} %{x} $${y} $HOME 100% ${')).toBe('echo $${HOME} %%{x} $$${y} $HOME 100% $${');
    const site = napoli();
    const node = site.nodes[1];
    if (!node) throw new Error('no node');
    const { user_data } = of(stackOf(site), 'compute_instance_v2')['worker-1'];
    expect(user_data).toBe(verbatim(cloudInit(site, node)));
    expect(user_data.replace(/\$\$\{|%%\{/g, '')).not.toMatch(/[$%]\{/);
    expect(of(stackOf(site), 'compute_keypair_v2').key_pair.public_key).toMatch(/ ops \$\$\{who\}$/);
  });

  test('3 and 4: every source and network is a canonical CIDR', () => {
    const stack = stackOf(bari(), [condor]);
    for (const rule of rules(stack)) expect(rule.remote_ip_prefix).toMatch(/^\d+\.\d+\.\d+\.\d+\/\d+$/);
    expect(of(stack, 'networking_subnet_v2').subnet.cidr).toBe('10.65.0.0/24');
    expect(codes(napoli(), [{ ...condor, from: ['10.9.0.7', '10.9.0.7/24'] }])).toEqual([
      'CIDR_INVALID napoli/exposures/HTCondor collector',
      'CIDR_INVALID napoli/exposures/HTCondor collector',
    ]);
  });

  test('5: no rule twice, the whole world always spelled out, the way out left to Neutron', () => {
    const again = { ...condor, purpose: 'HTCondor schedd' };
    const stack = stackOf(napoli({ admins: ['0.0.0.0/0', '198.51.100.0/24'] }), [condor, again]);
    const seen = rules(stack).map((rule) =>
      [rule.security_group_id, rule.protocol, rule.port_range_min, rule.port_range_max, rule.remote_ip_prefix].join(' '),
    );
    expect(new Set(seen).size).toBe(seen.length);
    for (const rule of rules(stack))
      expect(rule).toMatchObject({ direction: 'ingress', ethertype: 'IPv4', remote_ip_prefix: expect.any(String) });
    expect(of(stack, 'networking_secgroup_rule_v2')['rule_nodes_tcp-30618_0-0-0-0-0'].description).toBe(
      'HTCondor collector; HTCondor schedd',
    );
    for (const group of all(stack, 'networking_secgroup_v2')) expect(group.delete_default_rules).toBeUndefined();
  });

  test('6 and 11: a port has its planned address outside of the allocation pool, and no DNS name', () => {
    const stack = stackOf(napoli());
    expect(of(stack, 'networking_subnet_v2').subnet).toMatchObject({
      gateway_ip: '10.64.0.1',
      allocation_pool: [{ start: '10.64.0.192', end: '10.64.0.254' }],
    });
    expect(of(stack, 'networking_port_v2')['worker-2_port'].fixed_ip).toEqual([
      { ip_address: napoli().nodes[2]?.address, subnet_id: ref('networking_subnet_v2.subnet.id') },
    ]);
    for (const port of all(stack, 'networking_port_v2')) expect(port).not.toHaveProperty('dns_name');
  });

  test('7: an attachment names no device', () => {
    const dataVolumes = [
      { name: 'etcd', size: '20GiB' },
      { name: 'data', size: '500GB', type: 'ssd' },
    ] as const;
    const stack = stackOf(napoli({}, { pools: [master({ dataVolumes }), worker()] }));
    const attachments = of(stack, 'compute_volume_attach_v2');
    for (const attachment of Object.values<Json>(attachments)) expect(attachment).not.toHaveProperty('device');
    expect(attachments['master-1_attachment_data'].depends_on).toEqual(['openstack_compute_volume_attach_v2.master-1_attachment_etcd']);
    expect(of(stack, 'blockstorage_volume_v3')['master-1_volume_data']).toMatchObject({
      name: 'napoli-master-1-data',
      size: 466,
      volume_type: 'ssd',
      enable_online_resize: true,
      lifecycle: { prevent_destroy: true },
    });
  });

  test('8: user data that Nova would refuse is refused here', () => {
    const huge = bari({ sshKey: `${sshKey} ${'x'.repeat(49_152)}` });
    expect(codes(huge)).toContain('USER_DATA_TOO_LARGE bari/cloud/bastion');
    expect(() => terraformJson(huge, [])).toThrow(FacilityError);
    expect(codes(bari({ sshKey: `${sshKey} ${'x'.repeat(20_000)}` }))).toEqual([]);
    const { user_data } = of(stackOf(bari()), 'compute_instance_v2').bastion;
    expect(user_data).toMatch(/^#cloud-config\n/);
  });

  test('9: members of the load balancer are addresses of the model', () => {
    for (const { member } of all(stackOf(bari()), 'lb_members_v2')) {
      for (const { address, subnet_id } of member) {
        expect(address).toMatch(/^10\.65\.0\.\d+$/);
        expect(subnet_id).toBe(ref('networking_subnet_v2.subnet.id'));
      }
    }
  });

  test('10: parts of the load balancer come one after the other', () => {
    const stack = stackOf(bari(), [condor]);
    const listenerChain = ['api', 'supervisor', 'http', 'https', 'tcp-30618'];
    expect(Object.keys(of(stack, 'lb_listener_v2')).sort()).toEqual(listenerChain.map((name) => `listener_${name}`).sort());
    listenerChain.forEach((name, index) => {
      const before =
        index === 0 ? 'openstack_lb_loadbalancer_v2.load_balancer' : `openstack_lb_monitor_v2.monitor_${listenerChain[index - 1]}`;
      expect(of(stack, 'lb_listener_v2')[`listener_${name}`].depends_on).toEqual([before]);
      expect(of(stack, 'lb_pool_v2')[`pool_${name}`].listener_id).toBe(ref(`lb_listener_v2.listener_${name}.id`));
      expect(of(stack, 'lb_members_v2')[`members_${name}`].pool_id).toBe(ref(`lb_pool_v2.pool_${name}.id`));
      expect(of(stack, 'lb_monitor_v2')[`monitor_${name}`].depends_on).toEqual([`openstack_lb_members_v2.members_${name}`]);
    });
  });

  test('12: names of flavors, images and networks are looked up, so that the plan knows them', () => {
    const stack = stackOf(napoli());
    expect(stack.data.openstack_compute_flavor_v2).toMatchObject({
      flavor_m1_2e_32c64g: {
        name: 'm1.32c64g',
        lifecycle: { postcondition: [{ condition: '${self.vcpus >= 32 && self.ram >= 65536}' }] },
      },
      flavor_m1_2e_8c16g: { name: 'm1.8c16g' },
    });
    expect(Object.values<Json>(stack.data.openstack_images_image_v2)).toMatchObject([{ name: image, most_recent: true }]);
    expect(stack.data.openstack_networking_network_v2.external_network).toMatchObject({
      name: 'public',
      external: true,
    });
    for (const server of servers(stack)) {
      expect(server.flavor_id).toMatch(/^\$\{data\.openstack_compute_flavor_v2\./);
      expect(server.image_id).toMatch(/^\$\{data\.openstack_images_image_v2\./);
      expect(server).not.toHaveProperty('flavor_name');
    }
  });

  test('13: protocols without ports have none', () => {
    const calico = napoli({}, { cluster: rke1({ version: '1.27.16', network: 'calico' }) });
    const portless = rules(stackOf(calico)).filter(({ protocol }) => !['tcp', 'udp'].includes(protocol));
    expect(portless.map(({ protocol }) => protocol)).toContain('ipip');
    for (const rule of portless) expect(rule).not.toHaveProperty('port_range_min');
    for (const rule of rules(stackOf(calico)).filter(({ protocol }) => ['tcp', 'udp'].includes(protocol))) {
      expect(rule.port_range_min).toBeGreaterThanOrEqual(1);
      expect(rule.port_range_max).toBeGreaterThanOrEqual(rule.port_range_min);
    }
  });

  test('14: what needs the way out waits for it', () => {
    const wayOut = 'openstack_networking_router_interface_v2.router_interface';
    const stack = stackOf(bari());
    for (const type of ['compute_instance_v2', 'networking_floatingip_associate_v2', 'lb_loadbalancer_v2']) {
      expect(all(stack, type).length).toBeGreaterThan(0);
      for (const body of all(stack, type)) expect(body.depends_on).toEqual([wayOut]);
    }
  });

  test.each<[TerraformState | undefined, Json]>([
    [undefined, { local: { path: 'terraform.tfstate' } }],
    [{ kind: 'local', path: '../napoli.tfstate' }, { local: { path: '../napoli.tfstate' } }],
    [
      { kind: 'http', address: 'https://git.example.org/state', lockAddress: 'https://git.example.org/lock' },
      {
        http: {
          address: 'https://git.example.org/state',
          lock_address: 'https://git.example.org/lock',
          unlock_address: 'https://git.example.org/lock',
        },
      },
    ],
    [
      { kind: 's3', bucket: 'states', region: 'eu-south-1' },
      { s3: { bucket: 'states', key: 'napoli/terraform.tfstate', region: 'eu-south-1' } },
    ],
    [
      { kind: 's3', bucket: 'states', key: 'k', endpoint: 'https://s3.example.org' },
      {
        s3: {
          bucket: 'states',
          key: 'k',
          region: 'us-east-1',
          endpoints: { s3: 'https://s3.example.org' },
          use_path_style: true,
          skip_credentials_validation: true,
          skip_metadata_api_check: true,
          skip_region_validation: true,
          skip_requesting_account_id: true,
          skip_s3_checksum: true,
        },
      },
    ],
  ])('15: the state is kept where it was said, never in a folder of the builder (%j)', (state, backend) => {
    expect(stackOf(napoli({ state })).terraform.backend).toEqual(backend);
  });

  test('16: the provider is the one that the bindings were made of, and is told nothing', () => {
    const { terraform, provider } = stackOf(napoli());
    expect(terraform.required_providers).toEqual({
      openstack: { source: 'terraform-provider-openstack/openstack', version: '3.4.0' },
    });
    expect(provider).toEqual({ openstack: [{}] });
  });
});

describe('nodes', () => {
  test('have a server and a port named like them, in the groups of their roles', () => {
    const stack = stackOf(napoli());
    expect(of(stack, 'compute_instance_v2')['worker-2']).toMatchObject({
      name: 'napoli-worker-2',
      region: 'RegionOne',
      network: [{ port: ref('networking_port_v2.worker-2_port.id') }],
      key_pair: ref('compute_keypair_v2.key_pair.name'),
      metadata: { site: 'napoli', pool: 'worker', roles: 'worker' },
    });
    const groupsOf = (port: string) => of(stack, 'networking_port_v2')[port].security_group_ids.join(' ');
    expect(groupsOf('master-1_port')).toMatch(/group_nodes.*group_controlplane.*group_etcd/);
    expect(groupsOf('worker-1_port')).not.toMatch(/controlplane|etcd/);
  });

  test('are never replaced by what is said about them later', () => {
    for (const server of servers(stackOf(bari()))) {
      expect(server.lifecycle.ignore_changes).toEqual(
        expect.arrayContaining(['user_data', 'image_id', 'block_device', 'key_pair', 'scheduler_hints', 'availability_zone']),
      );
    }
  });

  test('boot from a volume that goes with them', () => {
    const stack = stackOf(napoli({}, { pools: [master({ bootVolume: { size: '100GiB', type: 'ssd' } }), worker()] }));
    const server = of(stack, 'compute_instance_v2')['master-1'];
    expect(server.block_device).toEqual([
      {
        boot_index: 0,
        delete_on_termination: true,
        destination_type: 'volume',
        source_type: 'image',
        uuid: ref('data.images_image_v2.image_AlmaLinux-9_2e_2.id'),
        volume_size: 100,
        volume_type: 'ssd',
      },
    ]);
    expect(server).not.toHaveProperty('image_id');
  });

  test('come alone', () => {
    const five = napoli({}, { pools: [master(), worker({ keys: ['1', '2', '3', '4'] })] });
    expect(difference(stackOf(napoli()), stackOf(five))).toEqual({
      added: ['openstack_compute_instance_v2.worker-4', 'openstack_networking_port_v2.worker-4_port'],
      removed: [],
      changed: [],
    });
  });

  test('go alone, also from the middle', () => {
    const dataVolumes = [{ name: 'data', size: '1TiB' }] as const;
    const addressed = (keys: string[], addresses: string[]) => worker({ keys, addresses, dataVolumes });
    const before = napoli({}, { pools: [master(), addressed(['1', '2', '3'], ['10.64.0.21', '10.64.0.22', '10.64.0.23'])] });
    const after = napoli({}, { pools: [master(), addressed(['1', '3'], ['10.64.0.21', '10.64.0.23'])] });
    expect(difference(stackOf(before), stackOf(after))).toEqual({
      added: [],
      removed: [
        'openstack_blockstorage_volume_v3.worker-2_volume_data',
        'openstack_compute_instance_v2.worker-2',
        'openstack_compute_volume_attach_v2.worker-2_attachment_data',
        'openstack_networking_port_v2.worker-2_port',
      ],
      changed: [],
    });
  });

  test('behind a load balancer change its members and nothing else', () => {
    const four = bari({}, { pools: [master({ count: 3, roles: ['controlplane', 'etcd'] }), worker({ keys: ['1', '2', '3', '4'] })] });
    const { changed } = difference(stackOf(bari()), stackOf(four));
    expect(changed).toEqual(['openstack_lb_members_v2.members_http', 'openstack_lb_members_v2.members_https']);
  });
});

describe('the way in', () => {
  test('an allocated address leads to the first control plane; Terraform warns if it is another than was said', () => {
    const stack = stackOf(napoli());
    expect(of(stack, 'networking_floatingip_v2').floating_ip.pool).toBe(ref('data.networking_network_v2.external_network.name'));
    expect(of(stack, 'networking_floatingip_associate_v2').floating_ip_association).toMatchObject({
      floating_ip: ref('networking_floatingip_v2.floating_ip.address'),
      port_id: ref('networking_port_v2.master-1_port.id'),
    });
    expect(stack.check.public_address.assert[0].condition).toBe(
      '${(openstack_networking_floatingip_v2.floating_ip.address == "192.0.2.10")}',
    );
    expect(stack.output.ssh.value).toBe(`ssh rke@${ref('networking_floatingip_v2.floating_ip.address')}`);
  });

  test('a reserved address is only led to the port', () => {
    const stack = stackOf(napoli({ floatingIp: 'reserved' }, { ssh: { user: 'alma' } }));
    expect(all(stack, 'networking_floatingip_v2')).toEqual([]);
    expect(of(stack, 'networking_floatingip_associate_v2').floating_ip_association.floating_ip).toBe('192.0.2.10');
    expect(stack).not.toHaveProperty('check');
    expect(stack.output).toMatchObject({
      public_address: { value: '192.0.2.10' },
      ssh: { value: 'ssh alma@192.0.2.10' },
    });
  });

  test('a site without a public address has none, and says who cannot reach it', () => {
    const closed = napoli({ publicAddress: undefined });
    expect(all(stackOf(closed), 'networking_floatingip_associate_v2')).toEqual([]);
    expect(Object.keys(stackOf(closed).output)).toEqual(['nodes']);
    expect(infrastructureWarnings(closed, []).join()).toContain('add a bastion');
  });

  test('a load balancer answers on an address of the model, to those who may ask', () => {
    const stack = stackOf(bari());
    expect(of(stack, 'lb_loadbalancer_v2').load_balancer).toMatchObject({
      vip_address: '10.65.0.190',
      vip_subnet_id: ref('networking_subnet_v2.subnet.id'),
    });
    expect(of(stack, 'lb_listener_v2').listener_api.allowed_cidrs).toEqual(['198.51.100.0/24', '10.65.0.0/24']);
    expect(of(stack, 'lb_listener_v2').listener_supervisor).toMatchObject({
      protocol_port: 9345,
      allowed_cidrs: ['10.65.0.0/24'],
    });
    expect(of(stack, 'lb_listener_v2').listener_https.allowed_cidrs).toEqual(['0.0.0.0/0']);
    expect(of(stack, 'lb_members_v2').members_api.member.map(({ name }: Json) => name)).toEqual([
      'bari-master-1',
      'bari-master-2',
      'bari-master-3',
    ]);
    expect(of(stack, 'networking_floatingip_associate_v2').floating_ip_association.port_id).toBe(
      ref('lb_loadbalancer_v2.load_balancer.vip_port_id'),
    );
    const byRke = stackOf(napoli({ entry: 'load-balancer' }));
    expect(Object.keys(of(byRke, 'lb_listener_v2')).sort()).toEqual(['listener_api', 'listener_http', 'listener_https']);
  });

  test('RKE2 joins where the load balancer answers, through every server', () => {
    const site = bari(
      {},
      {
        pools: [master({ roles: ['controlplane'] }), nodePool('etcd', { flavor: small, image, roles: ['etcd'] }), worker()],
      },
    );
    const members = of(stackOf(site), 'lb_members_v2').members_supervisor.member.map(({ name }: Json) => name);
    expect(members).toEqual(['bari-master-1', 'bari-etcd-1']);
    const configs = clusterFiles(site).map(({ text }) => text);
    expect(configs.join()).toContain(`https://${loadBalancerAddress(cloudOf(site))}:9345`);
  });

  test('UDP is balanced and watched as UDP', () => {
    const stack = stackOf(bari(), [{ ...condor, protocol: 'udp' }]);
    expect(of(stack, 'lb_listener_v2')['listener_udp-30618']).toMatchObject({ protocol: 'UDP' });
    expect(of(stack, 'lb_listener_v2')['listener_udp-30618']).not.toHaveProperty('timeout_client_data');
    expect(of(stack, 'lb_monitor_v2')['monitor_udp-30618'].type).toBe('UDP-CONNECT');
  });

  test('a bastion alone answers SSH from outside', () => {
    const stack = stackOf(bari());
    const ssh = rules(stack).filter((rule) => rule.port_range_min === 22);
    const from = (group: string) => ssh.filter((rule) => rule.security_group_id.includes(group)).map((rule) => rule.remote_ip_prefix);
    expect(from('group_bastion')).toEqual(['198.51.100.0/24']);
    expect(from('group_nodes')).toEqual(['10.65.0.0/24']);
    expect(of(stack, 'networking_port_v2').bastion_port).toMatchObject({
      security_group_ids: [ref('networking_secgroup_v2.group_bastion.id')],
      fixed_ip: [{ ip_address: '10.65.0.191' }],
    });
    expect(of(stack, 'compute_instance_v2').bastion.user_data).toContain('"name": "rke"');
    expect(stack.output.ssh.value).toBe(`ssh -J rke@${ref('networking_floatingip_v2.bastion_floating_ip.address')} rke@10.65.0.10`);
    expect(infrastructureWarnings(bari(), [])).toEqual([]);
  });

  test('neither load balancer nor bastion moves when the other goes', () => {
    const [both, one] = [cloudOf(bari()), cloudOf(bari({ bastion: undefined }))];
    expect([bastionAddress(both), loadBalancerAddress(both), loadBalancerAddress(one)]).toEqual([
      '10.65.0.191',
      '10.65.0.190',
      '10.65.0.190',
    ]);
  });
});

test('every word about the cloud has its effect', () => {
  const everything: Required<OpenStackProps> = {
    region: 'Region${1}',
    cidr: '10.70.0.0/22',
    externalNetwork: 'ext-net',
    admins: ['203.0.113.0/24'],
    sshKey,
    publicAddress: '192.0.2.99',
    floatingIp: 'reserved',
    entry: 'node',
    mtu: 1450,
    nameServers: ['192.0.2.53', '192.0.2.54'],
    allocationPool: { first: '10.70.3.1', last: '10.70.3.200' },
    state: { kind: 'http', address: 'https://git.example.org/state' },
    cloudController: true,
    authUrl: 'https://keystone.example.org/v3',
    bastion: { flavor: small.name, image: 'Debian-12', address: '10.70.2.250' },
    configDrive: true,
  };
  const stack = stackOf(napoli(everything));
  for (const [address, body] of Object.entries(addresses(stack))) {
    if (!JSON.parse(body).region) throw new Error(`${address} has no region`);
    expect(JSON.parse(body).region).toBe('Region$${1}');
  }
  for (const lookups of Object.values<Json>(stack.data)) {
    for (const lookup of Object.values<Json>(lookups)) expect(lookup.region).toBe('Region$${1}');
  }
  expect(of(stack, 'networking_network_v2').network.mtu).toBe(1450);
  expect(of(stack, 'networking_subnet_v2').subnet).toMatchObject({
    cidr: '10.70.0.0/22',
    dns_nameservers: ['192.0.2.53', '192.0.2.54'],
    allocation_pool: [{ start: '10.70.3.1', end: '10.70.3.200' }],
  });
  expect(stack.data.openstack_networking_network_v2.external_network.name).toBe('ext-net');
  expect(of(stack, 'networking_port_v2').bastion_port.fixed_ip[0].ip_address).toBe('10.70.2.250');
  for (const server of servers(stack)) expect(server.config_drive).toBe(true);
  // Only what runs in the cluster needs these two.
  expect(JSON.stringify(stack)).not.toContain('keystone');
});

describe('laws', () => {
  const own: [string, Site, Exposure[], string][] = [
    [
      'two nodes of one name',
      napoli(
        {},
        {
          pools: [master(), nodePool('a', { flavor: small, image, keys: ['b-1'] }), nodePool('a-b', { flavor: small, image })],
        },
      ),
      [],
      'NODE_NAME_TWICE napoli/pools/a-b',
    ],
    [
      'one flavor of two sizes',
      napoli({}, { pools: [master(), worker({ flavor: { ...small, vcpus: 9 } })] }),
      [],
      'FLAVOR_DIFFERS napoli/pools/worker/flavor',
    ],
    [
      'an allocation pool outside',
      napoli({ allocationPool: { first: '10.64.0.200', last: '10.64.1.10' } }),
      [],
      'ALLOCATION_POOL_INVALID napoli/cloud/allocationPool',
    ],
    [
      'an allocation pool upside down',
      napoli({ allocationPool: { first: '10.64.0.220', last: '10.64.0.210' } }),
      [],
      'ALLOCATION_POOL_INVALID napoli/cloud/allocationPool',
    ],
    [
      'a bastion on a node',
      bari({ bastion: { flavor: 'f', image, address: '10.65.0.10' } }),
      [],
      'ADDRESS_FOREIGN bari/cloud/bastion/address',
    ],
    [
      'a bastion in the allocation pool',
      bari({ bastion: { flavor: 'f', image, address: '10.65.0.200' } }),
      [],
      'ADDRESS_FOREIGN bari/cloud/bastion/address',
    ],
    [
      'a bastion elsewhere',
      bari({ bastion: { flavor: 'f', image, address: '10.66.0.200' } }),
      [],
      'ADDRESS_OUTSIDE bari/cloud/bastion/address',
    ],
    [
      'a load balancer on a node',
      bari({}, { pools: [master(), worker({ firstAddress: '10.65.0.188' })] }),
      [],
      'ADDRESS_FOREIGN bari/cloud/entry',
    ],
    [
      'a load balancer on the bastion',
      bari({ bastion: { flavor: 'f', image, address: '10.65.0.190' } }),
      [],
      'ADDRESS_FOREIGN bari/cloud/entry',
    ],
    [
      'a reserved address without a name',
      napoli({ floatingIp: 'reserved', publicAddress: undefined }),
      [],
      'PUBLIC_ADDRESS_MISSING napoli/cloud/publicAddress',
    ],
    ['an MTU that carries nothing', napoli({ mtu: 150 }), [], 'MTU_INVALID napoli/cloud/mtu'],
    [
      'a state in somebody’s folder',
      napoli({ state: { kind: 'local', path: '/home/ops/state' } }),
      [],
      'STATE_PATH_ABSOLUTE napoli/cloud/state/path',
    ],
    ['ports upside down', napoli(), [{ ...condor, last: 30000 }], 'PORTS_INVALID napoli/exposures/HTCondor collector'],
    [
      'a wide exposure behind a load balancer',
      bari(),
      [{ ...condor, first: 30600 }],
      'EXPOSURE_TOO_WIDE bari/exposures/HTCondor collector',
    ],
    [
      'an exposure on a port of the load balancer',
      bari(),
      [{ ...condor, first: 443, last: 443 }],
      'LISTENER_TWICE bari/exposures/HTCondor collector',
    ],
  ];
  test.each(own)('%s', (_, site, exposures, expected) => {
    expect(site.problems).toEqual([]);
    expect(codes(site, exposures)).toEqual([expected]);
    expect(() => terraformJson(site, exposures)).toThrow(expected.replace(' ', ' at '));
  });

  test('a site with problems of its own is refused for those', () => {
    const broken = napoli({ admins: ['nonsense'] });
    expect(infrastructureProblems(broken, [])).toEqual([]);
    expect(() => terraformJson(broken, [])).toThrow(/CIDR_INVALID at napoli\/cloud\/admins/);
  });

  test('wide exposures are fine where no load balancer stands', () => {
    expect(codes(napoli(), [{ ...condor, first: 30000, last: 32767 }])).toEqual([]);
  });

  test('more rules than a new project may have are announced', () => {
    const many = Array.from({ length: 100 }, (_, index): Exposure => ({ ...condor, first: 30000 + index, last: 30000 + index }));
    expect(infrastructureWarnings(napoli(), many).join()).toMatch(/napoli: 1\d\d security-group rules in \d groups/);
    expect(infrastructureWarnings(napoli(), [])).toEqual([]);
  });

  test('a network plugin of the operator’s own is pointed at what OpenStack drops', () => {
    const own = napoli({}, { cluster: rke1({ version: '1.27.16', network: 'none' }) });
    expect(infrastructureWarnings(own, []).join()).toContain('must encapsulate');
  });

  test('whatever is exposed, no two rules are equal and each exposure is let in', () => {
    const site = napoli() as Parameters<typeof securityRules>[0];
    const exposure = fc
      .record({
        protocol: fc.constantFrom('tcp' as const, 'udp' as const),
        ports: fc.tuple(fc.integer({ min: 1, max: 65_535 }), fc.integer({ min: 1, max: 65_535 })),
        from: fc.uniqueArray(fc.constantFrom('0.0.0.0/0', '10.64.0.0/24', '198.51.100.0/24', '203.0.113.7/32'), {
          minLength: 1,
        }),
        purpose: fc.string({ minLength: 1, maxLength: 300 }),
      })
      .map(({ ports, ...rest }): Exposure => ({ ...rest, first: Math.min(...ports), last: Math.max(...ports) }));
    fc.assert(
      fc.property(fc.array(exposure, { maxLength: 8 }), (exposures) => {
        const placed = securityRules(site, exposures);
        const keys = placed.map(ruleKey);
        expect(new Set(keys).size).toBe(keys.length);
        for (const rule of placed) expect(rule.purpose.length).toBeLessThanOrEqual(255);
        for (const { protocol, first, last, from } of exposures) {
          for (const cidr of from)
            expect(placed).toContainEqual(expect.objectContaining({ group: 'nodes', protocol, first, last, from: cidr }));
        }
      }),
    );
  });
});
