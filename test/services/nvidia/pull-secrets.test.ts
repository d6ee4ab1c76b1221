import { ledgerOf } from '../../../lib/kubernetes';
import { gpus, halves, policy, prometheus, siteOf } from '../../fixtures/gpus';

const props = { driver: 'operator', metrics: { from: prometheus } } as const;

/** The parts of the policy that name an image, with their Secrets. */
function operands(value: unknown, path = ''): readonly (readonly [string, unknown])[] {
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.entries(value).flatMap(([key, part]) => operands(part, path ? `${path}.${key}` : key));
  return 'image' in value ? [[path, (value as { imagePullSecrets?: unknown }).imagePullSecrets], ...inner] : inner;
}

const PARTS = ['dcgmExporter', 'devicePlugin', 'driver', 'driver.manager', 'gfd', 'migManager', 'toolkit', 'validator'];

test('every image of the policy names the image pull secrets of the site: the operator creates the pods', () => {
  const site = siteOf([halves], {}, { imagePullSecrets: ['harbor', 'ngc'] });

  expect(operands(policy(site, props))).toEqual(PARTS.map((part) => [part, ['harbor', 'ngc']]));
});

test('the policy of a site without image pull secrets has none', () => {
  expect(operands(policy(siteOf(), props))).toEqual(PARTS.map((part) => [part, undefined]));
});

test('the Secrets are needed in the namespace of the operator', () => {
  const chart = gpus(siteOf([halves], {}, { imagePullSecrets: ['ngc'] }), { ...props, namespace: 'operator' });
  const needed = ledgerOf(chart).secrets.filter(({ secret }) => secret.key === '.dockerconfigjson');

  expect(needed.map(({ namespace, secret, origin }) => [namespace, secret.name, origin.kind])).toEqual([['operator', 'ngc', 'operator']]);
});
