import type { ServiceCommand } from '../../../kubernetes';
import { gpuPlanOfRecords, gpuPlanOfSite } from './gpu-plan';

/** `facility gpu-plan`: how nodes get from one set of MIG layouts to another. */
export const gpuPlan: ServiceCommand = {
  name: 'gpu-plan',
  help: [
    [
      'SITE',
      'print the steps from the MIG layouts that were written last to those of the app; exits with 2 if there are any, 0 if not, 1 after an error',
    ],
    ['OLD NEW', 'the same from one dist/cluster/SITE/gpus.json to another; OLD may be - for standard input'],
    ['    [--json]', 'print the plan for programs'],
  ],
  run: gpuPlanOfSite,
  // Two records are compared without the app that wrote them.
  isStandalone: (words) => words.filter((word) => word !== '--json').length !== 1,
  runStandalone: gpuPlanOfRecords,
};
