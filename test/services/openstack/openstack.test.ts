import { App } from 'cdk8s';
import { type Container, ledgerOf, type PodSpec, type ServiceChart } from '../../../lib/kubernetes';
import { schedulerNodes } from '../../../lib/scheduling';
import { CINDER_DRIVER, CinderCsi, type CinderCsiProps, openstackApis } from '../../../lib/services/cinder-csi';
import { OpenStackCloudController, type OpenStackCloudControllerProps } from '../../../lib/services/openstack-cloud-controller';
import { cinder, defineSite, nodePool, type OpenStackProps, rke2, type SiteProps, secret, storageClass } from '../../../lib/site';
import * as fixture from '../../fixtures/site';
import { object, problems, rendered } from '../../fixtures/workload';

const flavor = { name: 'm1.8c16g', vcpus: 8, memory: '16GiB' } as const;
const master = fixture.master({ roles: ['controlplane', 'etcd'] });
const worker = fixture.worker({ count: 2 });
const gpu = nodePool('gpu', { flavor, image: 'AlmaLinux-9.2', taints: [{ key: 'gpu', value: 'a100', effect: 'NoExecute' }] });

const cloud = (props: Partial<OpenStackProps> = {}) => fixture.cloud({ cloudController: true, ...props });

const siteWith = (props: Partial<SiteProps> = {}) =>
  defineSite('napoli', {
    cluster: rke2({ version: '1.27.16' }),
    cloud: cloud(),
    pools: [master, worker, gpu],
    storage: {
      default: cinder({ volumeType: 'ssd' }),
      classes: [cinder({ name: 'keep', reclaim: 'Retain', availabilityZone: 'nova' }), storageClass('nfs')],
    },
    ...props,
  });

const csi = (props: CinderCsiProps = {}) => new CinderCsi(new App(), 'cinder-csi', { site: siteWith(), ...props });
const ccm = (props: OpenStackCloudControllerProps = {}) => new OpenStackCloudController(new App(), 'occm', { site: siteWith(), ...props });

const pod = (chart: ServiceChart, kind: string): PodSpec => object(chart, kind).spec.template.spec;

function container(chart: ServiceChart, kind: string, name: string): Container {
  const found = pod(chart, kind).containers.find((one) => one.name === name);
  if (!found) throw new Error(`no container ${name}`);
  return found;
}

const mountOf = (one: Container, path: string) => one.volumeMounts?.find(({ mountPath }) => mountPath === path);
const codes = (chart: ServiceChart) => problems(chart).map(({ code }) => code);
const rules = (chart: ServiceChart) =>
  rendered(chart)
    .filter(({ kind }) => /Role$/.test(kind))
    .flatMap((role): { apiGroups: string[]; resources: string[]; verbs: string[]; resourceNames?: string[] }[] => role.rules);

describe('Cinder StorageClasses', () => {
  test('creates StorageClasses only for classes of kind cinder', () => {
    const classes = rendered(csi()).filter(({ kind }) => kind === 'StorageClass');

    expect(classes.map(({ metadata }) => metadata.name)).toEqual(['cinder', 'keep']);
    expect(classes[0]).toMatchObject({
      provisioner: CINDER_DRIVER,
      parameters: { type: 'ssd' },
      reclaimPolicy: 'Delete',
      allowVolumeExpansion: true,
    });
    expect(classes[1]).toMatchObject({
      parameters: { availability: 'nova' },
      reclaimPolicy: 'Retain',
      volumeBindingMode: 'WaitForFirstConsumer',
    });
    expect(classes.map(({ metadata }) => metadata.annotations?.['storageclass.kubernetes.io/is-default-class'])).toEqual([
      'true',
      undefined,
    ]);
  });

  test('cluster-scoped objects have no namespace', () => {
    const clusterScoped = rendered(csi()).filter(({ kind }) => /^(Cluster|Storage|CSI)/.test(kind));

    expect(clusterScoped.map(({ kind }) => kind)).toEqual([
      'CSIDriver',
      'StorageClass',
      'StorageClass',
      'ClusterRole',
      'ClusterRoleBinding',
    ]);
    expect(clusterScoped.map(({ metadata }) => metadata.namespace)).toEqual(clusterScoped.map(() => undefined));
  });

  test('MISSING_CINDER_CLASS: a site without classes of kind cinder', () => {
    const chart = csi({ site: siteWith({ storage: {} }) });

    expect(ledgerOf(chart).problems.warnings).toMatchObject([
      { code: 'MISSING_CINDER_CLASS', fix: 'write storage: { default: cinder() }' },
    ]);
  });

  test('inline volumes are disabled', () => {
    expect(object(csi(), 'CSIDriver')).toMatchObject({ metadata: { name: CINDER_DRIVER }, spec: { volumeLifecycleModes: ['Persistent'] } });
  });

  test('the namespace has the Pod Security level privileged', () => {
    expect(csi().description.podSecurity).toBe('privileged');
    expect(object(csi({ namespace: 'storage' }), 'DaemonSet').metadata.namespace).toBe('storage');
  });
});

describe('node plugin', () => {
  test('runs on all nodes of the site and tolerates all taints', () => {
    const { affinity, tolerations } = pod(csi(), 'DaemonSet');
    const terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;

    expect(terms?.flatMap(({ matchExpressions }) => matchExpressions?.flatMap(({ values }) => values))).toEqual([
      'master',
      'worker',
      'gpu',
    ]);
    expect(tolerations).toEqual([{ operator: 'Exists' }]);
  });

  test('uses network and DNS of the node', () => {
    expect(pod(csi(), 'DaemonSet')).toMatchObject({ hostNetwork: true, dnsPolicy: 'Default', automountServiceAccountToken: false });
  });

  test('mount propagation: Bidirectional for the kubelet directory, HostToContainer for /dev', () => {
    const driver = container(csi(), 'DaemonSet', 'driver');

    expect(mountOf(driver, '/var/lib/kubelet')?.mountPropagation).toBe('Bidirectional');
    expect(mountOf(driver, '/dev')?.mountPropagation).toBe('HostToContainer');
    expect(driver.securityContext).toMatchObject({ privileged: true, readOnlyRootFilesystem: true });
  });

  test('only the driver is privileged', () => {
    const others = pod(csi(), 'DaemonSet').containers.filter(({ name }) => name !== 'driver');

    expect(others.map(({ securityContext }) => securityContext)).toEqual(
      others.map(() => expect.objectContaining({ allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, runAsUser: 0 })),
    );
  });

  test('driver, registrar and kubelet use the same socket path', () => {
    const chart = csi({ kubeletDir: '/var/lib/k0s/kubelet' });
    const socket = `/var/lib/k0s/kubelet/plugins/${CINDER_DRIVER}/csi.sock`;

    expect(container(chart, 'DaemonSet', 'driver').args).toContain(`--endpoint=unix://${socket}`);
    expect(container(chart, 'DaemonSet', 'registrar').args).toEqual(
      expect.arrayContaining([`--csi-address=${socket}`, `--kubelet-registration-path=${socket}`]),
    );
    // A mount inside of the kubelet directory would be propagated to the node and remain there.
    expect(
      container(chart, 'DaemonSet', 'driver').volumeMounts?.filter(({ mountPath }) => mountPath.startsWith('/var/lib/k0s')),
    ).toHaveLength(1);
  });

  test('probes use the loopback address and configurable ports', () => {
    const chart = csi({ healthPort: 10300 });

    expect(container(chart, 'DaemonSet', 'driver')).toMatchObject({
      ports: [{ containerPort: 10300 }],
      livenessProbe: { httpGet: { host: '127.0.0.1', path: '/healthz', port: 'driver' } },
    });
    expect(container(chart, 'DaemonSet', 'liveness-probe').args).toContain('--http-endpoint=127.0.0.1:10300');
    expect(container(chart, 'DaemonSet', 'registrar').args).toContain('--http-endpoint=127.0.0.1:10301');
  });
});

describe('controller', () => {
  test('two replicas on the workers, with leader election', () => {
    const chart = csi();

    expect(object(chart, 'Deployment').spec.replicas).toBe(2);
    expect(object(chart, 'PodDisruptionBudget').spec.maxUnavailable).toBe(1);
    for (const name of ['provisioner', 'attacher', 'resizer']) {
      expect(container(chart, 'Deployment', name).args).toContain('--leader-election=true');
      expect(container(chart, 'Deployment', name).livenessProbe?.httpGet).toEqual({ path: '/healthz/leader-election', port: name });
    }
  });

  test('runs unprivileged, in the pod network', () => {
    const spec = pod(csi(), 'Deployment');

    expect(spec.hostNetwork).toBeUndefined();
    expect(spec.containers.every(({ securityContext }) => securityContext?.runAsNonRoot)).toBe(true);
  });

  test('adds the name of the site to the metadata of volumes', () => {
    expect(container(csi(), 'Deployment', 'driver').args).toContain('--cluster=napoli');
  });

  test('zones: false disables topology', () => {
    expect(container(csi(), 'Deployment', 'provisioner').args).toContain('--feature-gates=Topology=true');
    expect(container(csi({ zones: false }), 'Deployment', 'provisioner').args).toContain('--feature-gates=Topology=false');
  });

  test('roles have no wildcards and no access to Secrets', () => {
    const all = rules(csi());

    expect(codes(csi())).toEqual([]);
    expect(all.flatMap(({ resources }) => resources)).not.toContain('secrets');
    expect(all.flatMap(({ apiGroups, resources, verbs }) => [...apiGroups, ...resources, ...verbs])).not.toContain('*');
  });

  test('INVALID_COUNT: invalid replicas', () => {
    expect(codes(csi({ replicas: 0 }))).toEqual(['INVALID_COUNT']);
    expect(object(csi({ replicas: 1 }), 'Deployment').metadata.annotations).toHaveProperty(['analysis-facility.io/exception.singleton']);
  });
});

describe('flows to the OpenStack APIs', () => {
  const targets = (props: Partial<OpenStackProps>, cidrs?: readonly string[], ports?: readonly number[]) =>
    openstackApis({ cloud: cloud(props) }, cidrs, ports);
  const peers = (props: Partial<OpenStackProps>) => [...new Set(targets(props).map(({ peer }) => JSON.stringify(peer)))];
  const ports = (props: Partial<OpenStackProps>) => targets(props).map(({ port }) => port);

  test('to the IP address in authUrl, or to the Internet for a host name', () => {
    const internet = [JSON.stringify({ kind: 'internet' })];
    expect(peers({})).toEqual(internet);
    expect(peers({ authUrl: 'https://keystone.example.org:5000/v3' })).toEqual(internet);
    expect(peers({ authUrl: 'https://10.1.2.3:5000/v3' })).toEqual([JSON.stringify({ kind: 'addresses', cidrs: ['10.1.2.3/32'] })]);
  });

  test('only to the ports of the APIs', () => {
    expect(ports({})).toEqual([443, 5000, 8774, 8776]);
    expect(ports({ authUrl: 'https://keystone.example.org/v3' })).toEqual([443, 5000, 8774, 8776]);
    expect(ports({ authUrl: 'http://keystone.example.org:35357/v3' })).toEqual([443, 5000, 8774, 8776, 35357]);
    expect(ports({ authUrl: 'http://keystone.example.org/v3' })).toEqual([80, 443, 5000, 8774, 8776]);
    expect(ports({ authUrl: 'https://overcloud.example.org:13000' })).toEqual([13000, 13774, 13776]);
    expect(targets({}, ['10.1.0.0/16'], [443])).toEqual([{ peer: { kind: 'addresses', cidrs: ['10.1.0.0/16'] }, port: 443 }]);
  });

  test('the NetworkPolicy of the controller allows only these ports outside of the cluster', () => {
    const open = (chart: ServiceChart) =>
      object(chart, 'NetworkPolicy')
        .spec.egress.filter(({ to }: { to: { ipBlock?: { cidr: string } }[] }) => to.some(({ ipBlock }) => ipBlock?.cidr === '0.0.0.0/0'))
        .flatMap(({ ports: allowed = [{ port: 'every' }] }: { ports?: { port: number | string }[] }) => allowed.map(({ port }) => port));
    expect(open(csi())).toEqual([443, 5000, 8774, 8776]);
  });

  test('only to openstackCidrs if they are given', () => {
    const chart = csi({ openstackCidrs: ['10.1.0.0/16'] });
    const blocks = object(chart, 'NetworkPolicy').spec.egress.flatMap(({ to }: { to: { ipBlock?: { cidr: string } }[] }) =>
      to.flatMap(({ ipBlock }) => ipBlock?.cidr ?? []),
    );

    expect([...new Set(blocks)].sort()).toEqual(['10.1.0.0/16', '10.64.0.10/32']);
  });

  test.each([0, 65536, 443.5])('INVALID_OPENSTACK_PORT: port %s', (port) => {
    expect(codes(csi({ openstackPorts: [port] }))).toEqual(['INVALID_OPENSTACK_PORT']);
  });

  test('INVALID_CIDR: invalid openstackCidrs', () => {
    expect(codes(csi({ openstackCidrs: ['10.1.2.3/16'] }))).toEqual(['INVALID_CIDR']);
  });
});

describe('cloud controller manager', () => {
  test('runs on control planes and tolerates the taints of uninitialized nodes', () => {
    const { nodeSelector, tolerations, hostNetwork, dnsPolicy } = pod(ccm(), 'DaemonSet');

    expect(nodeSelector).toEqual({ 'analysis-facility.io/pool': 'master' });
    expect(tolerations).toContainEqual({
      key: 'node.cloudprovider.kubernetes.io/uninitialized',
      operator: 'Equal',
      value: 'true',
      effect: 'NoSchedule',
    });
    expect(tolerations).toContainEqual({ key: 'node-role.kubernetes.io/control-plane', operator: 'Exists', effect: 'NoSchedule' });
    expect({ hostNetwork, dnsPolicy }).toEqual({ hostNetwork: true, dnsPolicy: 'Default' });
  });

  test('runs on all nodes of an existing cluster without control plane pools', () => {
    const node = nodePool('node', { flavor, labels: { pool: 'node' } });
    const chart = ccm({ site: fixture.existing({ pools: [node] }) });

    expect(pod(chart, 'DaemonSet').nodeSelector).toEqual({ pool: 'node' });
    expect(ledgerOf(chart).problems.warnings).toEqual([]);
  });

  test('leader election in its own namespace; load balancers have the name of the site', () => {
    const { args } = container(ccm(), 'DaemonSet', 'manager');

    expect(args).toEqual(expect.arrayContaining(['--leader-elect-resource-namespace=occm', '--cluster-name=napoli', '--controllers=*']));
    expect(object(ccm(), 'Role').rules).toEqual([
      { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'create', 'update'] },
    ]);
  });

  test('loadBalancers: false disables the service controller', () => {
    expect(container(ccm({ loadBalancers: false }), 'DaemonSet', 'manager').args).toContain('--controllers=*,-service');
  });

  test('roles have no wildcards and access to only one ConfigMap', () => {
    expect(codes(ccm())).toEqual([]);
    expect(rules(ccm()).filter(({ resources }) => resources.includes('configmaps'))).toEqual([
      expect.objectContaining({ resourceNames: ['extension-apiserver-authentication'] }),
    ]);
  });

  test('MISSING_EXTERNAL_CLOUD_PROVIDER: kubelets without cloud provider external', () => {
    const withoutProvider = ccm({ site: siteWith({ cloud: cloud({ cloudController: false }) }) });
    const external = ccm({
      site: siteWith({ cloud: cloud({ cloudController: false }), cluster: rke2({ version: '1.27.16', cloudProvider: 'external' }) }),
    });

    expect(ledgerOf(withoutProvider).problems.warnings).toMatchObject([
      { code: 'MISSING_EXTERNAL_CLOUD_PROVIDER', fix: 'write openstack({ cloudController: true })' },
    ]);
    expect(ledgerOf(external).problems.warnings).toEqual([]);
    expect(ledgerOf(ccm()).problems.warnings).toEqual([]);
  });
});

describe('volume limit of nodes', () => {
  const reported = (chart: ServiceChart) => {
    const driver = container(chart, 'DaemonSet', 'driver');
    const files = Object.assign(
      {},
      ...rendered(chart)
        .filter(({ kind }) => kind === 'ConfigMap')
        .map(({ data }) => data),
    );
    return [driver.args?.filter((one) => one.startsWith('--cloud-config')), files['limits.conf']];
  };
  const dataVolumes = (count: number) => Array.from({ length: count }, (_, index) => ({ name: `d${index}`, size: '1TiB' as const }));

  test('the driver gets the limit in an additional cloud.conf', () => {
    expect(reported(csi())).toEqual([
      ['--cloud-config=/etc/openstack-limits/limits.conf', '--cloud-config=/etc/openstack/cloud.conf'],
      '[BlockStorage]\nnode-volume-attach-limit = 25\n',
    ]);
  });

  test('data volumes reduce the limit; it is the same for all nodes and in the scheduling checks', () => {
    const site = siteWith({ pools: [master, worker, nodePool('store', { flavor, image: 'AlmaLinux-9.2', dataVolumes: dataVolumes(4) })] });
    expect(reported(csi({ site }))[1]).toBe('[BlockStorage]\nnode-volume-attach-limit = 21\n');
    expect(schedulerNodes(site).map(({ volumeLimits }) => volumeLimits[CINDER_DRIVER])).toEqual([21, 21, 21, 21]);
  });

  test('volumesPerMachine changes the limit', () => {
    const site = siteWith({ cloud: cloud({ volumesPerMachine: 60 }) });
    expect(reported(csi({ site }))[1]).toBe('[BlockStorage]\nnode-volume-attach-limit = 60\n');
    expect(siteWith({ cloud: cloud({ volumesPerMachine: 0 }) }).problems.map(({ code, path }) => `${code} ${path}`)).toEqual([
      'INVALID_COUNT napoli/cloud/volumesPerMachine',
    ]);
  });
});

describe('cloud.conf', () => {
  const needs = (chart: ServiceChart) =>
    ledgerOf(chart).secrets.map(({ namespace, secret: { name, key }, origin }) => ({ namespace, name, key, ...origin }));

  test('is a Secret of the operator in the namespace of each service', () => {
    const what = expect.stringContaining('application credential');

    expect(needs(csi())).toEqual([{ namespace: 'cinder-csi', name: 'cloud-config', key: 'cloud.conf', kind: 'operator', what }]);
    expect(needs(ccm())).toEqual([{ namespace: 'occm', name: 'cloud-config', key: 'cloud.conf', kind: 'operator', what }]);
  });

  test('its description contains auth-url and region of the site', () => {
    const [need] = needs(csi({ site: siteWith({ cloud: cloud({ authUrl: 'https://keystone.example.org/v3' }) }) }));

    expect(need).toMatchObject({ what: expect.stringMatching(/auth-url=https:\/\/keystone\.example\.org\/v3, region=RegionOne/) });
  });

  test('is mounted with the CA certificate in all containers that use OpenStack', () => {
    const props = { cloudConf: secret('os', 'garr.conf'), cloudAuthority: secret('os-ca', 'ca.crt') };
    const containers = [
      container(csi(props), 'Deployment', 'driver'),
      container(csi(props), 'DaemonSet', 'driver'),
      container(ccm(props), 'DaemonSet', 'manager'),
    ];

    for (const client of containers) {
      expect(client.args).toContain('--cloud-config=/etc/openstack/garr.conf');
      expect(client.env).toEqual([{ name: 'SSL_CERT_FILE', value: '/etc/openstack-authority/ca.crt' }]);
      expect(mountOf(client, '/etc/openstack')?.readOnly).toBe(true);
    }
    expect(needs(ccm(props)).map(({ name, key }) => `${name}/${key}`)).toEqual(['os/garr.conf', 'os-ca/ca.crt']);
    expect(container(csi(), 'DaemonSet', 'driver').env).toBeUndefined();
  });
});

test('all props', () => {
  const site = siteWith();
  const all: Required<CinderCsiProps> = {
    site,
    namespace: 'storage',
    on: worker,
    replicas: 3,
    zones: false,
    openstackCidrs: ['10.1.0.0/16'],
    openstackPorts: [443],
    kubeletDir: '/var/lib/kubelet',
    healthPort: 10300,
    nodeMemory: '1GiB',
    cloudConf: secret('os', 'cloud.conf'),
    cloudAuthority: secret('os-ca', 'ca.crt'),
    patch: [{ object: 'DaemonSet/cinder-csi-node', operations: [{ op: 'add', path: '/metadata/labels/team', value: 'cloud' }] }],
  };
  const every: Required<OpenStackCloudControllerProps> = {
    site,
    namespace: 'kube-cloud',
    on: [master, worker],
    clusterName: 'kubernetes',
    loadBalancers: true,
    cloudConf: secret('os', 'cloud.conf'),
    cloudAuthority: secret('os-ca', 'ca.crt'),
    patch: [],
  };

  expect(container(csi(all), 'DaemonSet', 'driver').resources?.limits).toMatchObject({ memory: '1Gi' });
  expect(pod(csi(all), 'Deployment').nodeSelector).toEqual({ 'analysis-facility.io/pool': 'worker' });
  expect(object(csi(all), 'Deployment').spec.replicas).toBe(3);
  expect(container(ccm(every), 'DaemonSet', 'manager').args).toContain('--cluster-name=kubernetes');
  expect(codes(csi(all))).toEqual([]);
  expect(codes(ccm(every))).toEqual([]);
});
