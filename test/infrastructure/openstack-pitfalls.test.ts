import { cloudInit } from '../../lib/cluster';
import { FacilityError } from '../../lib/errors';
import { infrastructureWarnings, terraformJson } from '../../lib/infrastructure';
import { verbatim } from '../../lib/infrastructure/verbatim';
import { rke1, type TerraformState } from '../../lib/site';
import {
  all,
  bari,
  codes,
  condor,
  image,
  type Json,
  master,
  napoli,
  of,
  ref,
  rules,
  servers,
  sshKey,
  stackOf,
  worker,
} from '../fixtures/infrastructure';

describe('pitfalls of OpenStack', () => {
  test('1: server groups use soft anti-affinity by default', () => {
    expect(of(stackOf(napoli()), 'compute_servergroup_v2').servers_worker.policies).toEqual(['soft-anti-affinity']);
    const strict = napoli({}, { pools: [master({ spread: 'none' }), worker({ count: 5, keys: undefined, spread: 'hard' })] });
    expect(of(stackOf(strict), 'compute_servergroup_v2')).toMatchObject({
      servers_worker: { policies: ['anti-affinity'] },
    });
    expect(of(stackOf(strict), 'compute_instance_v2')['master-1'].scheduler_hints).toBeUndefined();
    expect(infrastructureWarnings(strict, [])).toMatchObject([
      { code: 'EXCEEDS_HARD_SPREAD', path: 'napoli/pools/worker/spread', fix: expect.stringContaining('-parallelism=1') },
    ]);
    expect(infrastructureWarnings(napoli({}, { pools: [master(), worker({ spread: 'hard', keys: ['1', '2'] })] }), [])).toEqual([]);
  });

  test('2: template characters in user data are escaped', () => {
    expect(verbatim('echo ${HOME} %{x} $${y} $HOME 100% ${')).toBe('echo $${HOME} %%{x} $$${y} $HOME 100% $${');
    const site = napoli();
    const node = site.nodes[1];
    if (!node) throw new Error('no node');
    const { user_data } = of(stackOf(site), 'compute_instance_v2')['worker-1'];
    expect(user_data).toBe(verbatim(cloudInit(site, node)));
    expect(user_data.replace(/\$\$\{|%%\{/g, '')).not.toMatch(/[$%]\{/);
    expect(of(stackOf(site), 'compute_keypair_v2').key_pair.public_key).toMatch(/ ops \$\$\{who\}$/);
  });

  test('3 and 4: all sources and networks are canonical CIDRs', () => {
    const stack = stackOf(bari(), [condor]);
    for (const rule of rules(stack)) expect(rule.remote_ip_prefix).toMatch(/^\d+\.\d+\.\d+\.\d+\/\d+$/);
    expect(of(stack, 'networking_subnet_v2').subnet.cidr).toBe('10.65.0.0/24');
    expect(codes(napoli(), [{ ...condor, from: ['10.9.0.7', '10.9.0.7/24'] }])).toEqual([
      'INVALID_CIDR napoli/exposures/HTCondor collector',
      'INVALID_CIDR napoli/exposures/HTCondor collector',
    ]);
  });

  test('5: there are no duplicate rules, sources are explicit, and egress rules are those of Neutron', () => {
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

  test('6 and 11: a port has a fixed address outside of the allocation pool, and no DNS name', () => {
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

  test('7: volume attachments have no device and are sequential', () => {
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

  test('8: user data over the limit of Nova is an error', () => {
    const huge = bari({ sshKey: `${sshKey} ${'x'.repeat(49_152)}` });
    expect(codes(huge)).toContain('EXCEEDS_USER_DATA bari/cloud/bastion');
    expect(() => terraformJson(huge, [])).toThrow(FacilityError);
    expect(codes(bari({ sshKey: `${sshKey} ${'x'.repeat(20_000)}` }))).toEqual([]);
    const { user_data } = of(stackOf(bari()), 'compute_instance_v2').bastion;
    expect(user_data).toMatch(/^#cloud-config\n/);
  });

  test('9: members of the load balancer have addresses of the model', () => {
    for (const { member } of all(stackOf(bari()), 'lb_members_v2')) {
      for (const { address, subnet_id } of member) {
        expect(address).toMatch(/^10\.65\.0\.\d+$/);
        expect(subnet_id).toBe(ref('networking_subnet_v2.subnet.id'));
      }
    }
  });

  test('10: parts of the load balancer are created sequentially', () => {
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

  test('12: flavors, images and networks are data sources, so that unknown names fail the plan', () => {
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

  test('13: rules for protocols without ports have no port range', () => {
    const calico = napoli({}, { cluster: rke1({ version: '1.27.16', network: 'calico' }) });
    const portless = rules(stackOf(calico)).filter(({ protocol }) => !['tcp', 'udp'].includes(protocol));
    expect(portless.map(({ protocol }) => protocol)).toContain('ipip');
    for (const rule of portless) expect(rule).not.toHaveProperty('port_range_min');
    for (const rule of rules(stackOf(calico)).filter(({ protocol }) => ['tcp', 'udp'].includes(protocol))) {
      expect(rule.port_range_min).toBeGreaterThanOrEqual(1);
      expect(rule.port_range_max).toBeGreaterThanOrEqual(rule.port_range_min);
    }
  });

  test('14: resources that need egress depend on the router interface', () => {
    const routerInterface = 'openstack_networking_router_interface_v2.router_interface';
    const stack = stackOf(bari());
    for (const type of ['compute_instance_v2', 'networking_floatingip_associate_v2', 'lb_loadbalancer_v2']) {
      expect(all(stack, type).length).toBeGreaterThan(0);
      for (const body of all(stack, type)) expect(body.depends_on).toEqual([routerInterface]);
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
  ])('15: the backend of the state is explicit, without local absolute paths (%j)', (state, backend) => {
    expect(stackOf(napoli({ state })).terraform.backend).toEqual(backend);
  });

  test('16: the provider has the version of the bindings, and no configuration', () => {
    const { terraform, provider } = stackOf(napoli());
    expect(terraform.required_providers).toEqual({
      openstack: { source: 'terraform-provider-openstack/openstack', version: '3.4.0' },
    });
    expect(provider).toEqual({ openstack: [{}] });
  });
});
