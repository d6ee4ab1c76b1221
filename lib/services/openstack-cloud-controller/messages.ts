import type { Finding } from '../../errors';

export const kubeletsDoNotWait = (): Finding => ({
  severity: 'warning',
  code: 'MISSING_EXTERNAL_CLOUD_PROVIDER',
  given: 'kubelets that do not wait for a cloud controller: no node gets its zone and its addresses from it',
  allowed: 'kubelets with cloud provider `external`',
  fix: 'write openstack({ cloudController: true })',
});
