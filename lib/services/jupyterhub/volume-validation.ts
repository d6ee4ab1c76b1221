import { posix } from 'node:path';
import type { ServiceChart } from '../../kubernetes';
import type { ChoiceProps } from './choices';
import { HOME } from './homes';
import { hubDuplicateMount, hubDuplicateVolume } from './messages';
import type { Notebooks } from './notebooks';
import { everyChoice } from './profiles';
import type { JupyterHubProps } from './props';
import { optionsIn, sizesIn } from './servers';
import type { SharedVolume } from './volumes';

/** Volumes that a choice brings, and where it is made. */
interface Bringing {
  readonly at: string;
  readonly volumes: readonly SharedVolume[];
}

/**
 * Records what Kubernetes would refuse only when somebody starts such a server: two volumes in one folder. A volume of the same name
 * takes the place of the one before, which is how a choice changes it.
 */
export function checkMounts(chart: ServiceChart, props: JupyterHubProps, notebooks: Notebooks): void {
  const taken = reserved(props, notebooks.uses.mountedBy);
  for (const { at, volumes } of [everywhere(props), ...everyChoice(props).map(({ at, one }) => bringing(at, one))]) {
    const names = volumes.map(({ name }) => name);
    for (const name of new Set(names.filter((one, index) => names.indexOf(one) !== index)))
      chart.problems.add(`${chart.path()}/${at}`, hubDuplicateVolume(name));
    for (const [index, one] of volumes.entries()) {
      const owner = taken[folderOf(one)];
      if (owner) chart.problems.add(`${chart.path()}/${at}`, hubDuplicateMount(one.at, one.name, owner));
      together(chart, { at, volumes: [one] }, { at, volumes: volumes.slice(index + 1) });
    }
  }
  for (const environment of props.environments) {
    // Of each group, a server has one: the first two groups are no choice.
    const groups = [
      [everywhere(props)],
      [bringing(`environments/${environment.name}`, environment)],
      sizesIn(environment, props).map((size) => bringing(`sizes/${size.name}`, size)),
      ...optionsIn(environment, props).map(({ name, choices }) => choices.map((one) => bringing(`options/${name}/${one.name}`, one))),
    ];
    const own = byEndpoints(notebooks.of(environment)?.uses.mountedBy ?? {});
    for (const { at, volumes } of groups.flat())
      for (const one of volumes) {
        const owner = own[folderOf(one)];
        if (owner) chart.problems.add(`${chart.path()}/${at}`, hubDuplicateMount(one.at, one.name, owner));
      }
    for (const [index, group] of groups.entries())
      for (const one of group) for (const other of groups.slice(index + 1).flat()) together(chart, one, other);
  }
}

function together(chart: ServiceChart, before: Bringing, after: Bringing): void {
  for (const one of before.volumes)
    for (const other of after.volumes)
      if (one.name !== other.name && folderOf(one) === folderOf(other))
        chart.problems.add(`${chart.path()}/${after.at}`, hubDuplicateMount(other.at, other.name, `volume '${one.name}' (${before.at})`));
}

const everywhere = ({ volumes = [] }: JupyterHubProps): Bringing => ({ at: 'volumes', volumes });

const bringing = (at: string, { volumes = [] }: Pick<ChoiceProps, 'volumes'>): Bringing => ({ at, volumes });

const folderOf = ({ at }: SharedVolume) => posix.normalize(`${at}/`);

/** What every server has already. */
function reserved({ home }: JupyterHubProps, mountedBy: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return {
    ...(home === 'none' ? {} : { [`${HOME}/`]: 'the home' }),
    ...byEndpoints(mountedBy),
  };
}

/** @param mountedBy name of the endpoint that mounts each path */
function byEndpoints(mountedBy: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(mountedBy).map(([at, name]) => [`${at}/`, `endpoint '${name}'`]));
}
