import { run } from '../lib';
import { dodas } from './dodas/facility';
import { existingCluster } from './existing-cluster/facility';
import { maxiv } from './maxiv/facility';
import { napoli } from './napoli/facility';

run(napoli, existingCluster, maxiv, dodas);
