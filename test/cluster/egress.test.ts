import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cloudInit, clusterFiles, clusterWarnings } from '../../lib/cluster';
import { type Egress, existingCluster, type PrivateRegistry, type Site, type SiteProps } from '../../lib/site';
import { CERTIFICATE } from '../fixtures/certificate';
import { codes, file, type Json, read, rke1Site, rke2Site, site as siteOf } from '../fixtures/cluster';

const proxy = { http: 'http://proxy.example.org:3128', noProxy: ['.example.org'] };
const mirrors = {
  enterpriseLinux: 'https://mirror.example.org/almalinux/',
  docker: 'https://mirror.example.org/docker',
  rke2: 'https://mirror.example.org/rke2',
  kubernetes: 'https://mirror.example.org/kubernetes',
  helm: 'https://mirror.example.org/helm',
};
const withEgress = (egress: Egress): Partial<SiteProps> => ({ egress });
const userData = (given: Site, index = 0): Json => read(cloudInit(given, given.nodes[index] as Site['nodes'][number]));
const written = (given: Site, path: string, index = 0): string | undefined =>
  userData(given, index).write_files.find((it: Json) => it.path === path)?.content;
const script = (given: Site, index = 0) => written(given, '/usr/local/sbin/analysis-facility-node', index) ?? '';

const DIRECT =
  'localhost,127.0.0.0/8,169.254.169.254,.svc,.cluster.local,10.64.0.0/24,10.42.0.0/16,10.43.0.0/16,198.51.100.10,.example.org';

describe('proxy', () => {
  test('is configured for curl, dnf and Docker of an RKE node, with the ranges of the site in NO_PROXY', () => {
    const given = rke1Site({}, withEgress({ proxy }));
    expect(written(given, '/etc/profile.d/analysis-facility-proxy.sh')?.split('\n')).toEqual([
      "export HTTP_PROXY='http://proxy.example.org:3128'",
      "export http_proxy='http://proxy.example.org:3128'",
      "export HTTPS_PROXY='http://proxy.example.org:3128'",
      "export https_proxy='http://proxy.example.org:3128'",
      `export NO_PROXY='${DIRECT}'`,
      `export no_proxy='${DIRECT}'`,
      '',
    ]);
    expect(JSON.parse(written(given, '/etc/docker/daemon.json') ?? '').proxies).toEqual({
      'http-proxy': 'http://proxy.example.org:3128',
      'https-proxy': 'http://proxy.example.org:3128',
      'no-proxy': DIRECT,
    });
    expect(script(given).indexOf('. /etc/profile.d/analysis-facility-proxy.sh')).toBeLessThan(
      script(given).indexOf('dnf --assumeyes install'),
    );
  });

  test('is in the environment of RKE2 servers and agents, and in the cluster configuration', () => {
    const given = rke2Site({}, withEgress({ proxy: { ...proxy, https: 'http://proxy.example.org:3129' } }));
    const text = `HTTP_PROXY=http://proxy.example.org:3128\nHTTPS_PROXY=http://proxy.example.org:3129\nNO_PROXY=${DIRECT}\n`;
    expect(written(given, '/etc/default/rke2-server')).toBe(text);
    expect(written(given, '/etc/default/rke2-agent', 1)).toBe(text);
    expect(written(given, '/etc/default/rke2-agent')).toBeUndefined();
    expect(file(given, 'proxy.env')).toBe(text);
  });

  test('is not used for mirrors and registries', () => {
    const given = rke2Site(
      { privateRegistries: [{ url: 'harbor.example.net:5000' }] },
      withEgress({ proxy: { http: proxy.http }, mirrors }),
    );
    expect(written(given, '/etc/default/rke2-server')).toContain(',harbor.example.net,mirror.example.org\n');
    expect(written(given, '/etc/yum.repos.d/rancher-rke2.repo')).toContain('\nproxy=_none_\n');
    expect(written(rke2Site({}, withEgress({ proxy })), '/etc/yum.repos.d/rancher-rke2.repo')).not.toContain('proxy=');
  });

  test('is added to dnf.conf only once, even if the script runs again', () => {
    const folder = mkdtempSync(join(tmpdir(), 'dnf-'));
    try {
      const conf = join(folder, 'dnf.conf');
      writeFileSync(conf, '[main]\ngpgcheck=1\nproxy=http://old.example.org\n');
      const lines = script(rke1Site({}, withEgress({ proxy })))
        .split('\n')
        .filter((line) => line.endsWith('/etc/dnf/dnf.conf'));
      expect(lines).toHaveLength(2);
      for (const line of [...lines, ...lines]) spawnSync('bash', ['-c', line.replace('/etc/dnf/dnf.conf', conf)]);
      expect(readFileSync(conf, 'utf8')).toBe('[main]\nproxy=http://proxy.example.org:3128\ngpgcheck=1\n');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('package mirrors', () => {
  test('replace the upstream URLs, including those of GPG keys', () => {
    const rke = rke1Site({}, withEgress({ mirrors }));
    expect(written(rke, '/etc/yum.repos.d/docker-ce.repo')).toContain(
      'baseurl=https://mirror.example.org/docker/linux/centos/9/$basearch/stable\n',
    );
    expect(written(rke, '/etc/yum.repos.d/docker-ce.repo')).toContain('gpgkey=https://mirror.example.org/docker/linux/centos/gpg\n');
    expect(written(rke, '/etc/yum.repos.d/kubernetes.repo')).toContain(
      'baseurl=https://mirror.example.org/kubernetes/core:/stable:/v1.27/rpm/\n',
    );
    expect(script(rke)).toContain('https://mirror.example.org/helm/helm-v3.17.3-linux-amd64.tar.gz');
    const rke2 = rke2Site({}, withEgress({ mirrors }));
    expect(written(rke2, '/etc/yum.repos.d/rancher-rke2.repo')).toContain(
      'baseurl=https://mirror.example.org/rke2/rke2/stable/1.31/centos/9/$basearch\n',
    );
    expect(written(rke2, '/etc/yum.repos.d/rancher-rke2.repo')).toContain('gpgkey=https://mirror.example.org/rke2/public.key\n');
    for (const given of [rke, rke2])
      expect(cloudInit(given, given.nodes[0] as never)).not.toMatch(/download\.docker\.com|rpm\.rancher\.io|pkgs\.k8s\.io|get\.helm\.sh/);
  });

  const repositories: readonly (readonly [string, string, string])[] = [
    [
      'almalinux-baseos.repo',
      '[baseos]\nmirrorlist=https://mirrors.almalinux.org/mirrorlist/$releasever/baseos\n# baseurl=https://repo.almalinux.org/almalinux/$releasever/BaseOS/$basearch/os/\ngpgkey=file:///etc/pki/rpm-gpg/RPM-GPG-KEY-AlmaLinux-9\n',
      '[baseos]\n#mirrorlist=https://mirrors.almalinux.org/mirrorlist/$releasever/baseos\nbaseurl=https://mirror.example.org/almalinux/$releasever/BaseOS/$basearch/os/\nproxy=_none_\ngpgkey=file:///etc/pki/rpm-gpg/RPM-GPG-KEY-AlmaLinux-9\n',
    ],
    [
      'rocky.repo',
      '[baseos]\nmirrorlist=https://mirrors.rockylinux.org/mirrorlist?arch=$basearch&repo=BaseOS-$releasever\n#baseurl=http://dl.rockylinux.org/$contentdir/$releasever/BaseOS/$basearch/os/\n',
      '[baseos]\n#mirrorlist=https://mirrors.rockylinux.org/mirrorlist?arch=$basearch&repo=BaseOS-$releasever\nbaseurl=https://mirror.example.org/almalinux/$releasever/BaseOS/$basearch/os/\nproxy=_none_\n',
    ],
  ];
  test.each(repositories)('%s of the image uses the mirror, also if the script runs twice', (name, before, after) => {
    const folder = mkdtempSync(join(tmpdir(), 'yum-'));
    try {
      writeFileSync(join(folder, name), before);
      const text = script(rke1Site({}, withEgress({ proxy, mirrors })));
      const loop = text.slice(text.indexOf('for file in /etc/yum.repos.d'), text.indexOf('done\n', text.indexOf('for file in')) + 5);
      for (let times = 0; times < 2; times++) {
        const { status, stderr } = spawnSync('bash', ['-euo', 'pipefail', '-c', loop.replaceAll('/etc/yum.repos.d', folder)], {
          encoding: 'utf8',
        });
        expect([status, stderr]).toEqual([0, '']);
        if (times === 0) expect(readFileSync(join(folder, name), 'utf8')).toBe(after);
      }
      expect(readFileSync(join(folder, name), 'utf8')).toBe(after);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('private CAs', () => {
  const given = rke1Site({}, withEgress({ authorities: [CERTIFICATE, `${CERTIFICATE}${CERTIFICATE}`] }));

  test('are added to the trust store of the node before the first download', () => {
    const anchors = [1, 2, 3].map((number) => written(given, `/etc/pki/ca-trust/source/anchors/analysis-facility-${number}.crt`));
    expect(anchors).toEqual([CERTIFICATE, CERTIFICATE, CERTIFICATE]);
    const text = script(given);
    expect(text.indexOf('update-ca-trust extract')).toBeGreaterThan(0);
    expect(text.indexOf('update-ca-trust extract')).toBeLessThan(text.indexOf('dnf --assumeyes install'));
  });

  test('are configured for the etcd snapshots of RKE, which a container uploads', () => {
    const s3 = { endpoint: 's3.example.org', bucket: 'etcd' };
    const snapshots = rke1Site({ etcdSnapshots: { s3 } }, withEgress({ authorities: [CERTIFICATE] }));
    expect(read(file(snapshots, 'cluster.yml')).services.etcd.backup_config.s3backupconfig.custom_ca).toBe(CERTIFICATE);
  });
});

test('without egress, nodes have no proxy, CA or mirror', () => {
  const text = cloudInit(rke1Site(), rke1Site().nodes[0] as never);
  expect(text).not.toMatch(/proxy|anchors|mirrorlist/i);
  expect(clusterFiles(rke2Site()).map(({ path }) => path)).not.toContain('proxy.env');
});

test.each([
  ['RKE', rke1Site({}, withEgress({ proxy, mirrors, authorities: [CERTIFICATE] }))],
  [
    'RKE2',
    rke2Site(
      { privateRegistries: [{ url: 'harbor.example.org', login: true }] },
      withEgress({ proxy, mirrors, authorities: [CERTIFICATE] }),
    ),
  ],
  ['an existing cluster', siteOf(existingCluster({ version: '1.31', apiServers: ['10.0.0.1:6443'] }), withEgress({ proxy, mirrors }))],
])('%s: the script is valid bash, and the user data is within the size limit of Nova', (_, given) => {
  for (const [index, node] of given.nodes.entries()) {
    expect(Buffer.from(cloudInit(given, node)).toString('base64').length).toBeLessThan(65_535);
    const { status, stderr } = spawnSync('bash', ['-n'], { input: script(given, index), encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
  }
});

describe('private registries', () => {
  const registries = (...list: readonly PrivateRegistry[]) => ({ privateRegistries: list });
  const harbor = 'harbor.example.org';

  test('RKE2 mirrors registries, with a rewrite for the project', () => {
    const given = rke2Site(registries({ url: harbor, mirrors: { 'docker.io': '', 'quay.io': 'quay', 'ghcr.io': 'proxies/ghcr' } }));
    expect(read(file(given, 'registries.yaml'))).toEqual({
      mirrors: {
        'docker.io': { endpoint: ['https://harbor.example.org'] },
        'quay.io': { endpoint: ['https://harbor.example.org'], rewrite: { '^(.*)$': 'quay/$1' } },
        'ghcr.io': { endpoint: ['https://harbor.example.org'], rewrite: { '^(.*)$': 'proxies/ghcr/$1' } },
        'harbor.example.org': { endpoint: ['https://harbor.example.org'] },
      },
    });
    expect(codes(given)).toEqual([]);
  });

  test('RKE2 merges mirrors and logins when it starts, and waits for the token and the logins', () => {
    const given = rke2Site(registries({ url: harbor, login: true }));
    expect(written(given, '/etc/rancher/rke2/registries.yaml')).toBeUndefined();
    expect(written(given, '/etc/rancher/rke2/registries-mirrors.yaml')).toBe(file(given, 'registries.yaml'));
    expect(written(given, '/etc/systemd/system/rke2-server.service.d/registries.conf')).toBe(
      '[Service]\nExecStartPre=/usr/local/sbin/analysis-facility-registries\n',
    );
    expect(written(given, '/etc/systemd/system/rke2-agent.service.d/registries.conf', 1)).toBeDefined();
    expect(written(given, '/etc/systemd/system/rke2-token.service')).toContain(
      "'until [ -s /etc/rancher/rke2/token ] && [ -s /etc/rancher/rke2/registries-login.yaml ]; do sleep 1; done'",
    );
    expect(file(given, 'registries.yaml')).toContain('# on each node, not in Git.');
    expect(written(rke2Site(registries({ url: harbor })), '/etc/systemd/system/rke2-token.service')).not.toContain('registries');
  });

  test('the script merges mirrors and logins into registries.yaml', () => {
    const given = rke2Site(registries({ url: harbor, login: true }));
    const folder = mkdtempSync(join(tmpdir(), 'rke2-'));
    try {
      writeFileSync(join(folder, 'registries-mirrors.yaml'), written(given, '/etc/rancher/rke2/registries-mirrors.yaml') ?? '');
      const merge = (written(given, '/usr/local/sbin/analysis-facility-registries') ?? '').replaceAll('/etc/rancher/rke2', folder);
      expect(spawnSync('bash', ['-c', merge]).status).not.toBe(0);
      writeFileSync(join(folder, 'registries-login.yaml'), `configs:\n  ${harbor}:\n    auth: { username: puller, password: abc }\n`);
      expect(spawnSync('bash', ['-c', merge]).status).toBe(0);
      expect(read(readFileSync(join(folder, 'registries.yaml'), 'utf8'))).toEqual({
        mirrors: { 'docker.io': { endpoint: [`https://${harbor}`] }, [harbor]: { endpoint: [`https://${harbor}`] } },
        configs: { [harbor]: { auth: { username: 'puller', password: 'abc' } } },
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('Docker of RKE uses a mirror of Docker Hub, unless it requires a login', () => {
    const daemon = (...list: readonly PrivateRegistry[]) =>
      JSON.parse(written(rke1Site(registries(...list)), '/etc/docker/daemon.json') ?? '');
    expect(daemon({ url: harbor })['registry-mirrors']).toEqual([`https://${harbor}`]);
    expect(daemon({ url: harbor, login: true })).not.toHaveProperty('registry-mirrors');
    expect(daemon({ url: harbor, isDefault: false })).not.toHaveProperty('registry-mirrors');
  });

  test('cluster.yml explains how to add the login of each registry that requires one', () => {
    const text = file(
      rke1Site(registries({ url: harbor, login: true }, { url: 'other.example.org', isDefault: false, login: true })),
      'cluster.yml',
    );
    expect(text).toContain('(.private_registries[] | select(.url == "harbor.example.org")) += {"user": strenv(REGISTRY_1_USER)');
    expect(text).toContain('"password": strenv(REGISTRY_2_PASSWORD)');
    expect(file(rke1Site(registries({ url: harbor })), 'cluster.yml')).not.toContain('strenv');
  });

  test.each<[string, string, Site]>([
    ['a path as the name of a registry', 'INVALID_REGISTRY_MIRROR', rke2Site(registries({ url: harbor, mirrors: { 'quay.io/org': '' } }))],
    ['a project with upper case', 'INVALID_REGISTRY_MIRROR', rke2Site(registries({ url: harbor, mirrors: { 'quay.io': 'Quay' } }))],
    [
      'a mirror of a registry other than Docker Hub with Docker',
      'UNSUPPORTED_REGISTRY_MIRROR',
      rke1Site(registries({ url: harbor, mirrors: { 'quay.io': '' } })),
    ],
    [
      'a mirror with a project with Docker',
      'UNSUPPORTED_REGISTRY_MIRROR',
      rke1Site(registries({ url: harbor, mirrors: { 'docker.io': 'hub' } })),
    ],
    [
      'two mirrors of the same registry',
      'DUPLICATE_REGISTRY_MIRROR',
      rke2Site(registries({ url: harbor }, { url: 'other.example.org', isDefault: false, mirrors: { 'docker.io': '' } })),
    ],
  ])('%s is an error', (_, code, given) => {
    expect(codes(given)).toEqual([`${code} napoli/cluster/privateRegistries`]);
    expect(clusterWarnings(given).map((one) => one.code)).not.toContain(code);
  });
});
