import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'cdktf';
import { clusterFiles } from '../../lib/cluster';
import { infrastructureProblems, infrastructureWarnings, SiteStack, terraformFiles, terraformJson } from '../../lib/infrastructure';
import {
  bastionAddress,
  defineSite,
  existingCluster,
  type FlavorGpus,
  loadBalancerAddress,
  nodePool,
  type OpenStackProps,
} from '../../lib/site';
import {
  addresses,
  all,
  bari,
  cloudOf,
  condor,
  difference,
  image,
  type Json,
  master,
  napoli,
  of,
  ref,
  rules,
  servers,
  small,
  sshKey,
  stackOf,
  worker,
} from '../fixtures/infrastructure';
import { briefly } from '../fixtures/site';

describe('files', () => {
  const sites = [
    { site: napoli(), exposures: [] },
    { site: bari(), exposures: [condor] },
  ];
  let scratch: string;
  beforeAll(() => {
    scratch = mkdtempSync(join(tmpdir(), 'infrastructure-test-'));
  });
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  test('equal the output of cdktf, byte for byte', () => {
    const app = new App({ outdir: scratch });
    for (const { site, exposures } of sites) new SiteStack(app, site, { exposures });
    app.synth();

    const written = readdirSync(scratch, { recursive: true, encoding: 'utf8' }).filter((name) => statSync(join(scratch, name)).isFile());
    expect(terraformFiles(sites)).toEqual(written.sort().map((path) => ({ path, text: readFileSync(join(scratch, path), 'utf8') })));
    expect(written).toEqual(['manifest.json', 'stacks/bari/cdk.tf.json', 'stacks/napoli/cdk.tf.json']);
  });

  test('are deterministic and contain no local paths', () => {
    const text = JSON.stringify(terraformFiles(sites));
    expect(JSON.stringify(terraformFiles([...sites].reverse()))).toBe(text);
    for (const trace of [process.cwd(), homedir(), tmpdir()]) expect(text).not.toContain(`${trace}/`);
  });

  test('of a site do not depend on other sites', () => {
    const together = terraformFiles(sites);
    for (const { site, exposures } of sites) {
      const single = terraformJson(site, exposures);
      expect(together.find(({ path }) => path === single.path)).toEqual(single);
      expect(single.text).not.toContain(site.name === 'napoli' ? 'bari' : 'napoli');
    }
  });

  test('exist only for sites with a cloud', () => {
    const existing = defineSite('lab', {
      cluster: existingCluster({ version: '1.31', apiServers: ['10.0.0.10:6443'] }),
      pools: [nodePool('any', { flavor: { vcpus: 8, memory: '16GiB' } })],
    });
    expect(terraformFiles([{ site: existing, exposures: [] }])).toEqual([]);
    expect(infrastructureProblems(existing, [])).toEqual([]);
    expect(infrastructureWarnings(existing, [])).toEqual([]);
    expect(() => terraformJson(existing, [])).toThrow(/MISSING_CLOUD at lab\/cloud/);
  });
});

describe('nodes', () => {
  test('have a server and a port with their name, in the security groups of their roles', () => {
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

  test('are not replaced by later changes of the description', () => {
    for (const server of servers(stackOf(bari()))) {
      expect(server.lifecycle.ignore_changes).toEqual(
        expect.arrayContaining(['user_data', 'image_id', 'block_device', 'key_pair', 'scheduler_hints', 'availability_zone']),
      );
    }
  });

  test('can boot from a named volume', () => {
    const bootVolume = { size: '100GiB', type: 'ssd', availabilityZone: 'nova' } as const;
    const stack = stackOf(napoli({}, { pools: [master({ bootVolume }), worker()] }));
    const server = of(stack, 'compute_instance_v2')['master-1'];

    expect(server.block_device).toEqual([
      {
        boot_index: 0,
        delete_on_termination: false,
        destination_type: 'volume',
        source_type: 'volume',
        uuid: ref('blockstorage_volume_v3.master-1_boot.id'),
      },
    ]);
    expect(of(stack, 'blockstorage_volume_v3')['master-1_boot']).toMatchObject({
      name: 'napoli-master-1-boot',
      size: 100,
      volume_type: 'ssd',
      availability_zone: 'nova',
      image_id: ref('data.images_image_v2.image_AlmaLinux-9_2e_2.id'),
      lifecycle: { ignore_changes: ['image_id', 'volume_type', 'availability_zone'] },
    });
    expect(server).not.toHaveProperty('image_id');
  });

  test('can be added without changes to others', () => {
    const five = napoli({}, { pools: [master(), worker({ keys: ['1', '2', '3', '4'] })] });
    expect(difference(stackOf(napoli()), stackOf(five))).toEqual({
      added: ['openstack_compute_instance_v2.worker-4', 'openstack_networking_port_v2.worker-4_port'],
      removed: [],
      changed: [],
    });
  });

  test('can be removed without changes to others', () => {
    const dataVolumes = [{ name: 'data', size: '1TiB' }] as const;
    const withAddresses = (keys: string[], addresses: string[]) => worker({ keys, addresses, dataVolumes });
    const before = napoli({}, { pools: [master(), withAddresses(['1', '2', '3'], ['10.64.0.21', '10.64.0.22', '10.64.0.23'])] });
    const after = napoli({}, { pools: [master(), withAddresses(['1', '3'], ['10.64.0.21', '10.64.0.23'])] });
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

  test('can be added behind a load balancer, which changes only its members', () => {
    const four = bari({}, { pools: [master({ count: 3, roles: ['controlplane', 'etcd'] }), worker({ keys: ['1', '2', '3', '4'] })] });
    const { changed } = difference(stackOf(bari()), stackOf(four));
    expect(changed).toEqual(['openstack_lb_members_v2.members_http', 'openstack_lb_members_v2.members_https']);
  });
});

describe('public access', () => {
  test('an allocated address is associated with the first control plane node, and a Terraform check compares it with publicAddress', () => {
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

  test('a reserved address is associated, but not allocated', () => {
    const stack = stackOf(napoli({ floatingIp: 'reserved' }, { ssh: { user: 'alma' } }));
    expect(all(stack, 'networking_floatingip_v2')).toEqual([]);
    expect(of(stack, 'networking_floatingip_associate_v2').floating_ip_association.floating_ip).toBe('192.0.2.10');
    expect(stack).not.toHaveProperty('check');
    expect(stack.output).toMatchObject({
      public_address: { value: '192.0.2.10' },
      ssh: { value: 'ssh alma@192.0.2.10' },
    });
  });

  test('a site without a public address has a warning', () => {
    const closed = napoli({ publicAddress: undefined });
    expect(all(stackOf(closed), 'networking_floatingip_associate_v2')).toEqual([]);
    expect(Object.keys(stackOf(closed).output)).toEqual(['nodes']);
    expect(infrastructureWarnings(closed, [])).toMatchObject([{ code: 'MISSING_SSH_ACCESS', path: 'napoli/cloud', severity: 'warning' }]);
  });

  test('a load balancer has an address of the model, and listeners with allowed CIDRs', () => {
    const stack = stackOf(bari());
    expect(of(stack, 'lb_loadbalancer_v2').load_balancer).toMatchObject({
      vip_address: '10.65.0.190',
      vip_subnet_id: ref('networking_subnet_v2.subnet.id'),
    });
    expect(of(stack, 'lb_listener_v2').listener_api.allowed_cidrs).toEqual(['10.65.0.0/24', '198.51.100.0/24']);
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

  test('nodes join RKE2 through the load balancer, whose members are all servers', () => {
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

  test('UDP ports have UDP listeners and monitors', () => {
    const stack = stackOf(bari(), [{ ...condor, protocol: 'udp' }]);
    expect(of(stack, 'lb_listener_v2')['listener_udp-30618']).toMatchObject({ protocol: 'UDP' });
    expect(of(stack, 'lb_listener_v2')['listener_udp-30618']).not.toHaveProperty('timeout_client_data');
    expect(of(stack, 'lb_monitor_v2')['monitor_udp-30618'].type).toBe('UDP-CONNECT');
  });

  test('with a bastion, only the bastion is open to SSH from outside', () => {
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

  test('the addresses of load balancer and bastion do not depend on each other', () => {
    const [both, one] = [cloudOf(bari()), cloudOf(bari({ bastion: undefined }))];
    expect([bastionAddress(both), loadBalancerAddress(both), loadBalancerAddress(one)]).toEqual([
      '10.65.0.191',
      '10.65.0.190',
      '10.65.0.190',
    ]);
  });
});

test('all props of the cloud are used', () => {
  const everything: Required<Omit<OpenStackProps, 'network' | 'subnet' | 'router' | 'ipv6'>> = {
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
    volumesPerMachine: 20,
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
  // Only services in the cluster need these two.
  expect(JSON.stringify(stack)).not.toContain('keystone');
});

describe('GPUs of a flavor', () => {
  const gpuPool = (gpus: FlavorGpus) => worker({ flavor: { name: 'g1', vcpus: 32, memory: '64GiB', gpus } });
  const assertions = (gpus: FlavorGpus) =>
    stackOf(napoli({}, { pools: [master(), gpuPool(gpus)] })).check.gpus_of_flavor_g1.assert as Json[];

  test('are checked by extra specs, with the command for the administrators of the cloud', () => {
    expect(assertions({ passthrough: 'a100', count: 2 })).toEqual([
      {
        condition: '${lookup(data.openstack_compute_flavor_v2.flavor_g1.extra_specs, "pci_passthrough:alias", "") == "a100:2"}',
        error_message: expect.stringContaining('openstack flavor set g1 --property pci_passthrough:alias=a100:2'),
      },
    ]);
    expect(assertions({ vgpu: 'NVIDIA A100-3-20C', trait: 'CUSTOM_A100_3_20C', count: 1 }).map(({ condition }) => condition)).toEqual([
      expect.stringContaining('"resources:VGPU", "") == "1"'),
      expect.stringContaining('"trait:CUSTOM_A100_3_20C", "") == "required"'),
    ]);
    expect(stackOf(napoli()).check).not.toHaveProperty('gpus_of_flavor_m1_2e_32c64g');
  });

  test('must be equal in all pools with the flavor', () => {
    const one = worker({ flavor: { ...small, gpus: { passthrough: 'a100', count: 1 } } });
    expect(briefly(infrastructureProblems(napoli({}, { pools: [master(), one] }), []))).toEqual([
      'CONFLICTING_FLAVOR at napoli/pools/worker/flavor',
    ]);
  });
});
