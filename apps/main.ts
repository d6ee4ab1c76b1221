import { run } from '../lib';
import { existingCluster } from './existing-cluster/facility';
import { napoli } from './napoli/facility';

run(napoli, existingCluster);
