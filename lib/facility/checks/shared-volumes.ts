import type { Problems } from '../../errors';
import type { Built } from '../../kubernetes';
import type { FileOwner } from '../../site';
import { claimNotShared, fileOwnerDiffers } from '../messages';
import { nodesFor, type PodGroup, podGroups, runtimeGroups } from '../pods';

/** Claim of a pod: its namespace and name, and whether the pod may write to it. */
interface MountedClaim {
  readonly claim: string;
  readonly writable: boolean;
}

/** Checks claims that several pods mount: access modes, and users of file systems that state who may write. */
export function checkSharedVolumes(built: Built, problems: Problems): void {
  const groups = [...podGroups(built), ...runtimeGroups(built)];
  checkAccessModes(built, groups, problems);
  for (const group of groups)
    for (const { claim, writable } of claimsOf(group)) {
      const fileSystem = built.ledger.fileSystems.get(claim);
      if (!writable || !fileSystem?.owner) continue;
      const strangers = identitiesOf(group).filter((one) => !mayWrite(one, fileSystem.owner as FileOwner));
      for (const { text } of strangers) problems.add(group.path, fileOwnerDiffers(group.name, text, fileSystem.name, fileSystem.owner));
    }
}

/** Reports claims with ReadWriteOnce that pods on several nodes mount: all but those on the first node stay in ContainerCreating. */
function checkAccessModes(built: Built, groups: readonly PodGroup[], problems: Problems): void {
  for (const { object, path } of built.objects) {
    const modes: readonly string[] = object.kind === 'PersistentVolumeClaim' ? (object.spec?.accessModes ?? []) : ['ReadWriteMany'];
    if (modes.some((mode) => mode === 'ReadWriteMany' || mode === 'ReadOnlyMany')) continue;
    const { name, namespace = 'default' } = object.metadata;
    const users = groups.filter((group) => claimsOf(group).some(({ claim }) => claim === `${namespace}/${name}`));
    const pods = users.reduce((sum, { replicas }) => sum + replicas, 0);
    const nodes = new Set(users.flatMap(({ spec }) => nodesFor(built.site, spec)));
    if (pods > 1 && nodes.size > 1) problems.add(path, claimNotShared(name, modes.join(', '), [...new Set(users.map((one) => one.name))]));
  }
}

function claimsOf({ namespace, spec }: PodGroup): readonly MountedClaim[] {
  return (spec.volumes ?? []).flatMap(({ persistentVolumeClaim }) =>
    persistentVolumeClaim ? [{ claim: `${namespace}/${persistentVolumeClaim.claimName}`, writable: !persistentVolumeClaim.readOnly }] : [],
  );
}

/** User and groups of the processes of a container. */
interface Identity {
  readonly user: number;
  readonly groups: readonly number[];
  readonly text: string;
}

/** Identities of the containers whose user is known. Root is left out: what it may do is decided by the server (`root_squash`). */
function identitiesOf({ spec }: PodGroup): readonly Identity[] {
  const { runAsUser, runAsGroup, fsGroup, supplementalGroups = [] } = spec.securityContext ?? {};
  const all = (spec.containers ?? []).flatMap(({ securityContext }) => {
    const user = securityContext?.runAsUser ?? runAsUser;
    const group = securityContext?.runAsGroup ?? runAsGroup;
    if (user === undefined || user === 0) return [];
    const groups = [...(group === undefined ? [] : [group]), ...(fsGroup === undefined ? [] : [fsGroup]), ...supplementalGroups];
    return [{ user, groups, text: `user ${user}${groups.length > 0 ? `, groups ${[...new Set(groups)].join(', ')}` : ''}` }];
  });
  return [...new Map(all.map((one) => [one.text, one])).values()];
}

function mayWrite({ user, groups }: Identity, owner: FileOwner): boolean {
  return user === owner.user || (owner.group !== undefined && groups.includes(owner.group));
}
