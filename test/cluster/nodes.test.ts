import { spawnSync } from 'node:child_process';
import { parseAllDocuments } from 'yaml';
import { cloudInit, type PortRule, portRules } from '../../lib/cluster';
import { existingCluster, type NodePool, type Rke1Network, type Rke2Network, type Site } from '../../lib/site';
import { cloud, file, foreign, image, type Json, master, one, pool, read, site, two, worker } from '../fixtures/cluster';
import { sshKey } from '../fixtures/site';

describe('cloud-init', () => {
  const nodes = (given: Site) => given.nodes.map((node) => ({ node, text: cloudInit(given, node) }));
  const userData = (given: Site, index = 0): Json => read(nodes(given)[index]?.text ?? '');
  const written = (given: Site, path: string, index = 0): string | undefined =>
    userData(given, index).write_files.find((it: Json) => it.path === path)?.content;
  const script = (given: Site, index = 0) => written(given, '/usr/local/sbin/analysis-facility-node', index) ?? '';
  const variants: [string, Site][] = [
    ['RKE', one()],
    ['RKE with Calico', one({ network: 'calico' })],
    ['RKE2', two({ privateRegistries: [{ url: 'registry.example.org' }], network: 'cilium' })],
    ['a cluster of somebody else', site(existingCluster({ version: '1.31', apiServers: ['10.0.0.1:6443'] }))],
  ];

  test.each(variants)('%s: a script that bash reads, in user data that Nova takes', (_, given) => {
    for (const [index, { node, text }] of nodes(given).entries()) {
      expect(text.startsWith('#cloud-config\n')).toBe(true);
      expect(Buffer.from(text).toString('base64').length).toBeLessThan(65_535);
      expect(text).toMatch(/^[\x20-\x7e\n]*$/);
      expect(text).not.toMatch(/[$%]\{/);
      expect(parseAllDocuments(text)).toHaveLength(1);
      expect(userData(given, index)).toMatchObject({ hostname: node.name, fqdn: node.name, preserve_hostname: false });
      const { status, stderr } = spawnSync('bash', ['-n'], { input: script(given, index), encoding: 'utf8' });
      expect([status, stderr]).toEqual([0, '']);
    }
  });

  test('one user, with the key of the administrators and no password', () => {
    const { users, groups, ssh_pwauth, disable_root } = userData(one({}, { ssh: { user: 'ops' } }));
    expect(groups).toEqual(['docker']);
    expect(ssh_pwauth).toBe(false);
    expect(disable_root).toBe(true);
    expect(users).toEqual([
      {
        name: 'ops',
        gecos: 'Administrators of the facility',
        groups: ['wheel', 'docker'],
        sudo: 'ALL=(ALL) NOPASSWD:ALL',
        shell: '/bin/bash',
        lock_passwd: true,
        ssh_authorized_keys: [sshKey],
      },
    ]);
    expect(userData(two())).not.toHaveProperty('groups');
    expect(userData(two()).users[0].groups).toEqual(['wheel']);
  });

  test('permissions are text, or YAML would make them octal numbers', () => {
    for (const { permissions } of userData(two()).write_files) expect(permissions).toMatch(/^0[0-7]{3}$/);
  });

  test('the machine is one that pods can live on', () => {
    expect(written(one(), '/etc/modules-load.d/analysis-facility.conf')?.split('\n')).toEqual(
      expect.arrayContaining(['br_netfilter', 'overlay', 'ip_tables', 'iptable_nat', 'xt_comment']),
    );
    expect(written(one(), '/etc/modules-load.d/analysis-facility.conf')).not.toContain('ipip');
    expect(written(one({ network: 'calico' }), '/etc/modules-load.d/analysis-facility.conf')).toContain('\nipip\n');
    expect(written(one(), '/etc/sysctl.d/90-analysis-facility.conf')).toContain('net.bridge.bridge-nf-call-iptables = 1\n');
    expect(written(one(), '/etc/sysctl.d/90-analysis-facility.conf')).toContain('net.ipv4.ip_forward = 1\n');
    expect(written(one(), '/etc/NetworkManager/conf.d/analysis-facility.conf')).toMatch(/cali\*;interface-name:flannel\*/);
    expect(written(one(), '/etc/ssh/sshd_config.d/10-analysis-facility.conf')).toContain('AllowTcpForwarding yes\n');
    expect(script(one())).toMatch(/systemctl mask firewalld\.service nm-cloud-setup\.service nm-cloud-setup\.timer/);
    expect(script(one())).toContain('swapoff --all');
    expect(script(one())).toContain('container-selinux');
    expect(script(one())).not.toMatch(/setenforce|SELINUX=/);
  });

  test('RKE gets a Docker that it accepts, and keeps it', () => {
    expect(script(one())).toContain('docker-ce-26.1.4-1.el9 docker-ce-cli-26.1.4-1.el9');
    expect(script(one())).toContain('dnf versionlock add docker-ce docker-ce-cli containerd.io');
    expect(written(one(), '/etc/yum.repos.d/docker-ce.repo')).toContain('gpgcheck=1');
    expect(JSON.parse(written(one({}, { cloud: cloud({ mtu: 1450 }) }), '/etc/docker/daemon.json') ?? '')).toMatchObject({ mtu: 1450 });
    expect(script(two())).not.toContain('docker');
  });

  test('kubectl of the cluster and a Helm that was checked, on control planes alone', () => {
    expect(script(one())).toContain('kubectl-1.27.16');
    expect(written(one(), '/etc/yum.repos.d/kubernetes.repo')).toContain('https://pkgs.k8s.io/core:/stable:/v1.27/rpm/');
    expect(script(one())).toMatch(/[0-9a-f]{64} {2}\$folder.*\| sha256sum --check/);
    expect(script(one(), 1)).not.toMatch(/kubectl|helm/);
  });

  test('ARM control planes get the Helm of their architecture', () => {
    const arm = two({}, { pools: [pool('master', { roles: ['controlplane', 'etcd', 'worker'], architecture: 'arm64' })] });
    expect(script(arm)).toContain('https://get.helm.sh/helm-v3.17.3-linux-arm64.tar.gz');
    expect(script(arm)).toContain('7944e3defd386c76fd92d9e6fec5c2d65a323f6fadc19bfb5e704e3eee10348e');
    expect(script(arm)).not.toContain('amd64');
  });

  test('RKE2 waits for its token', () => {
    expect(script(two())).toContain('install rke2-server-1.31.9~rke2r1\n');
    expect(script(two(), 1)).toContain('install rke2-agent-1.31.9~rke2r1\n');
    expect(script(two())).not.toMatch(/systemctl (enable|start).*rke2-server/);
    expect(written(two(), '/etc/systemd/system/rke2-token.path')).toContain('PathExists=/etc/rancher/rke2/token\n');
    expect(written(two(), '/etc/systemd/system/rke2-token.service', 1)).toContain('start --no-block rke2-agent.service\n');
    expect(written(two(), '/etc/yum.repos.d/rancher-rke2.repo')).toContain('/rke2/stable/1.31/centos/9/$basearch\n');
  });

  test('RKE2 is configured by the very files beside the manifests', () => {
    const given = two({ network: 'cilium', privateRegistries: [{ url: 'registry.example.org' }] });
    expect(written(given, '/etc/rancher/rke2/config.yaml')).toBe(file(given, 'nodes/napoli-master-1/config.yaml'));
    expect(written(given, '/etc/rancher/rke2/config.yaml', 2)).toBe(file(given, 'nodes/napoli-worker-2/config.yaml'));
    expect(written(given, '/etc/rancher/rke2/registries.yaml')).toBe(file(given, 'registries.yaml'));
    const manifest = '/var/lib/rancher/rke2/server/manifests/rke2-cilium-config.yaml';
    expect(written(given, manifest)).toBe(file(given, 'manifests/rke2-cilium-config.yaml'));
    expect(written(given, manifest, 1)).toBeUndefined();
  });

  test('data volumes are named and left alone', () => {
    const given = one({}, { pools: [master, pool('store', { dataVolumes: [{ name: 'minio', size: '500GiB' }] })] });
    expect(nodes(given)[1]?.text).toContain('# Data volumes (minio)');
    expect(script(given, 1)).not.toMatch(/mkfs|mount/);
  });

  test('a version that cannot be is told as every mistake is', () => {
    const broken = two({ version: 'latest' });
    expect(() => cloudInit(broken, broken.nodes[0] as Site['nodes'][number])).toThrow('UNKNOWN_RKE2_RELEASE');
  });
});

describe('ports', () => {
  const shown = ({ protocol, first, last, from, to }: PortRule) =>
    `${protocol}${first === undefined ? '' : ` ${first}${last === first ? '' : `-${last}`}`} ${from} > ${to}`;
  const rules = (given: Site) => portRules(given).map(shown);
  const machines = ['tcp 22 admins > all', 'tcp 22 nodes > all', 'icmp nodes > all'];
  const ingress = ['tcp 80 world > ingress', 'tcp 443 world > ingress'];
  const rke1Base = [
    ...machines,
    'tcp 6443 nodes > controlplane',
    'tcp 6443 admins > controlplane',
    'tcp 2379-2380 nodes > etcd',
    'tcp 10250 nodes > all',
  ];
  const rke2Base = [
    ...machines,
    'tcp 6443 nodes > controlplane',
    'tcp 6443 admins > controlplane',
    'tcp 9345 nodes > controlplane',
    'tcp 2379-2381 nodes > etcd',
    'tcp 10250 nodes > all',
  ];

  test.each<[Rke1Network, string[]]>([
    ['canal', ['udp 8472 nodes > all', 'tcp 9099 nodes > all']],
    ['flannel', ['udp 8472 nodes > all']],
    ['calico', ['ipip nodes > all', 'tcp 179 nodes > all', 'tcp 9099 nodes > all']],
    ['weave', ['tcp 6783 nodes > all', 'udp 6783-6784 nodes > all']],
    ['none', []],
  ])('RKE with %s', (network, own) => {
    const nginx = ['tcp 8443 nodes > ingress', 'tcp 10254 nodes > ingress'];
    expect(rules(one({ network }))).toEqual([...rke1Base, ...nginx, ...own, ...ingress]);
    expect(rules(one({ network, ingress: 'none' }))).toEqual([...rke1Base, ...own]);
  });

  test.each<[Rke2Network, string[]]>([
    ['canal', ['udp 8472 nodes > all', 'tcp 9099 nodes > all']],
    ['cilium', ['udp 8472 nodes > all', 'tcp 4240 nodes > all']],
    ['calico', ['udp 4789 nodes > all', 'tcp 179 nodes > all', 'tcp 5473 nodes > all', 'tcp 9098-9099 nodes > all']],
    ['flannel', ['udp 4789 nodes > all']],
    ['none', []],
  ])('RKE2 with %s', (network, own) => {
    expect(rules(two({ network }))).toEqual([...rke2Base, ...own, ...ingress]);
    expect(rules(two({ network, ingress: 'none' }))).toEqual([...rke2Base, ...own]);
  });

  test('behind a bastion SSH comes from inside', () => {
    const bastion = cloud({ bastion: { flavor: 'm1.small', image } });
    expect(rules(one({}, { cloud: bastion }))).not.toContain('tcp 22 admins > all');
    expect(rules(one({}, { cloud: bastion }))).toContain('tcp 22 nodes > all');
  });

  test('RKE2 servers of etcd alone are joined too', () => {
    const pools: NodePool[] = [pool('cp', { roles: ['controlplane'] }), pool('etcd', { roles: ['etcd'] }), worker];
    expect(rules(two({}, { pools }))).toEqual(expect.arrayContaining(['tcp 6443 nodes > etcd', 'tcp 9345 nodes > etcd']));
    expect(rules(two())).not.toContain('tcp 9345 nodes > etcd');
  });

  test('NodePorts stay closed, but for load balancers of the cloud', () => {
    const ports = ['tcp 30000-30999 nodes > all', 'udp 30000-30999 nodes > all'];
    expect(rules(two({ nodePorts: '30000-30999' }))).not.toEqual(expect.arrayContaining(ports));
    expect(rules(two({ nodePorts: '30000-30999' }, { cloud: cloud({ cloudController: true }) }))).toEqual(expect.arrayContaining(ports));
  });

  test('the world sees the ingress controller and nothing else', () => {
    for (const given of [one(), two(), one({ network: 'calico' }), foreign()]) {
      const open = portRules(given).filter(({ from }) => from === 'world');
      expect(open.every(({ to, protocol, first }) => to === 'ingress' && protocol === 'tcp' && [80, 443].includes(first ?? 0))).toBe(true);
    }
  });

  test('a machine below a cluster of somebody else is administered, no more', () => {
    expect(rules(foreign())).toEqual(machines);
  });

  test('each rule once, with a word about what it is for', () => {
    for (const given of [one(), two(), one({ network: 'calico' }), two({ network: 'calico' })]) {
      expect(new Set(rules(given)).size).toBe(rules(given).length);
      for (const { purpose } of portRules(given)) expect(purpose).toMatch(/^[\x20-\x7e]{4,100}$/);
    }
  });
});
