import type { Service } from '../../kubernetes';
import { minIO } from './description';

export const minIOService: Service = {
  description: minIO,
  examples: () => (require('./examples') as typeof import('./examples')).examples,
};
