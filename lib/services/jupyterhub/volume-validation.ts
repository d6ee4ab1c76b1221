import { posix } from 'node:path';
import type { ServiceChart } from '../../kubernetes';
import type { SharedVolume } from '../../site';
import type { ChoiceProps } from './choices';
import { HOME } from './homes';
import { hubDuplicateMount, hubDuplicateVolume } from './messages';
import type { Notebooks } from './notebooks';
import { allChoices } from './profiles';
import type { JupyterHubProps } from './props';
import { optionsIn, sizesIn } from './servers';

/** Volumes of a choice, and its path. */
interface ChoiceVolumes {
  readonly at: string;
  readonly volumes: readonly SharedVolume[];
}

/**
 * Reports DUPLICATE_HUB_MOUNT and DUPLICATE_HUB_VOLUME. Kubernetes would reject two volumes with the same mount path only when a user
 * starts such a server. A volume with the name of an earlier one replaces it.
 */
export function checkMounts(chart: ServiceChart, props: JupyterHubProps, notebooks: Notebooks): void {
  const taken = reservedPaths(props, notebooks.uses.mountedBy);
  for (const { at, volumes } of [hubVolumes(props), ...allChoices(props).map(({ at, choice }) => volumesOf(at, choice))]) {
    const names = volumes.map(({ name }) => name);
    for (const name of new Set(names.filter((name, index) => names.indexOf(name) !== index)))
      chart.problems.add(`${chart.path()}/${at}`, hubDuplicateVolume(name));
    for (const [index, volume] of volumes.entries()) {
      const owner = taken[pathOf(volume)];
      if (owner) chart.problems.add(`${chart.path()}/${at}`, hubDuplicateMount(volume.at, volume.name, owner));
      checkPair(chart, { at, volumes: [volume] }, { at, volumes: volumes.slice(index + 1) });
    }
  }
  for (const environment of props.environments) {
    // A server has exactly one entry of each group.
    const groups = [
      [hubVolumes(props)],
      [volumesOf(`environments/${environment.name}`, environment)],
      sizesIn(environment, props).map((size) => volumesOf(`sizes/${size.name}`, size)),
      ...optionsIn(environment, props).map(({ name, choices }) =>
        choices.map((choice) => volumesOf(`options/${name}/${choice.name}`, choice)),
      ),
    ];
    const endpointPaths = pathsOfEndpoints(notebooks.of(environment)?.uses.mountedBy ?? {});
    for (const { at, volumes } of groups.flat())
      for (const volume of volumes) {
        const owner = endpointPaths[pathOf(volume)];
        if (owner) chart.problems.add(`${chart.path()}/${at}`, hubDuplicateMount(volume.at, volume.name, owner));
      }
    for (const [index, group] of groups.entries())
      for (const earlier of group) for (const later of groups.slice(index + 1).flat()) checkPair(chart, earlier, later);
  }
}

function checkPair(chart: ServiceChart, earlier: ChoiceVolumes, later: ChoiceVolumes): void {
  for (const first of earlier.volumes)
    for (const second of later.volumes)
      if (first.name !== second.name && pathOf(first) === pathOf(second))
        chart.problems.add(
          `${chart.path()}/${later.at}`,
          hubDuplicateMount(second.at, second.name, `volume '${first.name}' (${earlier.at})`),
        );
}

const hubVolumes = ({ volumes = [] }: JupyterHubProps): ChoiceVolumes => ({ at: 'volumes', volumes });

const volumesOf = (at: string, { volumes = [] }: Pick<ChoiceProps, 'volumes'>): ChoiceVolumes => ({ at, volumes });

const pathOf = ({ at }: SharedVolume) => posix.normalize(`${at}/`);

/** Mount paths of the home directory and of endpoints, with their owners. */
function reservedPaths({ home }: JupyterHubProps, mountedBy: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return {
    ...(home === 'none' ? {} : { [`${HOME}/`]: 'the home directory' }),
    ...pathsOfEndpoints(mountedBy),
  };
}

/** @param mountedBy name of the endpoint for each mount path */
function pathsOfEndpoints(mountedBy: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(mountedBy).map(([at, name]) => [`${at}/`, `endpoint '${name}'`]));
}
