import type { Service } from '../../kubernetes';
import { htcondor } from './description';
import { HTCondorPool } from './pool';

export const htcondorService: Service = {
  description: htcondor,
  example: (scope, { core, users }) =>
    new HTCondorPool(scope, 'htcondor', {
      on: core,
      domain: 'pool.example.org',
      longestJob: '1h',
      execute: { worker: { on: users, pods: 2, cpu: 1, memory: '2GiB', disk: '5GiB' } },
    }),
};
