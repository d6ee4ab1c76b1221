import type { Service } from '../../kubernetes';
import { jupyterHub } from './description';

export const jupyterHubService: Service = {
  description: jupyterHub,
  examples: () => (require('./examples') as typeof import('./examples')).examples,
};
