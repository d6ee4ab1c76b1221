import type { Service } from '../../kubernetes';
import { nvidia } from './description';

export const nvidiaService: Service = {
  description: nvidia,
  examples: () => (require('./examples') as typeof import('./examples')).examples,
};
