/**
 * The real MinIO server and client with exactly what our manifests say, as many processes as they have replicas:
 *
 * - `napoli`, as committed in dist/: forms its erasure set, answers the probes, bears what the summary promises and no more, takes
 *   a changed configuration one server after the other, and is what a notebook's environment says;
 * - `grown`, every option on (grown.ts): grows from one pool to two without losing an object, over TLS; buckets, users, policies,
 *   service accounts and people of an OpenID provider are what was asked for, and refuse what they should.
 *
 * Nothing of a command line or environment is replaced: each server has a network of its own on one bridge, where the names of
 * the manifest lead to it, and a root folder of its own with the drives under the paths of the manifest. Added is
 * MINIO_CI_CD=1, without which the server refuses drives on the disk of the operating system. The Secrets are those of
 * `facility bootstrap`. The Job's program runs where there is a shell, `cat`, `mc`, and nothing else.
 *
 * Seen to fail: with the authority's certificate mounted below the client's own folder in the Job's pod (it cannot write there, the
 * Job ends with 1), with a client that keeps the keys of a user after it was given those of a token, and when all that is wrong is
 * an expectation (a locked version is refused as InvalidRequest, not AccessDenied).
 */
import { join } from 'node:path';
import { type Finding, phase, suite } from '../cluster/report';
import { proveGrown } from './grown';
import { prepareNetwork } from './machines';
import { proveNapoli } from './napoli';

async function run(args: readonly string[]): Promise<Finding[]> {
  const only = args[0] === '--only' ? args[1] : undefined;
  const { WORK: work } = process.env;
  if (!work) throw new Error('start it by run.sh');
  prepareNetwork(work);
  const findings: Finding[] = [];
  let proofs = 0;
  for (const [name, prove] of [
    ['napoli', proveNapoli],
    ['grown', proveGrown],
  ] as const) {
    if (only !== undefined && only !== name) continue;
    const result = await phase(`${name}: all of it`, () => prove(join(work, name)));
    findings.push(...result.findings);
    proofs += result.proofs;
  }
  console.log(`  ${proofs} proofs`);
  if (proofs < 10) throw new Error(`${proofs} proofs are too few: nothing is proved`);
  return findings;
}

// As the first process of its namespace it would not hear them otherwise.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));
void suite('minio', () => run(process.argv.slice(2))).then(() => process.exit());
