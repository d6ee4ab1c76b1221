import type { Finding } from '../../errors';

export const externalCloudProviderMissing = (): Finding => ({
  severity: 'warning',
  code: 'MISSING_EXTERNAL_CLOUD_PROVIDER',
  given: 'kubelets without cloud provider `external`: nodes do not get zones and addresses from the cloud controller',
  allowed: 'kubelets with cloud provider `external`',
  fix: 'write openstack({ cloudController: true })',
});
