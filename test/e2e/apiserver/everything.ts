/**
 * Facilities with every option on, for the suites `apiserver` and `checkers`: `node --import tsx everything.ts FOLDER` writes the manifests of
 * each site to FOLDER/<site>. The examples stand in the folders of their services, the sites in test/fixtures/examples.ts.
 */
import { join } from 'node:path';
import type { FacilityProps } from '../../../lib';
import { control, facilityOf, groups } from '../../fixtures/examples';
import { Others } from './others';

const QUOTAS: Readonly<Record<string, FacilityProps['quotas']>> = { provisioned: { compute: { cpu: 200, memory: '800GiB' } } };

const folder = process.argv[2] ?? '.';
for (const group of groups()) {
  const { facility, context } = facilityOf(group, { outdir: join(folder, group.name), quotas: QUOTAS[group.name] ?? {} });
  const nodes = context.site.cloud ? [control, context.core, context.users] : [context.core];
  new Others(facility, nodes, context.core);
  facility.synth();
}
