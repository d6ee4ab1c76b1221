import { run } from '../lib';
import { existingCluster } from './existing-cluster/facility';
import { maxiv } from './maxiv/facility';
import { napoli } from './napoli/facility';

run(napoli, existingCluster, maxiv);
