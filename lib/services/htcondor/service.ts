import type { Service } from '../../kubernetes';
import { htcondor } from './description';

export const htcondorService: Service = {
  description: htcondor,
  examples: () => (require('./examples') as typeof import('./examples')).examples,
};
