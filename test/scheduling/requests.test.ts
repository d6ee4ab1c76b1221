import fc from 'fast-check';
import { effectiveRequests, type ScheduledSpec } from '../../lib/scheduling';
import { refused } from '../fixtures/site';

const asking = (name: string, cpu: string, more: object = {}) => ({ name, resources: { requests: { cpu } }, ...more });
const cpuOf = (spec: ScheduledSpec) => effectiveRequests(spec).cpu;

describe('what the scheduler counts for a pod', () => {
  test('containers together, and one pod', () => {
    const spec = { containers: [{ name: 'a', resources: { requests: { cpu: '60', memory: '1Gi' } } }, asking('b', '60')] };
    expect(effectiveRequests(spec)).toEqual({ cpu: 120_000n, memory: 2n ** 30n, pods: 1n });
  });

  test('a limit is a request where there is none', () => {
    const resources = { limits: { cpu: '2', 'example.com/gpu': 1 }, requests: { cpu: '500m' } };
    expect(effectiveRequests({ containers: [{ name: 'a', resources }] })).toEqual({ cpu: 500n, 'example.com/gpu': 1n, pods: 1n });
  });

  test('what a LimitRange gives, where a container says nothing', () => {
    const defaults = { requests: { cpu: '100m' }, limits: { cpu: '1', memory: '256Mi' } };
    const containers = [{ name: 'a' }, { name: 'b', resources: { limits: { cpu: '2' } } }];
    expect(effectiveRequests({ containers }, defaults)).toEqual({ cpu: 2100n, memory: 2n ** 29n, pods: 1n });
  });

  test('sidecars run beside the containers, and beside the init containers after them', () => {
    const sidecar = asking('s', '2', { restartPolicy: 'Always' });
    expect(cpuOf({ containers: [asking('a', '1')], initContainers: [sidecar] })).toBe(3000n);
    expect(cpuOf({ containers: [asking('a', '1')], initContainers: [asking('i', '5'), sidecar] })).toBe(5000n);
    expect(cpuOf({ containers: [asking('a', '1')], initContainers: [sidecar, asking('i', '5')] })).toBe(7000n);
  });

  test('pod-level requests take the place of containers, and overhead comes on top', () => {
    const containers = [asking('a', '1')];
    expect(cpuOf({ containers, resources: { requests: { cpu: '4', 'example.com/gpu': 9 } } })).toBe(4000n);
    expect(cpuOf({ containers, resources: { limits: { cpu: '4' } } })).toBe(1000n);
    expect(effectiveRequests({ containers, resources: { limits: { memory: '4Gi' } } }).memory).toBe(2n ** 32n);
    expect(cpuOf({ containers, overhead: { cpu: '250m' } })).toBe(1250n);
  });

  test('INVALID_QUANTITY and INVALID_RESOURCE_REQUEST: nothing is skipped', () => {
    refused('INVALID_QUANTITY', () => cpuOf({ containers: [asking('a', '4 cores')] }));
    refused('INVALID_QUANTITY', () => cpuOf({ containers: [], overhead: { cpu: 'some' } }));
    expect(refused('INVALID_RESOURCE_REQUEST', () => cpuOf({ containers: [asking('a', '-1')] })).given).toBe(
      'a asks for less than nothing of cpu',
    );
  });

  test('is what runs at the same time, at the worst time', () => {
    const container = fc.record({ millis: fc.integer({ min: 0, max: 5000 }), sidecar: fc.boolean() });
    fc.assert(
      fc.property(fc.array(container, { maxLength: 5 }), fc.array(container, { maxLength: 4 }), (starting, running) => {
        const spec = {
          initContainers: starting.map(({ millis, sidecar }, index) =>
            asking(`i${index}`, `${millis}m`, sidecar ? { restartPolicy: 'Always' } : {}),
          ),
          containers: running.map(({ millis }, index) => asking(`c${index}`, `${millis}m`)),
        };
        // The life of the pod, one moment after the other.
        let up = 0;
        let worst = 0;
        for (const { millis, sidecar } of starting) {
          worst = Math.max(worst, up + millis);
          if (sidecar) up += millis;
        }
        worst = Math.max(worst, up + running.reduce((sum, { millis }) => sum + millis, 0));
        expect(Number(cpuOf(spec) ?? 0n)).toBe(worst);
      }),
    );
  });
});
