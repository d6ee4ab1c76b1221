import type { Service } from '../../kubernetes';
import { dask } from './description';

export const daskService: Service = {
  description: dask,
  examples: () => (require('./examples') as typeof import('./examples')).examples,
};
