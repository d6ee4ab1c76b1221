import { type Finding, quote } from '../../errors';
import { HTTPS_PORT } from './ports';

export const cinderClassMissing = (): Finding => ({
  severity: 'warning',
  code: 'MISSING_CINDER_CLASS',
  given: 'no StorageClass of kind cinder: no volumes can be provisioned',
  allowed: 'at least one cinder() in `storage` of the site',
  fix: 'write storage: { default: cinder() }',
});

export const openstackPortInvalid = (given: unknown): Finding => ({
  code: 'INVALID_OPENSTACK_PORT',
  given: quote(given),
  allowed: 'a port of an OpenStack API, from 1 to 65535',
  fix: `set the ports that \`openstack catalog list\` shows for keystone, nova and cinder, e.g. [${HTTPS_PORT}]`,
});
