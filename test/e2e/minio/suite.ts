/**
 * The real MinIO server and client with exactly what our manifests say, as many processes as they have replicas:
 *
 * - `napoli`, as committed in dist/: forms its erasure set, answers the probes, bears what the summary promises and no more, takes
 *   a changed configuration one server after the other, and is what a notebook's environment says;
 * - `grown`, every option on (grown.ts): bears the loss of single drives as promised, heals a replaced one, grows from one pool to two
 *   without losing an object, over TLS; buckets, users, policies, service accounts are what was asked for, and refuse what they should;
 *   people of a real OpenID provider (oidc-provider, people.ts) get keys by the policy of their claim, then by that of their role.
 *
 * Nothing of a command line or environment is replaced: each server has a network of its own on one bridge, where the names of
 * the manifest lead to it, and a root folder of its own with the drives under the paths of the manifest. Added is
 * MINIO_CI_CD=1, without which the server refuses drives on the disk of the operating system. The Secrets are those of
 * `facility bootstrap`. The Job's program runs where there is a shell, `cat`, `mc`, and nothing else.
 *
 * Seen to fail, by `--broken` (damage.ts), which spoils napoli's manifests: `parity` (reading stops with two servers lost), `policy`
 * (writing is refused to a notebook), `port` (the servers do not form the store). Also with the authority's certificate mounted below
 * the client's own folder in the Job's pod (it cannot write there, the Job ends with 1), and with a client that keeps the keys of a
 * user after it was given those of a token.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Finding, phase, suite } from '../cluster/report';
import { damages, isDamage } from './damage';
import { proveGrown } from './grown';
import { prepareNetwork } from './machines';
import { proveNapoli } from './napoli';

const PARTS = { napoli: proveNapoli, grown: proveGrown } as const;

async function run(args: readonly string[]): Promise<Finding[]> {
  const { values } = parseArgs({ args: [...args], options: { only: { type: 'string' }, broken: { type: 'string' } } });
  const { only, broken } = values;
  if (broken !== undefined && !isDamage(broken)) throw new Error(`--broken knows ${damages.join(', ')}`);
  if (only !== undefined && !(only in PARTS)) throw new Error(`--only knows ${Object.keys(PARTS).join(', ')}`);
  const { WORK: work } = process.env;
  if (!work) throw new Error('start it by run.sh');
  prepareNetwork(work);
  const findings: Finding[] = [];
  let proofs = 0;
  for (const [name, prove] of Object.entries(PARTS)) {
    if (name !== (broken ? 'napoli' : (only ?? name))) continue;
    const result = await phase(`${name}: all of it`, () => prove(join(work, name), broken));
    findings.push(...result.findings);
    proofs += result.proofs;
  }
  console.log(`  ${proofs} proofs`);
  if (proofs < 10) throw new Error(`${proofs} proofs are too few: nothing is proved`);
  return findings;
}

void suite('minio', () => run(process.argv.slice(2))).then(() => process.exit());
