import { Deployment, ledgerOf, SpawnedPods } from '../../lib/kubernetes';
import { existing, nodes } from '../fixtures/site';
import { Bench, basic, rendered } from '../fixtures/workload';

const bench = (imagePullSecrets?: readonly string[]) =>
  new Bench(
    (chart) => {
      new Deployment(chart, 'server', basic);
      new SpawnedPods(chart, 'notebook');
    },
    { site: existing({ pools: [nodes], ...(imagePullSecrets ? { imagePullSecrets } : {}) }) },
  );

test('every ServiceAccount has the image pull secrets of the site, also that of runtime pods', () => {
  const accounts = rendered(bench(['harbor', 'ghcr'])).filter(({ kind }) => kind === 'ServiceAccount');
  expect(accounts.map(({ metadata, imagePullSecrets }) => [metadata.name, imagePullSecrets])).toEqual([
    ['bench-server', [{ name: 'harbor' }, { name: 'ghcr' }]],
    ['bench-notebook', [{ name: 'harbor' }, { name: 'ghcr' }]],
  ]);
  for (const account of rendered(bench()).filter(({ kind }) => kind === 'ServiceAccount'))
    expect(account).not.toHaveProperty('imagePullSecrets');
});

test('the Secrets are required once in the namespace of the service', () => {
  expect(ledgerOf(bench(['harbor'])).secrets.map(({ namespace, secret, origin }) => [namespace, secret, origin.kind])).toEqual([
    ['bench', { name: 'harbor', key: '.dockerconfigjson' }, 'operator'],
  ]);
  expect(ledgerOf(bench()).secrets).toEqual([]);
});

test('every pod uses a ServiceAccount of its service', () => {
  const pods = rendered(bench(['harbor'])).filter(({ kind }) => kind === 'Deployment');
  expect(pods.map(({ spec }) => spec.template.spec.serviceAccountName)).toEqual(['bench-server']);
});
