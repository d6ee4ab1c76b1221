/** Every knob that the pools write is known to HTCondor, and has the value that the role should have. */
import type { PodName, Pods } from './pods';
import { ACCESS, EXECUTE, MANAGER, PARTNER, SLICE, VIRGO } from './pods';
import { ALL } from './site';

/** Names that end with a group, a job transform, a user map or a machine resource, and attributes of ours. Other steps of the suite use them. */
const COMPOSED = /^(GROUP_|JOB_TRANSFORM_|CLASSAD_USER_|MACHINE_RESOURCE_|SLOT_TYPE_|NUM_SLOTS_TYPE_|K8s|PartnerPool$)/;

/** Macros of the layout that other values refer to. */
const MACROS = ['SHARE'];

const EXPECTED: readonly (readonly [PodName, Readonly<Record<string, string>>])[] = [
  [MANAGER, { DAEMON_LIST: 'MASTER, COLLECTOR, NEGOTIATOR', TRUST_DOMAIN: 'pool.example', NEGOTIATOR_INTERVAL: '5' }],
  [ACCESS, { DAEMON_LIST: 'MASTER, SCHEDD', SCHEDD_NAME: 'ap@pool.example', UID_DOMAIN: 'pool.example' }],
  // 1 GiB less 256 MiB for the daemons; 120 s for the longest job and 60 s to stop.
  [EXECUTE[0], { DAEMON_LIST: 'MASTER, STARTD', NUM_CPUS: String(ALL.cpu), MEMORY: '768', MachineMaxVacateTime: '60' }],
  [SLICE, { MACHINE_RESOURCE_GPUS: '1' }],
  [PARTNER.manager, { TRUST_DOMAIN: 'partner.example' }],
];

export async function proveConfiguration(pods: Pods): Promise<void> {
  const { context } = pods;
  for (const pod of [MANAGER, ACCESS, EXECUTE[0], VIRGO, SLICE, PARTNER.manager, PARTNER.access, PARTNER.execute]) {
    const written = await pods.sh(
      pod,
      String.raw`sed -n -E 's/^([A-Za-z][A-Za-z0-9_.]*) *=.*/\1/p' /etc/condor/condor_config /etc/condor/config.d/*`,
    );
    const names = [...new Set(written.split('\n'))].filter((name) => !COMPOSED.test(name) && !MACROS.includes(name));
    // The table of defaults, without our files; knobs without a default are only in the programs.
    const table = `CONDOR_CONFIG=ONLY_ENV condor_config_val -dump | sed -n -E 's/^([A-Za-z][A-Za-z0-9_.]*) = .*/\\U\\1/p'`;
    const programs = '/usr/lib/*/libcondor_utils*.so /usr/lib/libcondor_utils*.so /usr/sbin/condor_*';
    const unknown = await pods.sh(
      pod,
      `${table} | sort -u > /tmp/table; for name in ${names.join(' ')}; do upper=$(echo $name | tr a-z A-Z); short=\${upper#ALLOW_}; grep -qx "$upper" /tmp/table || grep -qsaw "$name" ${programs} || { [ $short != $upper ] && grep -qsaw "$short" ${programs}; } || echo $name; done`,
    );
    context.equal(`knobs that ${pod} writes and HTCondor does not know`, unknown, '');
  }
  for (const [pod, values] of EXPECTED)
    for (const [name, value] of Object.entries(values))
      context.equal(`${name} of ${pod}`, await pods.sh(pod, `condor_config_val ${name}`), value);
  // Jobs that exceed their limits get no time; the others get the longest job, and the time to stop.
  context.equal('retirement', (await pods.sh(EXECUTE[0], 'condor_config_val MaxJobRetirementTime')).endsWith(',180))'), true);
}
