/** Every knob that the pools write is known to HTCondor, and has the value that the role should have. */
import type { PodName, Pods } from './pods';
import { ACCESS, EXECUTE, MANAGER, PARTNER, SLICE, VIRGO } from './pods';

/** Knobs without a default value: `condor_config_val` knows them by no table. Each is used by the daemons in another step of the suite. */
const WITHOUT_DEFAULT =
  /^(ALLOW_|GROUP_|JOB_TRANSFORM_|CLASSAD_USER_|MACHINE_RESOURCE_|SLOT_TYPE_|NUM_SLOTS_TYPE_|K8s|PartnerPool$|SETTABLE_ATTRS)/;

const EXPECTED: readonly (readonly [PodName, Readonly<Record<string, string>>])[] = [
  [MANAGER, { DAEMON_LIST: 'MASTER, COLLECTOR, NEGOTIATOR', TRUST_DOMAIN: 'pool.example', NEGOTIATOR_INTERVAL: '5' }],
  [ACCESS, { DAEMON_LIST: 'MASTER, SCHEDD', SCHEDD_NAME: 'ap@pool.example', UID_DOMAIN: 'pool.example' }],
  // 1 GiB less 256 MiB for the daemons; 120 s for the longest job and 60 s to stop.
  [EXECUTE[0], { DAEMON_LIST: 'MASTER, STARTD', NUM_CPUS: '2', MEMORY: '768', MaxJobRetirementTime: '180', MachineMaxVacateTime: '60' }],
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
    const names = [...new Set(written.split('\n'))].filter((name) => !WITHOUT_DEFAULT.test(name));
    // The table of defaults, without our files.
    const known = await pods.sh(pod, `CONDOR_CONFIG=ONLY_ENV condor_config_val -dump | sed -n -E 's/^([A-Za-z][A-Za-z0-9_.]*) = .*/\\1/p'`);
    const table = new Set(known.split('\n').map((name) => name.toUpperCase()));
    const unknown = names.filter((name) => !table.has(name.toUpperCase()));
    context.equal(`knobs that ${pod} writes and HTCondor does not know`, unknown, []);
  }
  for (const [pod, values] of EXPECTED)
    for (const [name, value] of Object.entries(values))
      context.equal(`${name} of ${pod}`, await pods.sh(pod, `condor_config_val ${name}`), value);
}
