import fc from 'fast-check';
import { drainOf } from '../../../lib/services/htcondor';
import { problemsOf, refused } from '../../fixtures/site';

describe('times of an execute node that is drained', () => {
  test('a job of the longest duration finishes, whatever it and the time to stop are', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000_000 }), fc.integer({ min: 1, max: 86_400 }), (longest, vacate) => {
        const { retirement, shutdown, grace, ...rest } = drainOf(longest, vacate);
        // The startd subtracts the time to stop; master and kubelet must wait longer than the startd.
        expect(retirement - rest.vacate).toBeGreaterThanOrEqual(longest);
        expect(shutdown).toBeGreaterThan(retirement);
        expect(grace).toBeGreaterThan(shutdown);
      }),
    );
  });

  test('of one hour', () => {
    expect(drainOf(3600, 60)).toEqual({ retirement: 3660, vacate: 60, shutdown: 3720, grace: 3780 });
    expect(drainOf(3600, 60, 7200).grace).toBe(7200);
  });

  test('CONFLICTING_CONDOR_GRACE exactly if the grace period is shorter than needed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), fc.integer({ min: 1, max: 300_000 }), (longest, grace) => {
        const codes = problemsOf(() => drainOf(longest, 60, grace)).map(({ code }) => code);
        expect(codes).toEqual(grace < longest + 60 + 120 ? ['CONFLICTING_CONDOR_GRACE'] : []);
      }),
    );
    const { given, fix } = refused('CONFLICTING_CONDOR_GRACE', () => drainOf(3600, 60, 30));
    expect([given, fix]).toEqual([
      'a grace period of 30 s for jobs of up to 3600 s: the kubelet would kill them',
      "remove grace, or write grace: '3780s'",
    ]);
    expect(drainOf(3600, 60, 3780).grace).toBe(3780);
  });

  test('INVALID_CONDOR_LONGEST_JOB', () => {
    for (const [longest, vacate] of [
      [0, 60],
      [60, 0],
      [Number.NaN, 60],
    ] as const)
      expect(problemsOf(() => drainOf(longest, vacate)).map(({ code }) => code)).toEqual(['INVALID_CONDOR_LONGEST_JOB']);
  });
});
