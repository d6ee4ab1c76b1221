/** A knob that HTCondor no longer reads. */
export interface RemovedKnob {
  readonly pattern: RegExp;
  /** Version that removed it, or with which it has no effect. */
  readonly since: string;
  /** What to write instead. */
  readonly successor: string;
}

/**
 * Knobs of old configurations and charts, with their successors. Most are read without a message and have no effect, so that a rule that
 * somebody relies on is missing.
 *
 * @see https://htcondor.readthedocs.io/en/25.0/version-history/index.html
 */
export const REMOVED_KNOBS: readonly RemovedKnob[] = [
  { pattern: /^HOSTALLOW_/, since: '9.0', successor: 'ALLOW_* with identities: `ALLOW_READ = alice@pool.example`' },
  { pattern: /^HOSTDENY_/, since: '9.0', successor: 'DENY_* with identities' },
  { pattern: /^(?:GSI_|GSS_)|^GRIDMAP$|^X509_/, since: '10.0', successor: '`scitokens` or `ssl` of `security`: GSI was removed' },
  { pattern: /^SEC_TOKEN_BLACKLIST_EXPR$/, since: '9.0.7', successor: 'SEC_TOKEN_REVOCATION_EXPR' },
  { pattern: /^FLOCK_NEGOTIATOR_HOSTS$/, since: '8.9', successor: '`flocksTo`: FLOCK_TO is sufficient' },
  { pattern: /^FLOCK_COLLECTOR_HOSTS$/, since: '8.9', successor: '`flocksTo`: FLOCK_TO is sufficient' },
  { pattern: /^FLOCK_FROM$/, since: '9.0', successor: '`flocksTo` of the other pool: identities are allowed one by one' },
  { pattern: /^(?:CKPT_|CHECKPOINT_)/, since: '9.0', successor: 'self-checkpointing jobs: the standard universe was removed' },
  { pattern: /^(?:QUILL|DBMSD|DATABASE_)/, since: '7.9', successor: 'the exporter: `metrics`' },
  { pattern: /^HIBERNATE$|^ROOSTER_/, since: '10.0', successor: '`demand` of an execute group' },
  { pattern: /^JOB_ROUTER_(?:DEFAULTS|ENTRIES)$/, since: '25.0', successor: 'JOB_ROUTER_ROUTE_NAMES and JOB_ROUTER_ROUTE_<name>' },
  { pattern: /^(?:HIGHPORT|LOWPORT|(?:IN|OUT)_(?:HIGH|LOW)PORT)$/, since: '8.5', successor: 'nothing: all daemons share one port' },
  { pattern: /^USE_(?:CLONE_TO_CREATE_PROCESSES|PROCD)$/, since: '10.0', successor: 'nothing: the default is right in a container' },
];

/** The entry that describes a knob which was removed. */
export function removedKnob(name: string): RemovedKnob | undefined {
  return REMOVED_KNOBS.find(({ pattern }) => pattern.test(name.toUpperCase()));
}
