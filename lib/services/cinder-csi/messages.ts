import { type Finding, quote } from '../../errors';

export const cinderClassMissing = (): Finding => ({
  severity: 'warning',
  code: 'MISSING_CINDER_CLASS',
  given: 'a site without a StorageClass of Cinder: no volume can be requested',
  allowed: 'at least one cinder() in `storage` of the site',
  fix: 'write storage: { default: cinder() }',
});

export const openstackPortInvalid = (given: unknown): Finding => ({
  code: 'INVALID_OPENSTACK_PORT',
  given: quote(given),
  allowed: 'a port of an OpenStack API, from 1 to 65535',
  fix: 'write the ports that `openstack catalog list` shows for keystone, nova and cinder, e.g. [443]',
});
