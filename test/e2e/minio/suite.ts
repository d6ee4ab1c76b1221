/**
 * Runs the real MinIO server and client as described by the generated manifests, one process per replica:
 *
 * - `napoli`, as committed in dist/: the servers form an erasure set, respond to the probes, tolerate exactly the failures that the summary
 *   states, and get a new configuration in a rolling update; boto3 and s3fs work with the environment of a notebook;
 * - `grown`, with all options (grown.ts): tolerates the failure of single drives as stated, heals a replaced drive, and is expanded from one
 *   pool to two without losing objects, over TLS; buckets, users, policies and service accounts are as described, and other requests are
 *   denied; users of a real OpenID provider (oidc-provider, people.ts) get credentials by the policy of their claim, or by that of a role.
 *
 * Command lines and environments are not changed: each server has its own network namespace on one bridge, in which the names of the manifest
 * resolve, and its own root directory with the drives at the paths of the manifest. Only MINIO_CI_CD=1 is added, without which the server
 * rejects drives on the root disk. The Secrets are those of `facility bootstrap`. The script of the Job runs in a root directory that contains
 * only a shell, `cat` and `mc`.
 *
 * Seen to fail with `--broken` (damage.ts), which modifies the manifests of napoli: `parity` (reads fail with two failed servers), `policy`
 * (a notebook cannot write), `port` (the servers do not form the store). Also with the CA certificate mounted below the configuration
 * directory of the client in the Job (it cannot write there, and the Job fails with exit code 1), and with a client that kept the credentials
 * of a user after it had got those of a token.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Finding, phase, suite } from '../cluster/report';
import { damages, isDamage } from './damage';
import { checkGrown } from './grown';
import { prepareNetwork } from './machines';
import { checkNapoli } from './napoli';

const PARTS = { napoli: checkNapoli, grown: checkGrown } as const;

async function run(args: readonly string[]): Promise<Finding[]> {
  const { values } = parseArgs({ args: [...args], options: { only: { type: 'string' }, broken: { type: 'string' } } });
  const { only, broken } = values;
  if (broken !== undefined && !isDamage(broken)) throw new Error(`invalid --broken; allowed: ${damages.join(', ')}`);
  if (only !== undefined && !(only in PARTS)) throw new Error(`invalid --only; allowed: ${Object.keys(PARTS).join(', ')}`);
  const { WORK: work } = process.env;
  if (!work) throw new Error('WORK is not set: start the suite with run.sh');
  prepareNetwork(work);
  const findings: Finding[] = [];
  let proofs = 0;
  for (const [name, prove] of Object.entries(PARTS)) {
    if (name !== (broken ? 'napoli' : (only ?? name))) continue;
    const result = await phase(`${name}: total`, () => prove(join(work, name), broken));
    findings.push(...result.findings);
    proofs += result.proofs;
  }
  console.log(`  ${proofs} checks`);
  if (proofs < 10) throw new Error(`only ${proofs} checks were run`);
  return findings;
}

void suite('minio', () => run(process.argv.slice(2))).then(() => process.exit());
