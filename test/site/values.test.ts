import { inspect } from 'node:util';
import fc from 'fast-check';
import { FacilityError, failure, nearest, Problems, problemAt, problemText } from '../../lib/errors';
import {
  addressNumber,
  addressText,
  bytes,
  checkHost,
  checkName,
  contains,
  cores,
  kubernetesCpu,
  kubernetesMemory,
  type Memory,
  memoryText,
  NOT_PUBLIC,
  overlaps,
  range,
  seconds,
} from '../../lib/site';
import { briefly, problemsOf, refused, untyped } from '../fixtures/site';

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

  test('memory is the number times the unit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4000 }), fc.constantFrom(...Object.keys(MEMORY)), (amount, unit) => {
        expect(bytes(`${amount}${unit}` as Memory)).toBe(Number(BigInt(amount) * (MEMORY[unit] ?? 0n)));
      }),
    );
  });

  test('decimal and binary units differ', () => {
    expect(bytes('1GB')).toBe(1_000_000_000);
    expect(bytes('1GiB')).toBe(1_073_741_824);
    expect(bytes('1.5GiB')).toBe(1_610_612_736);
  });

  test('memory is formatted as an equal Kubernetes quantity', () => {
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

  test('cores are formatted as an equal Kubernetes quantity', () => {
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
  ])('memory %j is rejected with a valid example', (given) => {
    const problem = refused('INVALID_QUANTITY', () => bytes(untyped(given)));
    expect(problem.given).toContain('as memory');
    expect(problem.fix).toMatch(/^write '\d+(\.\d+)?[A-Za-z]+'$/);
  });

  test('the fix suggests the closest valid quantity', () => {
    const fix = (act: () => unknown) => refused('INVALID_QUANTITY', act).fix;
    expect(fix(() => bytes(untyped('64 gigs')))).toBe("write '64GiB'");
    expect(fix(() => bytes(untyped('512m')))).toBe("write '512MiB'");
    expect(fix(() => bytes(untyped('2Ti')))).toBe("write '2TiB'");
    expect(fix(() => seconds(untyped('5 minutes')))).toBe("write '5m'");
    expect(fix(() => seconds(untyped('soon')))).toBe("write '30s'");
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, '2', '0.5', '-5m', '1.5m', 'm', null])('cpu %j is rejected', (given) => {
    expect(refused('INVALID_QUANTITY', () => cores(untyped(given))).fix).toBe("write 2 or '500m'");
  });

  test('memory is formatted for messages', () => {
    expect([512, 2048, 7.5 * 2 ** 30, 3 * 2 ** 40].map(memoryText)).toEqual(['512 B', '2 KiB', '7.5 GiB', '3 TiB']);
  });
});

describe('addresses', () => {
  const anyRange = fc
    .tuple(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.integer({ min: 0, max: 32 }))
    .map(([address, length]) => range(`${addressText(Math.floor(address / 2 ** (32 - length)) * 2 ** (32 - length))}/${length}`));

  test('text and number convert into each other', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (number) => expect(addressNumber(addressText(number))).toBe(number)));
    expect(addressNumber('10.64.0.11')).toBe(((10 * 256 + 64) * 256 + 0) * 256 + 11);
  });

  test('overlap is symmetric, and means that one network contains the other', () => {
    fc.assert(
      fc.property(anyRange, anyRange, (a, b) => {
        expect(overlaps(a, b)).toBe(overlaps(b, a));
        // Networks are aligned: they overlap only if one contains the other.
        expect(overlaps(a, b)).toBe(contains(a, b) || contains(b, a));
        expect(overlaps(a, b)).toBe(contains(a, b.first) || contains(b, a.first));
      }),
    );
  });

  test('networks with a single address', () => {
    const overlap = (a: string, b: string) => [overlaps(range(a), range(b)), overlaps(range(b), range(a))];
    expect(overlap('10.0.0.7/32', '10.0.0.0/29')).toEqual([true, true]);
    expect(overlap('10.0.0.7/32', '10.0.0.7/32')).toEqual([true, true]);
    expect(overlap('10.0.0.8/32', '10.0.0.0/29')).toEqual([false, false]);
  });

  test('a network contains its first and last address, but not the addresses before and after', () => {
    fc.assert(
      fc.property(anyRange, (network) => {
        expect(contains(network, network)).toBe(true);
        expect([network.first - 1, network.first, network.last, network.last + 1].map((address) => contains(network, address))).toEqual([
          false,
          true,
          true,
          false,
        ]);
      }),
    );
    expect(range('10.64.0.0/24')).toEqual({ cidr: '10.64.0.0/24', first: addressNumber('10.64.0.0'), last: addressNumber('10.64.0.255') });
  });

  test.each(['10.0.0', '10.0.0.256', '010.0.0.1', '10.0.0.1/32', '::1', 'localhost', '', 5, undefined])('%j is not an address', (given) => {
    refused('INVALID_ADDRESS', () => addressNumber(untyped(given)));
  });

  test.each(['10.0.0.0', '10.0.0.0/33', '10.0.0/24', '10.0.0.0/-1', '10.0.0.0/24 ', '::/0', 'any', undefined])(
    '%j is not a network',
    (given) => {
      expect(refused('INVALID_CIDR', () => range(untyped(given))).fix).toBe("write e.g. '10.64.0.0/24'");
    },
  );

  test('host bits and leading zeros are rejected', () => {
    expect(refused('INVALID_CIDR', () => range('10.64.0.5/24')).fix).toBe("write '10.64.0.0/24'");
    expect(refused('INVALID_CIDR', () => range('10.0.0.0/08')).fix).toBe("write '10.0.0.0/8'");
  });

  test('NOT_PUBLIC covers the metadata address and all private ranges, without overlaps', () => {
    const ranges = NOT_PUBLIC.map((cidr) => range(cidr));
    const isPrivate = (address: string) => ranges.some((network) => contains(network, addressNumber(address)));
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
    for (const [index, network] of ranges.entries())
      for (const other of ranges.slice(index + 1)) expect(overlaps(network, other)).toBe(false);
  });
});

describe('names', () => {
  const nearNames = fc.string({ unit: fc.constantFrom(...'abz09-_.AZ ñ/'), maxLength: 12 });

  test('only DNS labels that start with a letter are accepted', () => {
    fc.assert(
      fc.property(nearNames, (name) => {
        const label = [...name].every((letter) => 'abcdefghijklmnopqrstuvwxyz0123456789-'.includes(letter));
        const valid = label && name !== '' && !/^[0-9-]/.test(name) && !name.endsWith('-');
        expect(problemsOf(() => checkName(name)).length === 0).toBe(valid);
      }),
    );
  });

  test('the suggested name is valid', () => {
    fc.assert(
      fc.property(nearNames, (name) => {
        const [problem] = problemsOf(() => checkName(name));
        if (problem) expect(checkName(/'(.*)'/.exec(problem.fix)?.[1] ?? '')).toBeTruthy();
      }),
    );
    expect(refused('INVALID_NAME', () => checkName('My_Pool')).fix).toBe("write 'my-pool'");
  });

  test('at most 63 characters', () => {
    expect(checkName('a'.repeat(63))).toHaveLength(63);
    expect(refused('EXCEEDS_NAME_LENGTH', () => checkName('a'.repeat(64))).allowed).toBe('at most 63 characters');
  });

  test.each(['jupyter.example.org', '192-0-2-10.nip.example', '4.example'])('%s is a valid host name', (host) =>
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
  ])('%j is not a valid host name', (host) => void refused('INVALID_HOST', () => checkHost(untyped(host))));
});

describe('problem reports', () => {
  const finding = { code: 'X', given: 'g', allowed: 'a', fix: 'f' };

  test('problems are thrown together, sorted by path and code, without duplicates', () => {
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

  test('the text has code, path, given, allowed and fix', () => {
    expect(problemText(problemAt('napoli/pools', finding))).toBe('X at napoli/pools\n  given:   g\n  allowed: a\n  fix:     f');
    expect(new FacilityError([problemAt('a', finding)]).message).toContain('X at a');
    // As Node.js prints an uncaught error: the text appears once.
    expect(inspect(new FacilityError([problemAt('a', finding)])).match(/given/g)).toHaveLength(1);
  });

  test('attempt and number record failures under their path, and rethrow other errors', () => {
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

  test('nearest returns only similar candidates', () => {
    expect(nearest('workr', ['master', 'worker'])).toBe('worker');
    expect(nearest('storage', ['master', 'worker'])).toBeUndefined();
    expect(nearest('x', [])).toBeUndefined();
  });
});
