/** A hub on a site with cards. */
import {
  type Accelerator,
  type ChoiceProps,
  choice,
  environment,
  Facility,
  JupyterHub,
  type JupyterHubProps,
  mig,
  nodePool,
  option,
  pluginGpus,
  size,
} from '../lib';
import { hub as hubOf, mistakes, minimal as plain, site as siteOf } from './fixture-hub';

export const workers = nodePool('worker', { count: 3, flavor: { vcpus: 32, memory: '64GiB' }, labels: { pool: 'worker' } });
export const gpus = nodePool('gpus', {
  count: 2,
  flavor: { vcpus: 64, memory: '512GiB' },
  labels: { pool: 'gpus' },
  gpus: mig('a100-80gb', { perNode: 1, layout: { '3g.40gb': 2 } }),
});
export const cards = nodePool('cards', {
  flavor: { vcpus: 8, memory: '64GiB' },
  labels: { pool: 'cards' },
  gpus: pluginGpus('example.com/card', 3),
});
export const slice = gpus.slice('3g.40gb');
export const site = siteOf({ pools: [workers, gpus, cards] });
export const SLICE = 'nvidia.com/mig-3g.40gb';

export const small = size('small', { cpu: 2, memory: '4GiB' });
export const minimal: JupyterHubProps = { ...plain, site, on: workers, environments: [environment('python')], sizes: [small] };
export const hub = (props: Partial<JupyterHubProps> = {}) => hubOf({ ...minimal, ...props });
export const wrong = (props: Partial<JupyterHubProps> = {}) => mistakes({ ...minimal, ...props });
export const facility = (props: Partial<JupyterHubProps> = {}) => {
  const made = new Facility(props.site ?? site);
  new JupyterHub(made, 'jupyterhub', { ...minimal, ...props });
  return made;
};
export const find = (made: Facility, kind: string, name: string) =>
  made.output().objects.find(({ object }) => object.kind === kind && object.metadata.name === name)?.object;
export const ask = (accelerator: Accelerator | 'none', more: ChoiceProps = {}) => ({
  accelerator,
  cull: { after: '10m' as const },
  ...more,
});
export const card = option('card', { choices: [choice('none'), choice('one', ask(slice))] });
