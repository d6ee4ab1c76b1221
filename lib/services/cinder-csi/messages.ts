import type { Finding } from '../../errors';

export const cinderClassMissing = (): Finding => ({
  severity: 'warning',
  code: 'MISSING_CINDER_CLASS',
  given: 'a site without a StorageClass of Cinder: no volume can be requested',
  allowed: 'at least one cinder() in `storage` of the site',
  fix: 'write storage: { default: cinder() }',
});
