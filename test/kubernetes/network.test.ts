import fc from 'fast-check';
import {
  Deployment,
  declareFlow,
  Ingress,
  type IngressProps,
  ledgerOf,
  policySpec,
  SpawnedPods,
  type Workload,
  type WorkloadProps,
} from '../../lib/kubernetes';
import { containsCidr, type ExistingClusterProps, NOT_PUBLIC } from '../../lib/site';
import { mayConnect, type Party } from '../fixtures/network';
import { briefly, existing, master, nodes, only, provisioned, worker } from '../fixtures/site';
import { Bench, basic, object, one, problems, rendered } from '../fixtures/workload';

describe('Services', () => {
  const kindsOf = (props: Partial<WorkloadProps>) =>
    rendered(new Bench((bench) => void new Deployment(bench, 'part', { ...basic, ...props }))).map(({ kind }) => kind);

  test('are created for workloads with ports, unless disabled', () => {
    expect(kindsOf({})).toContain('Service');
    expect(kindsOf({ service: 'none' })).not.toContain('Service');
    expect(kindsOf({ containers: { main: one } })).not.toContain('Service');
  });

  test('a headless Service has the ports of the pods', () => {
    const chart = new Bench((bench) => void new Deployment(bench, 'part', { ...basic, service: 'headless', servicePorts: { http: 80 } }));
    expect(object(chart, 'Service').spec).toMatchObject({ clusterIP: 'None', ports: [{ port: 8080, targetPort: 'http' }] });
  });

  test('one port is the container port, the port of the Service and the target of a flow', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 65_535 }), fc.constantFrom('TCP' as const, 'UDP' as const), (port, protocol) => {
        let made: Workload | undefined;
        const chart = new Bench((bench) => {
          made = new Deployment(bench, 'part', { on: nodes, containers: { main: { ...one, ports: { it: { port, protocol } } } } });
          made.mayBeReachedBy({ kind: 'internet' }, 'it');
        });
        expect(object(chart, 'Deployment').spec.template.spec.containers[0].ports).toEqual([{ name: 'it', containerPort: port, protocol }]);
        expect(object(chart, 'Service').spec.ports).toEqual([{ name: 'it', port, targetPort: 'it', protocol }]);
        expect(object(chart, 'NetworkPolicy').spec.ingress[0].ports).toEqual([{ port, protocol }]);
        expect(made?.port('it')).toMatchObject({ port, protocol });
      }),
      { numRuns: 20 },
    );
  });
});

describe('flows', () => {
  const party = (name: string, namespace = 'bench'): Party => ({
    name,
    namespace,
    labels: { 'app.kubernetes.io/instance': name, other: 'label' },
  });
  const outside = (address: string): Party => ({ name: address, address });

  test('a declared flow opens one port in one direction, in the policies of both ends', () => {
    const chart = new Bench((bench) => {
      const server = new Deployment(bench, 'server', { ...basic, containers: { main: { ...one, ports: { http: 8080, admin: 9090 } } } });
      new Deployment(bench, 'client', { on: nodes, containers: { main: one } }).mayReach(server.port('http'));
      new Deployment(bench, 'stranger', { on: nodes, containers: { main: one } });
    });
    const objects = rendered(chart);
    const [client, server, stranger] = [party('bench-client'), party('bench-server'), party('bench-stranger')];
    expect(mayConnect(objects, client, server, 8080)).toBe(true);
    expect(mayConnect(objects, client, server, 8080, 'UDP')).toBe(false);
    expect(mayConnect(objects, client, server, 9090)).toBe(false);
    expect(mayConnect(objects, server, client, 8080)).toBe(false);
    expect(mayConnect(objects, stranger, server, 8080)).toBe(false);
    expect(mayConnect(objects, party('bench-client', 'other'), server, 8080)).toBe(false);
  });

  test('the internet excludes private ranges, the metadata service and the ranges of the site', () => {
    const site = provisioned({ pools: [master(), worker()] }, { cidr: '203.0.113.0/24' });
    const chart = new Bench(
      (bench) => new Deployment(bench, 'client', { on: site.pools, containers: { main: one } }).mayReach({ peer: { kind: 'internet' } }),
      { site },
    );
    const objects = rendered(chart);
    const reaches = (address: string) => mayConnect(objects, party('bench-client'), outside(address), 443);
    expect(['8.8.8.8', '192.0.2.1', '198.51.100.1', '203.0.112.255', '203.0.114.0'].filter((address) => !reaches(address))).toEqual([]);
    for (const address of ['169.254.169.254', '10.0.0.1', '172.16.5.4', '192.168.1.1', '127.0.0.1', '100.64.0.1', '224.0.0.1'])
      expect([address, reaches(address)]).toEqual([address, false]);
    // Nodes with public addresses are not the public internet.
    for (const { address } of site.nodes) expect([address, reaches(address)]).toEqual([address, false]);
    expect(reaches('203.0.113.200')).toBe(false);
  });

  test('the internet excludes public addresses of existing nodes', () => {
    const site = existing(
      { pools: [{ ...nodes, addresses: ['203.0.113.5', '203.0.113.6', '203.0.113.7'] }] },
      { apiServers: ['198.51.100.1:6443'], podCidr: '192.0.2.0/24' },
    );
    const spec = policySpec(
      { kind: 'pods', namespace: 'a', labels: { b: 'c' } },
      [{ from: { kind: 'pods', namespace: 'a', labels: { b: 'c' } }, to: { peer: { kind: 'internet' } } }],
      site,
    );
    expect(spec.egress).toEqual([
      {
        to: [
          {
            ipBlock: {
              cidr: '0.0.0.0/0',
              except: [...NOT_PUBLIC, '192.0.2.0/24', '203.0.113.5/32', '203.0.113.6/32', '203.0.113.7/32', '198.51.100.1/32'],
            },
          },
        ],
      },
    ]);
  });

  test('dual stack: the internet is only global IPv6 addresses, without the metadata service and the ranges of the site', () => {
    const ipv6 = { podCidr: '2001:db8:42::/56', serviceCidr: 'fd00:43::/112' };
    const site = existing({}, { ipv6, apiServers: ['[2001:db8:9::1]:6443'] });
    const chart = new Bench(
      (bench) => {
        const client = new Deployment(bench, 'client', { on: nodes, containers: { main: { ...one, ports: { http: 8080 } } } });
        client.mayReach({ peer: { kind: 'internet' } });
      },
      { site },
    );
    const [policy] = rendered(chart).filter(({ kind }) => kind === 'NetworkPolicy');
    const blocks = policy?.spec.egress.flatMap(({ to }: any) => to.flatMap(({ ipBlock }: any) => ipBlock ?? []));
    expect(blocks[1]).toEqual({ cidr: '2000::/3', except: ['2001::/32', '2002::/16', '2001:db8:42::/56', '2001:db8:9::1/128'] });
    const reached = (address: string) =>
      blocks.some(
        ({ cidr, except }: any) =>
          containsCidr(cidr, `${address}/128`) && !except.some((one: string) => containsCidr(one, `${address}/128`)),
      );
    expect(['2606:4700::1111', '2001:db8:7::1'].map(reached)).toEqual([true, true]);
    for (const address of [
      'fd00:ec2::254',
      'fe80::1',
      '::1',
      '::ffff:a00:1',
      '64:ff9b::a00:1',
      'ff02::1',
      '2002:a00:1::1',
      '2001:db8:42::1',
      '2001:db8:9::1',
    ])
      expect([address, reached(address)]).toEqual([address, false]);
    expect(
      rendered(chart)
        .filter(({ kind }) => kind === 'Service')
        .map(({ spec }) => spec.ipFamilyPolicy),
    ).toEqual(['PreferDualStack']);
  });

  test('API servers on different ports: each address is reached on its own port only', () => {
    const site = existing({}, { apiServers: ['10.0.0.10:6443', '10.0.0.11:7443', '10.0.0.12:6443'] });
    const chart = new Bench(
      (bench) =>
        new Deployment(bench, 'client', {
          on: nodes,
          containers: { main: one },
          access: { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] },
        }),
      { site },
    );
    const objects = rendered(chart);
    const reached = ['10.0.0.10', '10.0.0.11', '10.0.0.12'].flatMap((address) =>
      [6443, 7443].filter((port) => mayConnect(objects, party('bench-client'), outside(address), port)).map((port) => `${address}:${port}`),
    );
    expect(reached).toEqual(['10.0.0.10:6443', '10.0.0.11:7443', '10.0.0.12:6443']);
  });

  test('an invalid range of the site does not throw here: the site reports it', () => {
    const site = existing({}, { podCidr: 'flannel' });
    const chart = new Bench(
      (bench) => new Deployment(bench, 'client', { on: nodes, containers: { main: one } }).mayReach({ peer: { kind: 'internet' } }),
      { site },
    );
    expect(() => chart.toJson()).toThrow(/INVALID_CIDR at cosenza\/cluster\/podCidr/);
  });

  test('a flow to an empty list of addresses opens nothing: Kubernetes would allow all', () => {
    const chart = new Bench((bench) => {
      const client = new Deployment(bench, 'client', { on: nodes, containers: { main: one }, dns: false });
      client.mayReach({ peer: { kind: 'addresses', cidrs: [] }, port: 443 });
      declareFlow(bench, { kind: 'addresses', cidrs: [] }, { peer: bench.peerOf('client'), port: 80 });
    });
    const objects = rendered(chart);
    expect(mayConnect(objects, party('bench-client'), outside('8.8.8.8'), 443)).toBe(false);
    expect(mayConnect(objects, outside('8.8.8.8'), party('bench-client'), 80)).toBe(false);
  });

  test('one rule per peer with all of its ports, in an order that does not depend on the order of declarations', () => {
    const pods = { kind: 'pods', namespace: 'a', labels: { b: 'c' } } as const;
    const flows = [
      { from: pods, to: { peer: { kind: 'addresses', cidrs: ['192.0.2.1/32'] }, port: 443 } },
      { from: pods, to: { peer: { kind: 'addresses', cidrs: ['192.0.2.1/32'] }, port: 80 } },
      { from: pods, to: { peer: { kind: 'addresses', cidrs: ['192.0.2.1/32'] }, port: 443 } },
      { from: pods, to: { peer: { kind: 'pods', namespace: 'z', labels: {} }, port: 1 } },
      { from: pods, to: { peer: { kind: 'pods', namespace: 'z', labels: {} } } },
    ] as const;
    const spec = policySpec(pods, flows, existing());
    expect(spec.egress).toEqual([
      {
        to: [{ ipBlock: { cidr: '192.0.2.1/32' } }],
        ports: [
          { port: 80, protocol: 'TCP' },
          { port: 443, protocol: 'TCP' },
        ],
      },
      { to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'z' } }, podSelector: {} }] },
    ]);
    expect(policySpec(pods, [...flows].reverse(), existing())).toEqual(spec);
  });

  test('runtime pods have a ServiceAccount without roles, and a NetworkPolicy before the first pod exists', () => {
    let spawned: SpawnedPods | undefined;
    const chart = new Bench((bench) => {
      spawned = new SpawnedPods(bench, 'user');
      const hub = new Deployment(bench, 'hub', basic);
      spawned.mayReach(hub.port('http'));
      hub.mayReach(spawned.port(8888));
    });
    const objects = rendered(chart);
    expect(object(chart, 'ServiceAccount', 'bench-user').automountServiceAccountToken).toBe(false);
    expect(spawned?.labels).toMatchObject({ 'app.kubernetes.io/instance': 'bench-user' });
    expect(mayConnect(objects, party('bench-user'), party('bench-hub'), 8080)).toBe(true);
    expect(mayConnect(objects, party('bench-hub'), party('bench-user'), 8888)).toBe(true);
    expect(mayConnect(objects, party('bench-user'), outside('169.254.169.254'), 80)).toBe(false);
  });
});

describe('an Ingress', () => {
  const published = (props: Partial<IngressProps> = {}, site = existing()) =>
    new Bench(
      (bench) =>
        void new Ingress(bench, 'web', {
          host: 'it.example.org',
          to: new Deployment(bench, 'part', { ...basic, on: site.pools }),
          port: 'http',
          ...props,
        }),
      { site },
    );

  test('publishes one port only over HTTPS, and allows connections from the controller', () => {
    const chart = published();
    expect(object(chart, 'Ingress')).toMatchObject({
      metadata: {
        name: 'bench-web',
        annotations: {
          'nginx.ingress.kubernetes.io/force-ssl-redirect': 'true',
          'nginx.ingress.kubernetes.io/proxy-body-size': '0',
          'nginx.ingress.kubernetes.io/proxy-read-timeout': '3600',
          'nginx.ingress.kubernetes.io/proxy-send-timeout': '3600',
        },
      },
      spec: {
        ingressClassName: 'nginx',
        tls: [{ hosts: ['it.example.org'], secretName: 'bench-web-tls' }],
        rules: [
          {
            host: 'it.example.org',
            http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'bench-part', port: { name: 'http' } } } }] },
          },
        ],
      },
    });
    const controller: Party = { name: 'nginx', namespace: 'ingress-nginx', labels: { 'app.kubernetes.io/name': 'ingress-nginx' } };
    const part: Party = { name: 'bench-part', namespace: 'bench', labels: { 'app.kubernetes.io/instance': 'bench-part' } };
    expect(mayConnect(rendered(chart), controller, part, 8080)).toBe(true);
    expect(ledgerOf(chart).secrets).toEqual([
      {
        namespace: 'bench',
        secret: { name: 'bench-web-tls', key: 'tls.key' },
        origin: { kind: 'certificate', hosts: ['it.example.org'] },
        path: 'cosenza/bench',
      },
    ]);
  });

  test('with every option', () => {
    const all: Required<Omit<IngressProps, 'to'>> = {
      host: 'it.example.org',
      port: 'http',
      service: 'front',
      tls: { clusterIssuer: 'letsencrypt' },
      bodyLimit: 20,
      timeout: 60,
      https: true,
    };
    const chart = published(all);
    expect(object(chart, 'Ingress').metadata.annotations).toMatchObject({
      'cert-manager.io/cluster-issuer': 'letsencrypt',
      'nginx.ingress.kubernetes.io/proxy-body-size': '20m',
      'nginx.ingress.kubernetes.io/proxy-read-timeout': '60',
      'nginx.ingress.kubernetes.io/backend-protocol': 'HTTPS',
    });
    expect(object(chart, 'Ingress').spec.rules[0].http.paths[0].backend.service.name).toBe('front');
    expect(ledgerOf(chart).secrets).toEqual([]);
    expect(object(published({ tls: { secret: 'wildcard' } }), 'Ingress').spec.tls[0].secretName).toBe('wildcard');
  });

  const behind = (ingress: ExistingClusterProps['ingress'], props: Partial<IngressProps> = {}) =>
    published(props, existing({}, { ingress }));
  const annotationsOf = (chart: Bench) => object(chart, 'Ingress').metadata.annotations ?? {};
  const warningsOf = (chart: Bench) => briefly(ledgerOf(chart).problems.warnings);

  test.each(['nginx', 'nginx-internal', 'public-nginx'])('class %s gets the settings of nginx', (className) => {
    expect(annotationsOf(behind({ className, namespace: 'ingress' }))).toHaveProperty(['nginx.ingress.kubernetes.io/proxy-body-size'], '0');
  });

  test('a class with any other name gets the settings of the given controller', () => {
    const chart = behind({ className: 'internal', controller: 'nginx', namespace: 'ingress' });
    expect(annotationsOf(chart)).toHaveProperty(['nginx.ingress.kubernetes.io/proxy-read-timeout'], '3600');
    expect(object(chart, 'Ingress').spec.ingressClassName).toBe('internal');
    expect(warningsOf(chart)).toEqual([]);
  });

  test('a class with an unknown controller is a warning', () => {
    const chart = behind({ className: 'internal', namespace: 'ingress' });
    expect(annotationsOf(chart)).toEqual({});
    const { path, fix } = only(ledgerOf(chart).problems.warnings, 'UNKNOWN_INGRESS_CONTROLLER');
    expect(path).toBe('cosenza/cluster/ingress');
    expect(fix).toContain("ingress: { className: 'internal', controller: 'nginx'");
  });

  test('both controllers named HAProxy get limits by annotations', () => {
    expect(annotationsOf(behind({ className: 'haproxy', namespace: 'haproxy' }))).toEqual({
      'haproxy.org/ssl-redirect': 'true',
      'haproxy.org/timeout-server': '3600s',
      'haproxy-ingress.github.io/ssl-redirect': 'true',
      'haproxy-ingress.github.io/timeout-server': '3600s',
      'haproxy-ingress.github.io/timeout-tunnel': '3600s',
    });
    const chart = behind({ className: 'haproxy', namespace: 'haproxy' }, { https: true, bodyLimit: 20, timeout: 60 });
    expect(annotationsOf(chart)).toMatchObject({
      'haproxy.org/server-ssl': 'true',
      'haproxy.org/timeout-server': '60s',
      'haproxy-ingress.github.io/backend-protocol': 'h1-ssl',
      'haproxy-ingress.github.io/proxy-body-size': '20m',
    });
    expect(warningsOf(chart)).toEqual([]);
  });

  test('Traefik reads no limits from an Ingress, which is a warning of the cluster', () => {
    const chart = behind({ className: 'traefik', namespace: 'traefik' });
    expect(annotationsOf(chart)).toEqual({});
    expect(warningsOf(chart)).toEqual(['UNSUPPORTED_INGRESS_TIMEOUT at cosenza/cluster/ingress']);
    expect([...warningsOf(behind({ className: 'traefik', namespace: 'traefik' }, { https: true, bodyLimit: 1 }))].sort()).toEqual([
      'UNSUPPORTED_BACKEND_TLS at cosenza/bench/web',
      'UNSUPPORTED_BODY_LIMIT at cosenza/bench/web/bodyLimit',
      'UNSUPPORTED_INGRESS_TIMEOUT at cosenza/cluster/ingress',
    ]);
  });

  describe('on a site with a Gateway', () => {
    const gateway = { name: 'public', namespace: 'gateways', listener: 'https' };
    const ingress = { controller: 'gateway', gateway, namespace: 'envoy', labels: { app: 'envoy' } } as const;

    test('is an HTTPRoute without timeouts, which uses the certificate of the Gateway', () => {
      const chart = behind(ingress);
      expect(rendered(chart).some(({ kind }) => kind === 'Ingress')).toBe(false);
      expect(object(chart, 'HTTPRoute').spec).toEqual({
        parentRefs: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'public', namespace: 'gateways', sectionName: 'https' }],
        hostnames: ['it.example.org'],
        rules: [
          {
            matches: [{ path: { type: 'PathPrefix', value: '/' } }],
            backendRefs: [{ group: '', kind: 'Service', name: 'bench-part', port: 8080, weight: 1 }],
            timeouts: { request: '0s', backendRequest: '0s' },
          },
        ],
      });
      expect(ledgerOf(chart).secrets).toEqual([]);
      expect(warningsOf(chart)).toEqual([]);
      const proxy: Party = { name: 'envoy', namespace: 'envoy', labels: { app: 'envoy' } };
      const part: Party = { name: 'bench-part', namespace: 'bench', labels: { 'app.kubernetes.io/instance': 'bench-part' } };
      expect(mayConnect(rendered(chart), proxy, part, 8080)).toBe(true);
    });

    test('names the port of the Service, which may differ from that of the pod', () => {
      const chart = new Bench(
        (bench) => {
          const to = new Deployment(bench, 'part', { ...basic, on: nodes, servicePorts: { http: 80 } });
          new Ingress(bench, 'web', { host: 'it.example.org', to, port: 'http' });
        },
        { site: existing({}, { ingress }) },
      );
      expect(object(chart, 'HTTPRoute').spec.rules[0].backendRefs[0].port).toBe(80);
      expect(object(chart, 'Service').spec.ports[0].port).toBe(80);
    });

    test('warns of settings that an HTTPRoute does not support', () => {
      const chart = behind(ingress, { tls: { clusterIssuer: 'letsencrypt' }, https: true, bodyLimit: 20 });
      expect([...warningsOf(chart)].sort()).toEqual([
        'UNSUPPORTED_BACKEND_TLS at cosenza/bench/web',
        'UNSUPPORTED_BODY_LIMIT at cosenza/bench/web/bodyLimit',
        'UNSUPPORTED_GATEWAY_TLS at cosenza/bench/web/tls',
      ]);
    });
  });

  test('is rejected without an ingress controller, and with an invalid host name', () => {
    const none = published({}, existing({}, { ingress: undefined }));
    expect(only(problems(none), 'MISSING_INGRESS').path).toBe('cosenza/bench/web');
    expect(only(problems(published({ host: 'https://it.example.org' })), 'INVALID_HOST').path).toBe('cosenza/bench/web/host');
  });
});
