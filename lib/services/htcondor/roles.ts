import type { AllowList, CondorSecurityProps } from './security-props';

/**
 * Identities of daemons. Each authenticates with a token of its own, except the managers: who has the signing key is `condor@password`, and
 * local tools are `condor@<domain>` by FS.
 */
export const SIGNING_IDENTITY = 'condor@password';

/** Name of the identity of each role in the domain of the pool. */
export const ROLE_NAMES = { manager: 'condor', accessPoint: 'ap', execute: 'ep', flock: 'flock' } as const;

export type TokenRole = 'accessPoint' | 'execute' | 'flock' | 'monitor';

/** Identity of a role: `ap@pool.example`. @param of name of the access point, for a role of which there are several */
export function identity(role: Exclude<TokenRole, 'monitor'> | 'manager', domain: string, of?: string): string {
  return `${ROLE_NAMES[role]}${of === undefined ? '' : `-${of}`}@${domain}`;
}

/** A token of a daemon, before it is signed. */
export interface TokenClaims {
  /** `sub` of the token. */
  readonly identity: string;
  /** TRUST_DOMAIN of the pool that accepts it. */
  readonly issuer: string;
  /** Rights that the token is limited to; what it is allowed is the intersection with the ALLOW lists. */
  readonly scopes: readonly AllowList[];
}

/**
 * Rights of the token of each role: the least with which its daemons work. CCB registers at the collector with the right DAEMON.
 *
 * @see https://htcondor.readthedocs.io/en/25.0/admin-manual/security.html#idtokens-authentication
 */
export function scopesOf(role: 'accessPoint' | 'execute' | 'flock', ccb: boolean): readonly AllowList[] {
  switch (role) {
    case 'accessPoint':
    case 'flock':
      return ['READ', 'ADVERTISE_MASTER', 'ADVERTISE_SCHEDD'];
    case 'execute':
      return ['READ', 'ADVERTISE_MASTER', 'ADVERTISE_STARTD', ...(ccb ? (['DAEMON'] as const) : [])];
  }
}

/** What the ALLOW lists of a pool depend on. */
export interface Membership {
  readonly domain: string;
  /** Names of the access points. */
  readonly accessPoints: readonly string[];
  /** Whether execute nodes register with CCB. */
  readonly ccb: boolean;
  /** Identities of access points of other pools that send their jobs here. */
  readonly flocking: readonly string[];
  readonly security: CondorSecurityProps;
}

export type AllowLists = Readonly<Record<AllowList, readonly string[]>>;

/** Everybody whose identity this pool has issued. Only READ and WRITE may name users like this. */
function everyUser(domain: string): string {
  return `*@${domain}`;
}

/** ALLOW lists of the managers: they alone decide who is part of the pool. */
export function managerAllows(pool: Membership): AllowLists {
  const { domain, accessPoints, flocking } = pool;
  const own = daemonIdentities(domain);
  const ap = accessPoints.map((name) => identity('accessPoint', domain, name));
  const ep = identity('execute', domain);
  return withFurther(pool, {
    READ: [everyUser(domain), SIGNING_IDENTITY],
    // Users submit to access points; the collector needs WRITE from nobody.
    WRITE: own,
    ADMINISTRATOR: administrators(pool),
    DAEMON: [...own, ...(pool.ccb ? [ep] : [])],
    NEGOTIATOR: own,
    ADVERTISE_MASTER: [...own, ...ap, ep, ...flocking],
    ADVERTISE_SCHEDD: [...ap, ...flocking],
    ADVERTISE_STARTD: [ep],
  });
}

/** ALLOW lists of an access point: users submit here. */
export function accessPointAllows(pool: Membership): AllowLists {
  const { domain } = pool;
  const own = daemonIdentities(domain);
  return withFurther(pool, {
    READ: [everyUser(domain), SIGNING_IDENTITY],
    WRITE: [everyUser(domain), SIGNING_IDENTITY],
    ADMINISTRATOR: administrators(pool),
    DAEMON: own,
    NEGOTIATOR: own,
    ADVERTISE_MASTER: own,
    ADVERTISE_SCHEDD: own,
    ADVERTISE_STARTD: own,
  });
}

/** ALLOW lists of execute nodes. Schedds claim slots with the session that they got with the match, and need no entry here. */
export function executeAllows(pool: Membership): AllowLists {
  const own = daemonIdentities(pool.domain);
  return {
    READ: [everyUser(pool.domain), SIGNING_IDENTITY],
    WRITE: own,
    ADMINISTRATOR: administrators(pool),
    DAEMON: own,
    NEGOTIATOR: own,
    ADVERTISE_MASTER: own,
    ADVERTISE_SCHEDD: own,
    ADVERTISE_STARTD: own,
  };
}

function daemonIdentities(domain: string): readonly string[] {
  return [identity('manager', domain), SIGNING_IDENTITY];
}

/** root and the user of the daemons in the same pod, and those whom the operator names. */
function administrators({ domain, security }: Membership): readonly string[] {
  return [identity('manager', domain), `root@${domain}`, ...(security.administrators ?? []).map((name) => withDomain(name, domain))];
}

function withDomain(name: string, domain: string): string {
  return name.includes('@') ? name : `${name}@${domain}`;
}

function withFurther({ security }: Membership, own: AllowLists): AllowLists {
  const lists = Object.entries(own) as [AllowList, readonly string[]][];
  return { ...own, ...Object.fromEntries(lists.map(([name, list]) => [name, [...list, ...(security.allow?.[name] ?? [])]])) };
}

/**
 * Whether an entry of an ALLOW list allows everybody, or everybody of a network: a user name with `*` other than all users of the own domain
 * in READ and WRITE, or a host with `*`.
 */
export function isOpenEntry(entry: string, list: AllowList, domain: string): boolean {
  const [user = '', host] = entry.split('/');
  if (host === undefined && user === everyUser(domain)) return list !== 'READ' && list !== 'WRITE';
  return entry.includes('*') || user === '' || !user.includes('@');
}
