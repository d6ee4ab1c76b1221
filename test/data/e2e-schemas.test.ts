import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from '../e2e/schemas/finding';
import { type ProviderSchema, readProviderSchema } from '../e2e/schemas/provider-schema';
import { checkCluster, readClusterSchema } from '../e2e/schemas/rke';
import { interpolations, isWholeReference, traversals } from '../e2e/schemas/template';
import { checkStack } from '../e2e/schemas/terraform';

const root = join(__dirname, '../..');
const data = join(root, '../shared/data');
const provider = readProviderSchema(join(data, 'openstack-provider-schema.json'));

type Json = any;

/** A small valid stack, in the format of cdktf. */
const validStack = (): Json => ({
  '//': { metadata: { backend: 'local', stackName: 'farm', version: '0.21.0' } },
  terraform: {
    backend: { local: { path: 'terraform.tfstate' } },
    required_providers: { openstack: { source: 'terraform-provider-openstack/openstack', version: '~> 3.4' } },
  },
  provider: { openstack: [{ region: 'RegionOne' }] },
  data: { openstack_images_image_v2: { image: { name: 'AlmaLinux-9.2', most_recent: true } } },
  resource: {
    openstack_networking_network_v2: {
      net: { '//': { metadata: { path: 'farm/net' } }, name: 'farm', admin_state_up: true },
    },
    openstack_networking_port_v2: {
      'worker-1': {
        network_id: '${openstack_networking_network_v2.net.id}',
        fixed_ip: [{ ip_address: '10.64.0.20' }],
        tags: ['a'],
      },
    },
    openstack_compute_instance_v2: {
      'worker-1': {
        depends_on: ['openstack_networking_network_v2.net', 'data.openstack_images_image_v2.image'],
        lifecycle: { ignore_changes: ['user_data', 'image_id'] },
        name: 'worker-1',
        image_id: '${data.openstack_images_image_v2.image.id}',
        network: [{ port: '${openstack_networking_port_v2.worker-1.id}' }],
        metadata: { role: 'worker' },
        power_state: null,
        timeouts: { create: '30m' },
        user_data: '#!/bin/sh\necho "$${HOME}" %%{x} $HOME\n',
      },
    },
    openstack_lb_monitor_v2: {
      https: { pool_id: 'p', type: 'HTTP', delay: 10, timeout: 5, max_retries: 3, url_path: '/healthz' },
    },
  },
  output: { address: { value: '${openstack_networking_port_v2.worker-1.fixed_ip[0].ip_address}' } },
});

const check = (stack: Json, schema: ProviderSchema = provider): readonly Finding[] => checkStack(stack, schema, root).findings;
const codes = (findings: readonly Finding[]) => findings.map(({ code, path }) => `${code} ${path}`);

const worker = 'resource.openstack_compute_instance_v2.worker-1';
const port = 'resource.openstack_networking_port_v2.worker-1';
const vm = (stack: Json) => stack.resource.openstack_compute_instance_v2['worker-1'];
const nic = (stack: Json) => stack.resource.openstack_networking_port_v2['worker-1'];
const net = (stack: Json) => stack.resource.openstack_networking_network_v2.net;

test('a valid stack has no findings, and its elements are counted', () => {
  expect(checkStack(validStack(), provider, root)).toEqual({ findings: [], resources: 5, attributes: 20, references: 6 });
});

const errors: [title: string, change: (stack: Json) => unknown, finding: string][] = [
  [
    'a resource type that does not exist',
    (s) => (s.resource.openstack_compute_instance_v3 = { a: {} }),
    'unknown-type resource.openstack_compute_instance_v3.a',
  ],
  ['a data source that does not exist', (s) => (s.data.openstack_images_v2 = { a: {} }), 'unknown-type data.openstack_images_v2.a'],
  ['an unknown attribute', (s) => (vm(s).flavour_name = 'm1'), `unknown-attribute ${worker}.flavour_name`],
  ['an unknown attribute in a block', (s) => (nic(s).fixed_ip[0].address = 'x'), `unknown-attribute ${port}.fixed_ip[0].address`],
  [
    'an unknown attribute of a data source',
    (s) => (s.data.openstack_images_image_v2.image.nam = 'x'),
    'unknown-attribute data.openstack_images_image_v2.image.nam',
  ],
  ['an unknown attribute of the provider', (s) => (s.provider.openstack[0].zone = 'x'), 'unknown-attribute provider.openstack[0].zone'],
  [
    'an unknown attribute in ignore_changes',
    (s) => vm(s).lifecycle.ignore_changes.push('userdata'),
    `unknown-attribute ${worker}.lifecycle.ignore_changes[2]`,
  ],
  [
    'a string for a bool',
    (s) => (net(s).admin_state_up = 'true'),
    'wrong-type resource.openstack_networking_network_v2.net.admin_state_up',
  ],
  [
    'a reference with other text for a number',
    (s) => (net(s).mtu = '1${openstack_networking_network_v2.net.mtu}'),
    'wrong-type resource.openstack_networking_network_v2.net.mtu',
  ],
  ['a string for a set', (s) => (nic(s).tags = 'a'), `wrong-type ${port}.tags`],
  ['a number in a set of strings', (s) => (nic(s).tags = ['a', 1]), `wrong-type ${port}.tags[1]`],
  ['a number in a map of strings', (s) => (vm(s).metadata.role = 1), `wrong-type ${worker}.metadata.role`],
  ['a list for a map', (s) => (vm(s).metadata = []), `wrong-type ${worker}.metadata`],
  ['a missing attribute', (s) => delete vm(s).name, `missing-attribute ${worker}.name`],
  ['a required attribute that is null', (s) => (vm(s).name = null), `missing-attribute ${worker}.name`],
  ['a missing attribute in a block', (s) => (vm(s).personality = { file: 'a' }), `missing-attribute ${worker}.personality.content`],
  ['a read-only attribute', (s) => (vm(s).created = 'now'), `read-only-attribute ${worker}.created`],
  ['a string for a block', (s) => (vm(s).network = 'net'), `block-shape ${worker}.network`],
  ['a list of strings for a block', (s) => (vm(s).network = ['net']), `block-shape ${worker}.network`],
  ['two blocks where one is allowed', (s) => (vm(s).timeouts = [{}, {}]), `block-count ${worker}.timeouts`],
  ['more blocks than max_items', (s) => (nic(s).binding = [{}, {}]), `block-count ${port}.binding`],
  [
    'a reference to a missing resource',
    (s) => (vm(s).key_pair = '${openstack_compute_keypair_v2.key.name}'),
    `unknown-reference ${worker}.key_pair`,
  ],
  [
    'a reference to a missing attribute',
    (s) => (nic(s).network_id = '${openstack_networking_network_v2.net.uuid}'),
    `unknown-reference ${port}.network_id`,
  ],
  [
    'a reference to a missing attribute of a block',
    (s) => (s.output.address.value = '${openstack_networking_port_v2.worker-1.fixed_ip[0].ip}'),
    'unknown-reference output.address.value',
  ],
  [
    'a reference to a missing data source',
    (s) => (vm(s).image_id = '${data.openstack_images_image_v2.other.id}'),
    `unknown-reference ${worker}.image_id`,
  ],
  [
    'a reference to a missing attribute of a data source',
    (s) => (vm(s).image_id = '${data.openstack_images_image_v2.image.uuid}'),
    `unknown-reference ${worker}.image_id`,
  ],
  [
    'a reference inside a function call',
    (s) => (vm(s).name = 'n-${join("-", [openstack_networking_port_v2.gone.id])}'),
    `unknown-reference ${worker}.name`,
  ],
  ['a missing variable', (s) => (vm(s).name = '${var.name}'), `unknown-reference ${worker}.name`],
  ['a missing dependency', (s) => vm(s).depends_on.push('openstack_networking_router_v2.r'), `unknown-reference ${worker}.depends_on[2]`],
  ['a provider that is not configured', (s) => (vm(s).provider = 'openstack.other'), `provider-reference ${worker}.provider`],
  [
    'a provider of another source',
    (s) => (s.terraform.required_providers.openstack.source = 'a/b'),
    'provider-source terraform.required_providers.openstack.source',
  ],
  ['no backend', (s) => delete s.terraform.backend, 'backend terraform.backend'],
  ['an absolute path', (s) => (s.terraform.backend.local.path = '/var/state'), 'absolute-path terraform.backend.local.path'],
  ['an absolute path in an expression', (s) => (vm(s).name = '${file("/etc/hostname")}'), `absolute-path ${worker}.name`],
  ['the folder of the project in user data', (s) => (vm(s).user_data = `cat ${root}/key`), `absolute-path ${worker}.user_data`],
  [
    'a shell variable that Terraform would evaluate',
    (s) => (vm(s).user_data = 'echo "${HOME}"'),
    `user-data-interpolation ${worker}.user_data`,
  ],
  [
    'a reference in user data',
    (s) => (vm(s).user_data = 'a ${openstack_networking_network_v2.net.id}'),
    `user-data-interpolation ${worker}.user_data`,
  ],
  ['user data over the limit of Nova', (s) => (vm(s).user_data = '#'.repeat(49_152)), `user-data-size ${worker}.user_data`],
  ['a directive', (s) => (vm(s).name = '%{ if true }a%{ endif }'), `template ${worker}.name`],
  ['an unclosed brace', (s) => (vm(s).name = 'a${b'), `template ${worker}.name`],
  ['an unknown section', (s) => (s.resources = {}), 'unknown-section resources'],
];

test.each(errors)('finds %s', (_, change, finding) => {
  const stack = validStack();
  change(stack);

  expect(codes(check(stack))).toContain(finding);
});

test('the message shows how to escape a template directive in user data', () => {
  const stack = validStack();
  vm(stack).user_data = 'date +%{x}';

  expect(check(stack)[0]?.message).toContain('write %%{');
});

test('min_items and max_items of blocks are checked', () => {
  const block = {
    block: { block_types: { disk: { nesting_mode: 'list', min_items: 1, max_items: 2, block: {} } } },
  } as const;
  const schema = { ...provider, resources: { openstack_vm: block } };
  const vmWith = (body: Json) => codes(check({ ...validStack(), data: {}, output: {}, resource: { openstack_vm: { a: body } } }, schema));

  expect(vmWith({})).toEqual(['block-count resource.openstack_vm.a.disk']);
  expect(vmWith({ disk: [] })).toEqual(['block-count resource.openstack_vm.a.disk']);
  expect(vmWith({ disk: {} })).toEqual([]);
  expect(vmWith({ disk: [{}, {}] })).toEqual([]);
  expect(vmWith({ disk: [{}, {}, {}] })).toEqual(['block-count resource.openstack_vm.a.disk']);
});

test('a whole reference is valid for any type', () => {
  const stack = validStack();
  net(stack).mtu = '${openstack_networking_network_v2.net.mtu}';
  nic(stack).tags = '${openstack_networking_network_v2.net.tags}';

  expect(check(stack)).toEqual([]);
});

describe('templates', () => {
  test('escapes are no templates, and braces in quotes do not close one', () => {
    expect(interpolations('$${a} %%{b} ${c("}")} %{d}').map(({ kind, expression }) => kind + expression)).toEqual(['$c("}")', '%d']);
  });

  test.each([
    ['${a.b}', true],
    ['${a["${b.c}"].d}', true],
    ['${a.b}${c.d}', false],
    [' ${a.b}', false],
    ['$${a.b}', false],
    ['a', false],
  ])('%s is a whole reference: %s', (text, whole) => {
    expect(isWholeReference(text)).toBe(whole);
  });

  test('references are found with their attributes, also within indexes and quotes', () => {
    expect(traversals('join(",", a_b.c-1[0].d, x[y.z].*.w, "n-${q.r}", 1.5, "s.t")')).toEqual([
      { root: 'a_b', steps: ['c-1', 'd'] },
      { root: 'x', steps: ['w'] },
      { root: 'y', steps: ['z'] },
      { root: 'q', steps: ['r'] },
    ]);
  });
});

describe('cluster.yml', () => {
  const validate = readClusterSchema(join(data, 'rke-cluster.schema.json'));
  const node = '- { address: 10.64.0.10, user: almalinux, role: [controlplane, etcd] }';
  const found = (text: string) => codes(checkCluster(text, validate).findings);

  test('a valid file has no findings', () => {
    expect(checkCluster(`nodes:\n${node}\nnetwork:\n  plugin: canal\n`, validate)).toEqual({ findings: [], nodes: 1 });
  });

  test.each([
    ['an unknown key', `nodes:\n${node}\nnetwerk: {}\n`, 'cluster-schema /'],
    ['a wrong type', `nodes:\n${node}\ncluster_name: 5\n`, 'cluster-schema /cluster_name'],
    ['a string that is a boolean in YAML 1.1', `nodes:\n${node}\ncluster_name: on\n`, 'cluster-schema /cluster_name'],
    ['no nodes', 'nodes: []\n', 'cluster-node-count /nodes'],
    ['an empty file', '', 'cluster-node-count /nodes'],
    ['a duplicate key', `nodes:\n${node}\nnodes: []\n`, 'cluster-yaml /'],
  ])('finds %s', (_, text, finding) => {
    expect(found(text)).toContain(finding);
  });

  test('the message contains the unknown key', () => {
    expect(checkCluster(`nodes:\n${node}\nnetwerk: {}\n`, validate).findings[0]?.message).toContain('"netwerk"');
  });
});

test('the schema files have the expected content', () => {
  expect(provider.source).toBe('terraform-provider-openstack/openstack');
  expect(() => readProviderSchema(join(data, 'rke-cluster.schema.json'))).toThrow(/must describe one provider/);
  expect(readFileSync(join(data, 'rke-cluster.schema.json'), 'utf8')).toContain('2020-12');
});
