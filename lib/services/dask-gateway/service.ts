import type { Service } from '../../kubernetes';
import { daskGateway } from './description';

export const daskGatewayService: Service = {
  description: daskGateway,
  examples: () => (require('./examples') as typeof import('./examples')).examples,
};
