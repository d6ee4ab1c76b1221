import fc from 'fast-check';
import { parseQuantity, thousandthsOf, wholeUnits } from '../../lib/site';
import { refused } from '../fixtures/site';

const NANO = 10n ** 9n;

describe('Kubernetes quantities', () => {
  test.each<[unknown, bigint]>([
    ['1Ki', 2n ** 10n * NANO],
    ['1Mi', 2n ** 20n * NANO],
    ['1Gi', 2n ** 30n * NANO],
    ['1Ti', 2n ** 40n * NANO],
    ['1Pi', 2n ** 50n * NANO],
    ['1Ei', 2n ** 60n * NANO],
    ['1k', 10n ** 3n * NANO],
    ['1M', 10n ** 6n * NANO],
    ['1G', 10n ** 9n * NANO],
    ['1T', 10n ** 12n * NANO],
    ['1P', 10n ** 15n * NANO],
    ['1E', 10n ** 18n * NANO],
    ['1e15', 10n ** 15n * NANO],
    ['1E3', 1000n * NANO],
    ['1.5e+3', 1500n * NANO],
    ['5e-1', NANO / 2n],
    ['100m', NANO / 10n],
    ['7u', 7000n],
    ['3n', 3n],
    ['0.5', NANO / 2n],
    ['.5Gi', 2n ** 29n * NANO],
    ['1.', NANO],
    ['+2', 2n * NANO],
    ['-2', -2n * NANO],
    ['0', 0n],
    ['007', 7n * NANO],
    [2, 2n * NANO],
    [0.1, NANO / 10n],
    [1e21, 10n ** 21n * NANO],
    // More than nine decimal places are rounded up.
    ['0.1n', 1n],
    ['1e-400', 1n],
  ])('%p', (text, nano) => {
    expect(parseQuantity(text)).toBe(nano);
  });

  test.each([
    '',
    ' ',
    'x',
    '1 Gi',
    '1Zi',
    '1gi',
    '1K',
    '1GiB',
    '64GB',
    'Infinity',
    '1e',
    '1ee3',
    '.',
    '1.2.3',
    '--1',
    '0x10',
    '1_000',
    null,
    undefined,
    {},
    ['1'],
    true,
  ])('INVALID_QUANTITY: %p', (text) => {
    refused('INVALID_QUANTITY', () => parseQuantity(text));
  });

  test('NaN is an error', () => {
    expect(() => parseQuantity('NaN')).toThrow("INVALID_QUANTITY\n  given:   'NaN' as a Kubernetes quantity");
    expect(() => parseQuantity(Number.NaN)).toThrow('INVALID_QUANTITY');
  });

  test('fractions of bytes and millicores are rounded up', () => {
    expect(wholeUnits('0.5')).toBe(1n);
    expect(wholeUnits('1001m')).toBe(2n);
    expect(thousandthsOf('0.0001')).toBe(1n);
    expect(thousandthsOf('1500u')).toBe(2n);
    expect(thousandthsOf('2')).toBe(2000n);
  });

  test('large integers are exact', () => {
    fc.assert(fc.property(fc.bigInt({ min: 0n, max: 2n ** 63n }), (amount) => expect(wholeUnits(String(amount))).toBe(amount)));
  });
});
