import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { FacilityError, failure, nearest, type Problem, Problems, problemText } from '../lib/errors';
import {
  addressNumber,
  addressText,
  allocationPool,
  apiServers,
  bytes,
  type CinderProps,
  checkHost,
  checkName,
  cinder,
  contains,
  cores,
  defineSite,
  type ExistingClusterProps,
  type ExternalS3Props,
  existingCluster,
  externalS3,
  IMAGES,
  imageOf,
  kubernetesCpu,
  kubernetesMemory,
  kubernetesVersion,
  type Memory,
  memoryText,
  mig,
  NOT_PUBLIC,
  type NodePoolProps,
  nodePool,
  nodesWith,
  type OidcIssuerProps,
  type OpenStackProps,
  oidcIssuer,
  openstack,
  overlaps,
  POOL_LABEL,
  poolLabels,
  type RancherClusterProps,
  type Rke1Network,
  range,
  rke1,
  rke2,
  type SiteProps,
  seconds,
  secret,
  siteRanges,
  storageClass,
  targetOf,
} from '../lib/site';
import { briefly, cloud, existing, master, only, problemsOf, provisioned, refused, sshKey, worker } from './fixture-site';

/** What the language would not let through, and JSON does. */
const untyped = (value: unknown) => value as never;

describe('quantities', () => {
  const MEMORY: Record<string, bigint> = {
    B: 1n,
    kB: 1000n,
    MB: 1000n ** 2n,
    GB: 1000n ** 3n,
    TB: 1000n ** 4n,
    KiB: 1024n,
    MiB: 1024n ** 2n,
    GiB: 1024n ** 3n,
    TiB: 1024n ** 4n,
    PiB: 1024n ** 5n,
  };

  test('a whole amount of memory is its number times its unit, exactly', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4000 }), fc.constantFrom(...Object.keys(MEMORY)), (amount, unit) => {
        expect(bytes(`${amount}${unit}` as Memory)).toBe(Number(BigInt(amount) * (MEMORY[unit] ?? 0n)));
      }),
    );
  });

  test('decimal and binary units are told apart', () => {
    expect(bytes('1GB')).toBe(1_000_000_000);
    expect(bytes('1GiB')).toBe(1_073_741_824);
    expect(bytes('1.5GiB')).toBe(1_610_612_736);
  });

  test('memory printed for Kubernetes is read back as the same bytes', () => {
    const units: Record<string, number> = { '': 1, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 };
    const amounts = fc.oneof(
      fc.integer({ min: 0, max: 2 ** 50 }),
      fc.tuple(fc.integer({ min: 1, max: 999 }), fc.constantFrom(...Object.values(units))).map(([count, unit]) => count * unit),
    );
    fc.assert(
      fc.property(amounts, (amount) => {
        const [, digits = '', unit = ''] = /^(\d+)([KMGT]i)?$/.exec(kubernetesMemory(amount)) ?? [];
        expect(Number(digits) * (units[unit] ?? Number.NaN)).toBe(amount);
      }),
    );
    expect([8 * 2 ** 30, 1536 * 2 ** 20, 1000].map(kubernetesMemory)).toEqual(['8Gi', '1536Mi', '1000']);
  });

  test('cores printed for Kubernetes are read back as the same cores', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), (millis) => {
        const printed = kubernetesCpu(cores(`${millis}m`));
        expect(cores(printed.endsWith('m') ? (printed as `${number}m`) : Number(printed))).toBe(millis / 1000);
      }),
    );
    expect([4, 0.5, 1.25].map(kubernetesCpu)).toEqual(['4', '500m', '1250m']);
  });

  test('durations', () => {
    expect((['30s', '5m', '12h', '7d', '1.5h'] as const).map(seconds)).toEqual([30, 300, 43_200, 604_800, 5400]);
  });

  test.each([
    '64 gigs',
    '64 GiB',
    ' 64GiB',
    '64Gi',
    '64',
    '64gib',
    '-1GiB',
    '1e3GiB',
    '.5GiB',
    '0x1GiB',
    '64GiB\n',
    '',
    '64constructor',
    64,
    null,
    undefined,
  ])('memory %j is refused, and the way to write it is said', (given) => {
    const problem = refused('QUANTITY_UNKNOWN', () => bytes(untyped(given)));
    expect(problem.given).toContain('as memory');
    expect(problem.fix).toMatch(/^write '\d+(\.\d+)?[A-Za-z]+'$/);
  });

  test('what was meant is proposed', () => {
    const fix = (act: () => unknown) => refused('QUANTITY_UNKNOWN', act).fix;
    expect(fix(() => bytes(untyped('64 gigs')))).toBe("write '64GiB'");
    expect(fix(() => bytes(untyped('512m')))).toBe("write '512MiB'");
    expect(fix(() => bytes(untyped('2Ti')))).toBe("write '2TiB'");
    expect(fix(() => seconds(untyped('5 minutes')))).toBe("write '5m'");
    expect(fix(() => seconds(untyped('soon')))).toBe("write '30s'");
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, '2', '0.5', '-5m', '1.5m', 'm', null])('cpu %j is refused', (given) => {
    expect(refused('QUANTITY_UNKNOWN', () => cores(untyped(given))).fix).toBe("write 2 or '500m'");
  });

  test('amounts for people', () => {
    expect([512, 2048, 7.5 * 2 ** 30, 3 * 2 ** 40].map(memoryText)).toEqual(['512 B', '2 KiB', '7.5 GiB', '3 TiB']);
  });
});

describe('addresses', () => {
  const anyRange = fc
    .tuple(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.integer({ min: 0, max: 32 }))
    .map(([address, length]) => range(`${addressText(Math.floor(address / 2 ** (32 - length)) * 2 ** (32 - length))}/${length}`));

  test('an address and its number are the same thing', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (number) => expect(addressNumber(addressText(number))).toBe(number)));
    expect(addressNumber('10.64.0.11')).toBe(((10 * 256 + 64) * 256 + 0) * 256 + 11);
  });

  test('overlap is symmetric, and is what one network holding the first address of the other is', () => {
    fc.assert(
      fc.property(anyRange, anyRange, (a, b) => {
        expect(overlaps(a, b)).toBe(overlaps(b, a));
        // Networks are aligned: two of them overlap only if one lies in the other.
        expect(overlaps(a, b)).toBe(contains(a, b) || contains(b, a));
        expect(overlaps(a, b)).toBe(contains(a, b.first) || contains(b, a.first));
      }),
    );
  });

  test('networks of one address overlap with those that hold it', () => {
    const overlap = (a: string, b: string) => [overlaps(range(a), range(b)), overlaps(range(b), range(a))];
    expect(overlap('10.0.0.7/32', '10.0.0.0/29')).toEqual([true, true]);
    expect(overlap('10.0.0.7/32', '10.0.0.7/32')).toEqual([true, true]);
    expect(overlap('10.0.0.8/32', '10.0.0.0/29')).toEqual([false, false]);
  });

  test('a network holds its first and its last address and not their neighbours', () => {
    fc.assert(
      fc.property(anyRange, (one) => {
        expect(contains(one, one)).toBe(true);
        expect([one.first - 1, one.first, one.last, one.last + 1].map((address) => contains(one, address))).toEqual([
          false,
          true,
          true,
          false,
        ]);
      }),
    );
    expect(range('10.64.0.0/24')).toEqual({ cidr: '10.64.0.0/24', first: addressNumber('10.64.0.0'), last: addressNumber('10.64.0.255') });
  });

  test.each(['10.0.0', '10.0.0.256', '010.0.0.1', '10.0.0.1/32', '::1', 'localhost', '', 5, undefined])('%j is no address', (given) => {
    refused('ADDRESS_INVALID', () => addressNumber(untyped(given)));
  });

  test.each(['10.0.0.0', '10.0.0.0/33', '10.0.0/24', '10.0.0.0/-1', '10.0.0.0/24 ', '::/0', 'any', undefined])(
    '%j is no network',
    (given) => {
      expect(refused('CIDR_INVALID', () => range(untyped(given))).fix).toBe("write e.g. '10.64.0.0/24'");
    },
  );

  test('host bits and leading zeros are refused: OpenStack would answer with another text', () => {
    expect(refused('CIDR_INVALID', () => range('10.64.0.5/24')).fix).toBe("did you mean '10.64.0.0/24'?");
    expect(refused('CIDR_INVALID', () => range('10.0.0.0/08')).fix).toBe("did you mean '10.0.0.0/8'?");
  });

  test('what is not public covers the metadata address and every private range, without overlaps', () => {
    const ranges = NOT_PUBLIC.map((cidr) => range(cidr));
    const isPrivate = (address: string) => ranges.some((one) => contains(one, addressNumber(address)));
    for (const address of [
      '169.254.169.254',
      '10.1.2.3',
      '172.31.255.255',
      '192.168.0.1',
      '127.0.0.1',
      '100.64.0.1',
      '239.0.0.1',
      '255.255.255.255',
    ]) {
      expect([address, isPrivate(address)]).toEqual([address, true]);
    }
    for (const address of ['8.8.8.8', '172.32.0.1', '11.0.0.1', '192.169.0.1', '100.128.0.1'])
      expect([address, isPrivate(address)]).toEqual([address, false]);
    for (const [index, one] of ranges.entries()) for (const other of ranges.slice(index + 1)) expect(overlaps(one, other)).toBe(false);
  });
});

describe('names', () => {
  const nearNames = fc.string({ unit: fc.constantFrom(...'abz09-_.AZ ñ/'), maxLength: 12 });

  test('what is accepted is a DNS label that starts with a letter, and nothing else is', () => {
    fc.assert(
      fc.property(nearNames, (name) => {
        const label = [...name].every((letter) => 'abcdefghijklmnopqrstuvwxyz0123456789-'.includes(letter));
        const fine = label && name !== '' && !/^[0-9-]/.test(name) && !name.endsWith('-');
        expect(problemsOf(() => checkName(name)).length === 0).toBe(fine);
      }),
    );
  });

  test('the proposed name is always accepted', () => {
    fc.assert(
      fc.property(nearNames, (name) => {
        const [problem] = problemsOf(() => checkName(name));
        if (problem) expect(checkName(/'(.*)'/.exec(problem.fix)?.[1] ?? '')).toBeTruthy();
      }),
    );
    expect(refused('NAME_INVALID', () => checkName('My_Pool')).fix).toBe("did you mean 'my-pool'?");
  });

  test('63 characters are the most', () => {
    expect(checkName('a'.repeat(63))).toHaveLength(63);
    expect(refused('NAME_TOO_LONG', () => checkName('a'.repeat(64))).allowed).toBe('at most 63 characters');
  });

  test.each(['jupyter.example.org', '192-0-2-10.nip.example', '4.example'])('%s is a host name', (host) =>
    expect(checkHost(host)).toBe(host),
  );

  test.each([
    'jupyter',
    'https://jupyter.example.org',
    'jupyter.example.org:443',
    'Jupyter.example.org',
    'a_b.example.org',
    '-a.example',
    'a..b',
    '',
    undefined,
  ])('%j is no host name', (host) => void refused('HOST_INVALID', () => checkHost(untyped(host))));
});

describe('problems', () => {
  const finding = { code: 'X', given: 'g', allowed: 'a', fix: 'f' };

  test('several are thrown together, sorted by path and code, and each is said once', () => {
    const problems = new Problems();
    for (const [path, code] of [
      ['b', 'Z'],
      ['a', 'Z'],
      ['a', 'Y'],
      ['a', 'Z'],
    ] as const)
      problems.add(path, { ...finding, code });
    expect(briefly(problemsOf(() => problems.throwIfAny()))).toEqual(['Y at a', 'Z at a', 'Z at b']);
  });

  test('the text says code, place, what was given, what is allowed, and what to do', () => {
    expect(problemText({ ...finding, path: 'napoli/pools' })).toBe('X at napoli/pools\n  given:   g\n  allowed: a\n  fix:     f');
    expect(new FacilityError([{ ...finding, path: 'a' }]).message).toContain('X at a');
  });

  test('a failed reading is recorded under its place, any other error passes through', () => {
    const problems = new Problems();
    expect(
      problems.attempt('a', () => {
        throw failure(finding, 'b');
      }),
    ).toBeUndefined();
    expect(
      problems.number('c', () => {
        throw failure(finding);
      }),
    ).toBeNaN();
    expect(briefly(problems.all)).toEqual(['X at a/b', 'X at c']);
    expect(() =>
      problems.attempt('a', () => {
        throw new TypeError('bug');
      }),
    ).toThrow(TypeError);
  });

  test('the nearest candidate is proposed only if it is near', () => {
    expect(nearest('workr', ['master', 'worker'])).toBe('worker');
    expect(nearest('storage', ['master', 'worker'])).toBeUndefined();
    expect(nearest('x', [])).toBeUndefined();
  });
});

describe('laws of a site', () => {
  const flavor = { name: 'm1', vcpus: 4, memory: '8GiB' } as const;
  const image = 'AlmaLinux-9.2';
  const all = ['controlplane', 'etcd', 'worker'] as const;
  const pool = (name: string, props: Partial<NodePoolProps> = {}) => nodePool(name, { flavor, image, ...props });
  const withWorker = (props: Partial<NodePoolProps>) => provisioned({ pools: [master(), worker(props)] });

  /** One row a law: its code, where it is told, and a site that breaks it and no other. */
  const laws: readonly (readonly [code: string, path: string, site: () => { readonly problems: readonly Problem[] }])[] = [
    ['NAME_INVALID', 'na_poli', () => existing({ pools: [pool('a')] }, {}, 'na_poli')],
    ['NAME_INVALID', 'napoli/pools/big_mem', () => provisioned({ pools: [master(), pool('big_mem', { keys: [] })] })],
    ['NAME_INVALID', 'napoli/pools/worker/keys', () => withWorker({ keys: ['a.b'] })],
    ['NAME_INVALID', 'napoli/pools/worker/dataVolumes/Data', () => withWorker({ dataVolumes: [{ name: 'Data', size: '1TiB' }] })],
    ['NAME_INVALID', 'cosenza/storage/local_path', () => existing({ storage: { classes: [storageClass('local_path')] } })],
    ['NAME_TOO_LONG', 'a'.repeat(41), () => existing({}, {}, 'a'.repeat(41))],
    ['QUANTITY_UNKNOWN', 'napoli/pools/worker/flavor/memory', () => withWorker({ flavor: { ...flavor, memory: untyped('64 gigs') } })],
    ['QUANTITY_UNKNOWN', 'napoli/pools/worker/flavor/disk', () => withWorker({ flavor: { ...flavor, disk: untyped('100G') } })],
    ['QUANTITY_UNKNOWN', 'napoli/pools/worker/reserved/cpu', () => withWorker({ reserved: { cpu: untyped('half'), memory: '1GiB' } })],
    ['QUANTITY_UNKNOWN', 'napoli/pools/worker/reserved/memory', () => withWorker({ reserved: { cpu: 1, memory: untyped(1) } })],
    ['QUANTITY_UNKNOWN', 'napoli/pools/worker/bootVolume/size', () => withWorker({ bootVolume: { size: untyped('big') } })],
    [
      'QUANTITY_UNKNOWN',
      'napoli/pools/worker/dataVolumes/data/size',
      () => withWorker({ dataVolumes: [{ name: 'data', size: untyped('1T') }] }),
    ],
    ['ADDRESS_INVALID', 'napoli/cloud/publicAddress', () => provisioned({}, { publicAddress: '192.0.2' })],
    ['ADDRESS_INVALID', 'napoli/cloud/nameServers', () => provisioned({}, { nameServers: ['dns.example.org'] })],
    ['ADDRESS_INVALID', 'napoli/pools/worker/firstAddress', () => withWorker({ firstAddress: '10.64.0' })],
    ['ADDRESS_INVALID', 'napoli/pools/worker/2/address', () => withWorker({ addresses: ['10.64.0.20', 'ten', '10.64.0.22'] })],
    ['CIDR_INVALID', 'napoli/cloud/cidr', () => provisioned({}, { cidr: '10.64.0.5/24' })],
    ['CIDR_INVALID', 'napoli/cloud/admins', () => provisioned({}, { admins: ['192.0.2.1'] })],
    ['CIDR_INVALID', 'cosenza/cluster/podCidr', () => existing({}, { podCidr: 'flannel' })],
    ['CIDR_INVALID', 'cosenza/cluster/serviceCidr', () => existing({}, { serviceCidr: '10.96.0.1/12' })],
    ['NO_POOLS', 'cosenza/pools', () => existing({ pools: [] })],
    ['VERSION_UNSUPPORTED', 'cosenza/cluster/version', () => existing({}, { version: '1.26.9' })],
    ['VERSION_UNSUPPORTED', 'cosenza/cluster/version', () => existing({}, { version: 'newest' })],
    ['API_SERVER_INVALID', 'cosenza/cluster/apiServers', () => existing({}, { apiServers: ['k8s.example.org:6443'] })],
    ['API_SERVER_INVALID', 'cosenza/cluster/apiServers', () => existing({}, { apiServers: ['10.0.0.10:https'] })],
    ['API_SERVER_INVALID', 'cosenza/cluster/apiServers', () => existing({}, { apiServers: [] })],
    ['POOL_TWICE', 'cosenza/pools', () => existing({ pools: [pool('a'), pool('a')] })],
    ['COUNT_INVALID', 'napoli/pools/worker/count', () => withWorker({ count: 0 })],
    ['COUNT_INVALID', 'napoli/pools/worker/count', () => withWorker({ count: 2.5 })],
    ['COUNT_INVALID', 'napoli/pools/worker/flavor/vcpus', () => withWorker({ flavor: { ...flavor, vcpus: 0 } })],
    ['KEY_TWICE', 'napoli/pools/worker/keys', () => withWorker({ keys: ['a', 'b', 'a'] })],
    ['ADDRESSES_COUNT', 'cosenza/pools/a/addresses', () => existing({ pools: [pool('a', { count: 2, addresses: ['10.0.0.1'] })] })],
    ['ROLE_UNKNOWN', 'napoli/pools/worker/roles', () => withWorker({ roles: ['worker', untyped('gpu')] })],
    ['ROLE_MISSING', 'napoli/pools', () => provisioned({ pools: [pool('a', { roles: ['controlplane', 'worker'] })] })],
    ['ETCD_EVEN', 'napoli/pools', () => provisioned({ pools: [master({ count: 2 }), worker()] })],
    ['LABEL_INVALID', 'napoli/pools/worker/labels', () => withWorker({ labels: { 'two words': 'x' } })],
    ['LABEL_INVALID', 'napoli/pools/worker/taints', () => withWorker({ taints: [{ key: 'a/b/c', effect: 'NoSchedule' }] })],
    ['TAINT_INVALID', 'napoli/pools/worker/taints', () => withWorker({ taints: [{ key: 'gpu', effect: untyped('NoRun') }] })],
    [
      'VOLUME_TWICE',
      'napoli/pools/worker/dataVolumes',
      () =>
        withWorker({
          dataVolumes: [
            { name: 'd', size: '1TiB' },
            { name: 'd', size: '2TiB' },
          ],
        }),
    ],
    ['CIDR_OVERLAP', 'napoli/cluster/podCidr', () => provisioned({ cluster: rke1({ version: '1.27.16', podCidr: '10.64.0.0/16' }) })],
    [
      'CIDR_OVERLAP',
      'napoli/cluster/serviceCidr',
      () => provisioned({ cluster: rke1({ version: '1.27.16', serviceCidr: '10.42.128.0/17' }) }),
    ],
    ['POD_CIDR_TOO_SMALL', 'napoli/cluster/podCidr', () => provisioned({ cluster: rke1({ version: '1.27.16', podCidr: '10.42.0.0/23' }) })],
    [
      'NODE_ADDRESS_MISSING',
      'napoli/pools/a/1/address',
      () => defineSite('napoli', { cluster: rke1({ version: '1.27.16' }), pools: [pool('a', { roles: all })] }),
    ],
    [
      'ADDRESS_TWICE',
      'napoli/pools/worker/1/address',
      () => provisioned({ pools: [master({ firstAddress: '10.64.0.20' }), worker({ count: 1, firstAddress: '10.64.0.20' })] }),
    ],
    ['ADDRESS_OUTSIDE', 'napoli/pools/worker/1/address', () => withWorker({ count: 1, firstAddress: '10.65.0.1' })],
    ['ADDRESS_RESERVED', 'napoli/pools/worker/1/address', () => withWorker({ count: 1, firstAddress: '10.64.0.1' })],
    ['ADDRESS_RESERVED', 'napoli/pools/worker/1/address', () => withWorker({ count: 1, firstAddress: '10.64.0.192' })],
    ['ADDRESS_RESERVED', 'napoli/cloud/publicAddress', () => provisioned({}, { publicAddress: '10.64.0.9' })],
    ['ADDRESS_RESERVED', 'cosenza/pools/a/1/address', () => existing({ pools: [pool('a', { addresses: ['10.42.7.1'] })] })],
    ['STORAGE_TWICE', 'cosenza/storage', () => existing({ storage: { classes: [storageClass('a'), storageClass('a')] } })],
    ['STORAGE_NEEDS_CLOUD', 'cosenza/storage/cinder', () => existing({ storage: { default: cinder() } })],
    ['CLOUD_NEEDS_FIELD', 'napoli/pools/worker/image', () => withWorker({ image: undefined })],
    ['CLOUD_NEEDS_FIELD', 'napoli/pools/worker/flavor/name', () => withWorker({ flavor: { vcpus: 4, memory: '8GiB' } })],
    ['SSH_KEY_INVALID', 'napoli/cloud/sshKey', () => provisioned({}, { sshKey: '-----BEGIN OPENSSH PRIVATE KEY-----' })],
    [
      'ENTRY_WITHOUT_INGRESS',
      'napoli/cloud/entry',
      () => provisioned({ pools: [master({ roles: ['controlplane', 'etcd'] }), worker()] }, { publicAddress: '192.0.2.10' }),
    ],
  ];

  test.each(laws)('%s at %s', (code, path, site) => {
    const { problems } = site();
    expect(briefly(problems)).toEqual([`${code} at ${path}`]);
    only(problems, code);
  });

  test('every message about a site has a test', () => {
    const source = readFileSync(join(__dirname, '../lib/errors/site.ts'), 'utf8');
    const elsewhere = ['ACCELERATOR_INVALID', 'HOST_INVALID', 'URL_INVALID', 'IMAGE_UNKNOWN'];
    const codes = [...source.matchAll(/code: '(\w+)'/g)].map(([, code]) => code);
    expect(codes.filter((code) => !elsewhere.includes(code ?? '')).sort()).toEqual([...new Set(laws.map(([code]) => code))].sort());
  });

  test('all mistakes of a site are told at once', () => {
    const site = defineSite('na_poli', {
      cluster: rke1({ version: '1.20', podCidr: '10.64.0.0/16' }),
      pools: [master({ count: 2 }), worker({ flavor: { ...flavor, memory: untyped('64 gigs') }, firstAddress: '10.65.0.1' })],
      cloud: cloud({ sshKey: '' }),
    });
    expect(new Set(site.problems.map(({ code }) => code))).toEqual(
      new Set([
        'NAME_INVALID',
        'VERSION_UNSUPPORTED',
        'CIDR_OVERLAP',
        'ETCD_EVEN',
        'QUANTITY_UNKNOWN',
        'ADDRESS_OUTSIDE',
        'SSH_KEY_INVALID',
      ]),
    );
  });

  test('one etcd node is a warning that says what is lost; three are none', () => {
    expect(provisioned().warnings).toEqual([expect.stringMatching(/one etcd node \(napoli-master-1\).*lost/)]);
    expect(provisioned({ pools: [master({ count: 3 }), worker()] })).toMatchObject({ warnings: [], problems: [] });
  });

  test('a network that cannot be read is told once, not by every node in it', () => {
    expect(briefly(provisioned({}, { cidr: 'any' }).problems)).toEqual(['CIDR_INVALID at napoli/cloud/cidr']);
  });

  test('labels and taints as Kubernetes accepts them', () => {
    const labels = { 'node.example.org/purpose': 'analysis', gpu: '', 'a.b_c-d': 'X.y_z-1' };
    expect(withWorker({ labels, taints: [{ key: 'example.org/gpu', value: 'yes', effect: 'NoExecute' }] }).problems).toEqual([]);
    for (const key of ['', '-a', 'a-', 'a'.repeat(64), 'Upper.example/a', '/a', 'a/']) {
      expect([key, withWorker({ labels: { [key]: 'x' } }).problems.length]).toEqual([key, 1]);
    }
    for (const value of ['-x', 'x y', 'é', 'a'.repeat(64)])
      expect([value, withWorker({ labels: { a: value } }).problems.length]).toEqual([value, 1]);
  });

  describe('addresses that nobody wrote down', () => {
    const sizes = fc.integer({ min: 20, max: 28 });

    test('lie in the network, below what OpenStack hands out, and are nobody else’s', () => {
      fc.assert(
        fc.property(sizes, fc.array(fc.nat(), { minLength: 1, maxLength: 8 }), (length, counts) => {
          const network = range(`10.64.0.0/${length}`);
          const size = network.last - network.first + 1;
          // Three quarters, less the reserved ones, in eight blocks.
          const block = Math.floor(((size * 3) / 4 - (size >= 64 ? 10 : 2)) / 8);
          const pools = counts.map((count, index) =>
            pool(`p${index}`, { count: 1 + (count % block), roles: index === 0 ? all : ['worker'] }),
          );
          const cluster = rke1({ version: '1.27.16', podCidr: '10.128.0.0/9' });
          const site = defineSite('s', { cluster, pools, cloud: cloud({ cidr: network.cidr }) });
          const handedOut = allocationPool(cloud({ cidr: network.cidr }));

          expect(briefly(site.problems.filter(({ code }) => code.startsWith('ADDRESS')))).toEqual([]);
          expect(new Set(site.nodes.map(({ address }) => address)).size).toBe(site.nodes.length);
          for (const { address } of site.nodes) {
            const number = addressNumber(address);
            expect(contains(network, number)).toBe(true);
            expect(number).toBeGreaterThan(network.first + 1);
            expect(number).toBeLessThan(addressNumber(handedOut.first));
          }
        }),
        { numRuns: 60 },
      );
    });

    test('are either right or refused, whatever the number of nodes', () => {
      fc.assert(
        fc.property(
          fc.integer({ min: 22, max: 30 }),
          fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 12 }),
          (length, counts) => {
            const pools = counts.map((count, index) => pool(`p${index}`, { count }));
            const site = defineSite('s', {
              cluster: rke1({ version: '1.27.16', podCidr: '10.128.0.0/9' }),
              pools,
              cloud: cloud({ cidr: `10.64.0.0/${length}` }),
            });
            const network = range(`10.64.0.0/${length}`);
            const numbers = site.nodes.map(({ address }) => addressNumber(address));
            const right = new Set(numbers).size === numbers.length && numbers.every((number) => contains(network, number));
            const refused = site.problems.some(({ code }) => code.startsWith('ADDRESS'));
            expect(right || refused).toBe(true);
          },
        ),
        { numRuns: 60 },
      );
    });

    test('of one pool do not move when another grows', () => {
      const addresses = (count: number) =>
        provisioned({ pools: [master({ count }), worker()] })
          .nodes.filter((node) => node.pool.name === 'worker')
          .map(({ address }) => address);
      expect(addresses(3)).toEqual(addresses(1));
      expect(addresses(1)).toEqual(['10.64.0.32', '10.64.0.33', '10.64.0.34']);
    });
  });
});

describe('what a site derives', () => {
  test('nodes: names, keys, roles, labels, and what pods may use', () => {
    const [one, two, three] = provisioned({
      pools: [master(), worker({ keys: ['2', 'x'], firstAddress: '10.64.0.12', labels: { disk: 'ssd' } })],
    }).nodes;
    expect(one).toMatchObject({ name: 'napoli-master-1', key: '1', address: '10.64.0.10', roles: ['controlplane', 'etcd', 'worker'] });
    expect(two).toMatchObject({
      name: 'napoli-worker-2',
      address: '10.64.0.12',
      roles: ['worker'],
      labels: { [POOL_LABEL]: 'worker', disk: 'ssd' },
      taints: [],
    });
    expect(three).toMatchObject({ name: 'napoli-worker-x', address: '10.64.0.13' });
    expect(one?.allocatable).toEqual({ cpu: 7.5, memory: 15 * 2 ** 30 });
  });

  test('pods are placed by the pool’s label where we install, by the pool’s own labels elsewhere', () => {
    expect(poolLabels(provisioned(), worker())).toEqual({ [POOL_LABEL]: 'worker' });
    const site = existing();
    expect(site.pools.map((one) => poolLabels(site, one))).toEqual([{ 'node.example.org/purpose': 'analysis' }]);
    expect(site.nodes[0]?.labels).toEqual({ 'node.example.org/purpose': 'analysis' });
  });

  test('API servers are the control planes, or what the operator says', () => {
    expect(apiServers(provisioned({ pools: [master({ count: 3 }), worker()] }))).toEqual([
      '10.64.0.10/32',
      '10.64.0.11/32',
      '10.64.0.12/32',
    ]);
    const site = existing({}, { apiServers: ['10.0.0.10:443', '10.0.0.11:443'] });
    expect(apiServers(site)).toEqual(['10.0.0.10/32', '10.0.0.11/32']);
    expect(site.cluster.apiPort).toBe(443);
    expect(nodesWith(site, 'etcd')).toEqual([]);
  });

  test('what belongs to the site are its networks, and nodes that are in none of them', () => {
    expect(siteRanges(provisioned())).toEqual(expect.arrayContaining(['10.64.0.0/24', '10.42.0.0/16', '10.43.0.0/16']));
    expect(siteRanges(existing({ pools: [worker({ addresses: ['203.0.113.5', '203.0.113.6', '203.0.113.7'] })] }))).toEqual(
      expect.arrayContaining(['203.0.113.5/32', '203.0.113.7/32']),
    );
  });

  test('OpenStack hands out the last quarter of the network', () => {
    expect(allocationPool(cloud())).toEqual({ first: '10.64.0.192', last: '10.64.0.254' });
    expect(allocationPool(cloud({ allocationPool: { first: '10.64.0.100', last: '10.64.0.110' } }))).toEqual({
      first: '10.64.0.100',
      last: '10.64.0.110',
    });
    expect(briefly(provisioned({}, { allocationPool: { first: '10.64.0.33', last: '10.64.0.40' } }).problems)).toEqual([
      'ADDRESS_RESERVED at napoli/pools/worker/2/address',
      'ADDRESS_RESERVED at napoli/pools/worker/3/address',
    ]);
  });

  test.each([
    ['v1.27.16-rancher1-1', '1.27.16'],
    ['v1.31.4+rke2r1', '1.31.4'],
    ['1.30', '1.30'],
    ['2.0.1', undefined],
    ['latest', undefined],
    ['1.30.', undefined],
  ])('release %s is Kubernetes %s', (release, version) => expect(kubernetesVersion(release)).toBe(version));

  test('rke1 becomes rke2 by one word: the same description is taken, and joined by a token that stays a reference', () => {
    const props = { version: '1.31.4', network: 'canal', podCidr: '10.50.0.0/16' } as const;
    const [one, two] = [rke1(props), rke2(props)];
    expect(two).toMatchObject({ podCidr: one.podCidr, serviceCidr: one.serviceCidr, minor: 31, apiPort: one.apiPort, dns: one.dns });
    expect(two.token).toEqual({ name: 'rke2-token', key: 'token' });
    expect([one.ingress?.pods.namespace, two.ingress?.pods.namespace]).toEqual(['ingress-nginx', 'kube-system']);
    expect(rke2({ ...props, ingress: 'traefik' }).ingress?.className).toBe('traefik');
    expect([rke1({ ...props, ingress: 'none' }).ingress, rke2({ ...props, ingress: 'none' }).ingress]).toEqual([undefined, undefined]);
  });

  test('images: the table, a mirror for all, an override for one; none floats', () => {
    expect(imageOf({}, 'dask')).toBe(IMAGES.dask);
    expect(imageOf({ registry: 'harbor.example.org/cache' }, 'cinder-csi')).toBe(
      'harbor.example.org/cache/provider-os/cinder-csi-plugin:v1.27.3',
    );
    expect(imageOf({ registry: 'harbor.example.org', images: { dask: 'x.example/dask:1' } }, 'dask')).toBe('x.example/dask:1');
    expect(refused('IMAGE_UNKNOWN', () => imageOf({}, untyped('daks'))).fix).toBe("did you mean 'dask'?");
    for (const image of Object.values(IMAGES)) expect(image).toMatch(/^[a-z0-9.-]+\.[a-z]+\/[a-z0-9/._-]+:(?!latest)[\w.-]+$/);
  });

  test('storage classes: ours and those that are there', () => {
    const props: Required<CinderProps> = { name: 'ssd', volumeType: 'ssd', availabilityZone: 'nova', reclaim: 'Retain' };
    expect(cinder(props)).toEqual({ kind: 'cinder', ...props, shared: false });
    expect(cinder()).toMatchObject({ name: 'cinder', reclaim: 'Delete' });
    expect(storageClass('cephfs', { shared: true })).toEqual({ kind: 'existing', name: 'cephfs', reclaim: 'Delete', shared: true });
    const site = existing({ storage: { default: storageClass('a'), classes: [storageClass('b')] } });
    expect(site.storageClasses.map(({ name }) => name)).toEqual(['a', 'b']);
  });

  test('a secret is a name and a key', () => {
    expect([secret('oidc'), secret('oidc', 'client')]).toEqual([
      { name: 'oidc', key: 'value' },
      { name: 'oidc', key: 'client' },
    ]);
  });
});

describe('endpoints', () => {
  test.each([
    ['https://s3.example.org', { peer: { kind: 'internet' }, port: 443 }],
    ['http://s3.example.org/path', { peer: { kind: 'internet' }, port: 80 }],
    ['https://192.0.2.7:9000', { peer: { kind: 'addresses', cidrs: ['192.0.2.7/32'] }, port: 9000 }],
  ])('a client of %s must reach %j', (url, target) => expect(targetOf(url)).toEqual(target));

  test.each(['s3.example.org', 'ftp://s3.example.org', '', 's3.example.org:443'])('%j is no URL to reach', (url) => {
    refused('URL_INVALID', () => targetOf(url));
  });

  test('an S3 store outside, with every option', () => {
    const props: Required<ExternalS3Props> = {
      url: 'https://s3.example.org/',
      region: 'cern',
      accessKey: secret('s3', 'access'),
      secretKey: secret('s3', 'secret'),
      bucket: 'atlas',
      authority: secret('lab-ca', 'ca.crt'),
      cidrs: ['192.0.2.0/28'],
    };
    expect(externalS3(props)).toEqual({
      kind: 's3',
      url: 'https://s3.example.org',
      region: 'cern',
      accessKey: { name: 's3', key: 'access' },
      secretKey: { name: 's3', key: 'secret' },
      bucket: 'atlas',
      authority: { name: 'lab-ca', key: 'ca.crt' },
      reach: { peer: { kind: 'addresses', cidrs: ['192.0.2.0/28'] }, port: 443 },
    });
    expect(externalS3({ url: 'https://s3.example.org', accessKey: secret('a'), secretKey: secret('b') })).toMatchObject({
      region: 'us-east-1',
      reach: { peer: { kind: 'internet' } },
    });
  });

  test('an issuer has the paths of INDIGO IAM unless others are given', () => {
    expect(oidcIssuer('https://iam.example.org')).toMatchObject({
      authorizeUrl: 'https://iam.example.org/authorize',
      tokenUrl: 'https://iam.example.org/token',
      userinfoUrl: 'https://iam.example.org/userinfo',
    });
    const props: Required<OidcIssuerProps> = {
      authorizeUrl: 'https://a.example/auth',
      tokenUrl: 'https://b.example:8443/t',
      userinfoUrl: 'https://c.example/u',
      cidrs: ['198.51.100.7/32'],
    };
    expect(oidcIssuer('https://a.example/realm/', props)).toMatchObject({
      issuer: 'https://a.example/realm/',
      authorizeUrl: props.authorizeUrl,
      tokenUrl: props.tokenUrl,
      userinfoUrl: props.userinfoUrl,
      // The hub asks the token's endpoint; the browser goes to the other.
      reach: { peer: { kind: 'addresses', cidrs: props.cidrs }, port: 8443 },
    });
  });
});

test('a site with every option on is accepted as it is', () => {
  const pool: Required<NodePoolProps> = {
    count: 2,
    keys: ['a', 'b'],
    flavor: { name: 'm1', vcpus: 8, memory: '16GiB', disk: '50GiB', gpus: { passthrough: 'a100', count: 1 } },
    image: 'AlmaLinux-9.2',
    roles: ['controlplane', 'etcd', 'worker'],
    firstAddress: '10.64.0.20',
    addresses: ['10.64.0.21', '10.64.0.23'],
    labels: { disk: 'ssd' },
    taints: [{ key: 'data', value: 'yes', effect: 'NoSchedule' }],
    bootVolume: { size: '100GiB', type: 'ssd' },
    dataVolumes: [{ name: 'data', size: '1TiB', type: 'hdd' }],
    spread: 'hard',
    availabilityZone: 'nova',
    reserved: { cpu: 1, memory: '2GiB' },
    gpus: mig('a100-80gb', { layout: { '3g.40gb': 2 } }),
  };
  const openstackProps: Required<OpenStackProps> = {
    region: 'RegionOne',
    cidr: '10.64.0.0/24',
    externalNetwork: 'public',
    admins: ['192.0.2.0/24'],
    sshKey,
    publicAddress: '192.0.2.10',
    floatingIp: 'reserved',
    entry: 'load-balancer',
    mtu: 1450,
    nameServers: ['192.0.2.53'],
    allocationPool: { first: '10.64.0.200', last: '10.64.0.250' },
    state: { kind: 's3', bucket: 'states', key: 'napoli', region: 'cern', endpoint: 'https://s3.example.org' },
    cloudController: true,
    authUrl: 'https://keystone.example.org:5000/v3',
    bastion: { flavor: 'm1', image: 'Debian-12', address: '10.64.0.9' },
    configDrive: true,
  };
  const cluster: Required<RancherClusterProps<Rke1Network>> = {
    version: 'v1.27.16-rancher1-1',
    network: 'canal',
    mtu: 1400,
    ingress: 'nginx',
    podCidr: '10.50.0.0/16',
    serviceCidr: '10.51.0.0/16',
    nodePorts: '30000-30100',
    sans: ['k8s.example.org'],
    etcdSnapshots: { every: '6h', keep: 12, s3: { endpoint: 's3.example.org', bucket: 'etcd', region: 'cern', folder: 'napoli' } },
    privateRegistries: [{ url: 'harbor.example.org', isDefault: true }],
    addons: ['https://example.org/addon.yaml'],
    upgrade: { workers: '20%', controlPlanes: 1, drain: true },
    cloudProvider: 'external',
    encryptSecrets: true,
    arguments: { kubelet: { 'max-pods': '200' } },
  };
  const other = nodePool('data', { ...pool, keys: ['1'], addresses: ['10.64.0.30'], roles: ['etcd'] });
  const props: Required<SiteProps> = {
    cluster: rke1(cluster),
    pools: [nodePool('master', pool), other],
    cloud: openstack(openstackProps),
    storage: { default: cinder(), classes: [storageClass('nfs', { shared: true })] },
    ssh: { user: 'rke', keyPath: '~/.ssh/id_ed25519' },
    test: true,
    images: { dask: 'x.example/dask:1' },
    registry: 'harbor.example.org',
  };
  const site = defineSite('napoli', props);

  expect(site.problems).toEqual([]);
  expect(site.warnings).toEqual([]);
  expect(site.nodes.map(({ name, address }) => `${name} ${address}`)).toEqual([
    'napoli-master-a 10.64.0.21',
    'napoli-master-b 10.64.0.23',
    'napoli-data-1 10.64.0.30',
  ]);
  expect(site.cluster).toMatchObject({ podCidr: '10.50.0.0/16', serviceCidr: '10.51.0.0/16', minor: 27 });
});

test('a cluster that exists, with every option', () => {
  const props: Required<ExistingClusterProps> = {
    version: '1.31',
    apiServers: ['10.0.0.10:8443'],
    ingress: { className: 'traefik', namespace: 'traefik', labels: { app: 'traefik' } },
    podCidr: '10.50.0.0/16',
    serviceCidr: '10.51.0.0/16',
    domain: 'k8s.example',
    dnsLabels: { app: 'coredns' },
  };
  expect(existingCluster(props)).toEqual({
    kind: 'existing',
    version: '1.31',
    minor: 31,
    podCidr: '10.50.0.0/16',
    serviceCidr: '10.51.0.0/16',
    domain: 'k8s.example',
    dns: { kind: 'pods', namespace: 'kube-system', labels: { app: 'coredns' } },
    ingress: { className: 'traefik', pods: { kind: 'pods', namespace: 'traefik', labels: { app: 'traefik' } } },
    apiPort: 8443,
    apiServers: ['10.0.0.10/32'],
  });
});
