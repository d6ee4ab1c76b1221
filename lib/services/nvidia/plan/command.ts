import type { ServiceCommand } from '../../../kubernetes';
import { gpuPlanOfRecords, gpuPlanOfSite } from './gpu-plan';

/** `npx facility gpu-plan`: steps to change the MIG layouts of nodes. */
export const gpuPlan: ServiceCommand = {
  name: 'gpu-plan',
  help: [
    [
      'SITE',
      'print the steps from the MIG layouts in the last output to those of the app; exit status 2 if there are any, 0 if not, 1 after an error',
    ],
    ['OLD NEW', 'print the steps from one dist/cluster/SITE/gpus.json to another; OLD may be - for standard input'],
    ['    [--json]', 'print the plan as JSON'],
  ],
  run: gpuPlanOfSite,
  // Two records are compared without the app.
  isStandalone: (args) => args.filter((arg) => arg !== '--json').length !== 1,
  runStandalone: gpuPlanOfRecords,
};
