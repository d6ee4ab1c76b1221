import type { Service } from '../../kubernetes';
import { nvidia } from './description';
import { NvidiaGpus } from './nvidia-gpus';

export const nvidiaService: Service = {
  description: nvidia,
  example: (scope) => new NvidiaGpus(scope, 'gpus'),
};
