import { failure } from '../../errors';
import { CONDOR_USER } from './daemon';
import { condorUser } from './messages';

/** Users of an access point, and the id with which its pod starts. */
export interface Accounts {
  /** 0: root, which switches to the user of each job. */
  readonly user: number;
  readonly users: Readonly<Record<string, number>>;
}

/** Who submits where no users are given. */
const DEFAULT_USERS: Readonly<Record<string, number>> = { submit: 1001 };

/** One user needs no privilege: the daemons run as this user. */
export function accountsOf(users: Readonly<Record<string, number>> = DEFAULT_USERS): Accounts {
  const ids = Object.values(users);
  return { user: ids.length === 1 ? (ids[0] ?? 0) : 0, users };
}

/**
 * @throws INVALID_CONDOR_USER: the schedd refuses jobs of root and condor, and two users of one id could read each other's files
 */
export function checkUsers(users: Readonly<Record<string, number>>): void {
  const owners = new Map<number, string>();
  if (Object.keys(users).length === 0) throw failure(condorUser('', 0, 'there is no user'));
  for (const [name, uid] of Object.entries(users)) {
    if (!/^[a-z_][a-z0-9_-]{0,30}$/.test(name)) throw failure(condorUser(name, uid, 'the name is invalid'));
    if (['root', 'condor', 'nobody'].includes(name)) throw failure(condorUser(name, uid, 'the name is reserved'));
    if (!Number.isInteger(uid) || uid < 1000 || uid > 65_533) throw failure(condorUser(name, uid, 'the id is invalid'));
    const owner = owners.get(uid);
    if (owner !== undefined) throw failure(condorUser(name, uid, `it is the id of '${owner}'`));
    owners.set(uid, name);
  }
}

/** `/etc/passwd` and `/etc/group` of the pod: daemons refuse to run as a user whom the system does not know. */
export function accountFiles({ users }: Accounts): Readonly<Record<'passwd' | 'group', string>> {
  const all = [
    ['root', 0, '/root'],
    ['condor', CONDOR_USER, '/var/lib/condor'],
    ...Object.entries(users).map(([name, uid]) => [name, uid, '/tmp'] as const),
    ['nobody', 65_534, '/nonexistent'],
  ] as const;
  return {
    passwd: all.map(([name, id, home]) => `${name}:x:${id}:${id}:${name}:${home}:/bin/sh\n`).join(''),
    group: all.map(([name, id]) => `${name === 'nobody' ? 'nogroup' : name}:x:${id}:\n`).join(''),
  };
}
