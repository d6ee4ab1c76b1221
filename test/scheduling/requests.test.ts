import fc from 'fast-check';
import { effectiveRequests, type ScheduledSpec } from '../../lib/scheduling';
import { refused } from '../fixtures/site';

const container = (name: string, cpu: string, more: object = {}) => ({ name, resources: { requests: { cpu } }, ...more });
const cpuOf = (spec: ScheduledSpec) => effectiveRequests(spec).cpu;

describe('effective requests of a pod', () => {
  test('sum of the containers', () => {
    const spec = { containers: [{ name: 'a', resources: { requests: { cpu: '60', memory: '1Gi' } } }, container('b', '60')] };
    expect(effectiveRequests(spec)).toEqual({ cpu: 120_000n, memory: 2n ** 30n, pods: 1n });
  });

  test('a missing request defaults to the limit', () => {
    const resources = { limits: { cpu: '2', 'example.com/gpu': 1 }, requests: { cpu: '500m' } };
    expect(effectiveRequests({ containers: [{ name: 'a', resources }] })).toEqual({ cpu: 500n, 'example.com/gpu': 1n, pods: 1n });
  });

  test('defaults of a LimitRange', () => {
    const defaults = { requests: { cpu: '100m' }, limits: { cpu: '1', memory: '256Mi' } };
    const containers = [{ name: 'a' }, { name: 'b', resources: { limits: { cpu: '2' } } }];
    expect(effectiveRequests({ containers }, defaults)).toEqual({ cpu: 2100n, memory: 2n ** 29n, pods: 1n });
  });

  test('sidecars are added to containers and to later init containers', () => {
    const sidecar = container('s', '2', { restartPolicy: 'Always' });
    expect(cpuOf({ containers: [container('a', '1')], initContainers: [sidecar] })).toBe(3000n);
    expect(cpuOf({ containers: [container('a', '1')], initContainers: [container('i', '5'), sidecar] })).toBe(5000n);
    expect(cpuOf({ containers: [container('a', '1')], initContainers: [sidecar, container('i', '5')] })).toBe(7000n);
  });

  test('pod-level requests replace those of containers, overhead is added', () => {
    const containers = [container('a', '1')];
    expect(cpuOf({ containers, resources: { requests: { cpu: '4', 'example.com/gpu': 9 } } })).toBe(4000n);
    expect(cpuOf({ containers, resources: { limits: { cpu: '4' } } })).toBe(1000n);
    expect(effectiveRequests({ containers, resources: { limits: { memory: '4Gi' } } }).memory).toBe(2n ** 32n);
    expect(cpuOf({ containers, overhead: { cpu: '250m' } })).toBe(1250n);
  });

  test('INVALID_QUANTITY and INVALID_RESOURCE_REQUEST', () => {
    refused('INVALID_QUANTITY', () => cpuOf({ containers: [container('a', '4 cores')] }));
    refused('INVALID_QUANTITY', () => cpuOf({ containers: [], overhead: { cpu: 'some' } }));
    expect(refused('INVALID_RESOURCE_REQUEST', () => cpuOf({ containers: [container('a', '-1')] })).given).toBe(
      'a negative request of a for cpu',
    );
  });

  test('equals the maximum over the life of the pod', () => {
    const arbitrary = fc.record({ millis: fc.integer({ min: 0, max: 5000 }), sidecar: fc.boolean() });
    fc.assert(
      fc.property(fc.array(arbitrary, { maxLength: 5 }), fc.array(arbitrary, { maxLength: 4 }), (starting, containers) => {
        const spec = {
          initContainers: starting.map(({ millis, sidecar }, index) =>
            container(`i${index}`, `${millis}m`, sidecar ? { restartPolicy: 'Always' } : {}),
          ),
          containers: containers.map(({ millis }, index) => container(`c${index}`, `${millis}m`)),
        };
        // Simulates the start of the pod, one container after the other.
        let running = 0;
        let maximum = 0;
        for (const { millis, sidecar } of starting) {
          maximum = Math.max(maximum, running + millis);
          if (sidecar) running += millis;
        }
        maximum = Math.max(maximum, running + containers.reduce((sum, { millis }) => sum + millis, 0));
        expect(Number(cpuOf(spec) ?? 0n)).toBe(maximum);
      }),
    );
  });
});
