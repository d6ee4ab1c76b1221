import { FacilityError, failure, optionInvalid } from '../errors';
import { type Facility, summary } from '../facility';
import { outputFolders } from './folders';
import { leftovers } from './leftovers';
import { siteTwice, siteUnknown } from './messages';
import { manifests, synthesis, writeSynthesis } from './synthesis';

/** What the `facility` command asks the site's own app to do. */
export interface Request {
  /** `synth`, `check`, `bootstrap`, `flows`, `images`, or a command of a service. */
  readonly command: string;
  readonly arguments: readonly string[];
}

/** Name of the environment variable by which a request reaches the app. */
export const REQUEST = 'FACILITY_REQUEST';

/**
 * The last line of a site's app: does what was asked for, with all facilities in one process.
 *
 * - run by `cdk8s synth`: writes the manifests where cdk8s wants them;
 * - run by `facility …`: what that command says;
 * - run by itself: writes manifests, Terraform and cluster configuration.
 *
 * Mistakes of all facilities are printed together, and the process ends with 1; nothing is written then.
 */
export function run(...facilities: readonly Facility[]): void {
  const request: Request = JSON.parse(process.env[REQUEST] ?? '{"command":"synth","arguments":[]}');
  const cdk8s = process.env.CDK8S_OUTDIR;
  try {
    checkSites(facilities);
    if (cdk8s && !process.env[REQUEST]) manifests(facilities, cdk8s, outputFolders(process.cwd()).manifests);
    else answer(request, facilities);
  } catch (error) {
    if (!(error instanceof FacilityError)) throw error;
    const count = error.problems.length;
    process.stderr.write(`${error.message}\n\n${count} problem${count === 1 ? '' : 's'}; nothing was written\n`);
    process.exitCode = 1;
  }
}

/** Each site has folders of its name; the second of two would take the place of the first. */
function checkSites(facilities: readonly Facility[]): void {
  const names = facilities.map(({ site }) => site.name);
  const again = names.find((name, index) => names.indexOf(name) !== index);
  if (again !== undefined) throw failure(siteTwice(again));
}

function answer(request: Request, facilities: readonly Facility[]): void {
  switch (request.command) {
    case 'synth':
      process.stdout.write(`${writeSynthesis(facilities, outputFolders(process.cwd()))}\n`);
      break;
    case 'check':
      check(facilities);
      break;
    case 'bootstrap':
      // What few runs need is loaded by those.
      (require('./bootstrap') as typeof import('./bootstrap')).bootstrap(facilities, request.arguments);
      break;
    case 'images':
      (require('./images') as typeof import('./images')).images(facilities, request.arguments);
      break;
    case 'flows':
      (require('./flows') as typeof import('./flows')).flows(facilities, request.arguments);
      break;
    default:
      process.exitCode = answerOfService(request, facilities);
  }
}

function answerOfService({ command, arguments: words }: Request, facilities: readonly Facility[]): number {
  const commands = facilities.flatMap((facility) => facility.descriptions().flatMap((description) => description.commands ?? []));
  const found = commands.find(({ name }) => name === command);
  if (!found)
    throw failure(
      optionInvalid(command, [...new Set(commands.map(({ name }) => name))].join(', ') || 'synth, check, flows, images, bootstrap'),
    );
  const site = (name: string) => {
    const facility = facilities.find((one) => one.site.name === name);
    if (!facility)
      throw failure(
        siteUnknown(
          name,
          facilities.map((one) => one.site.name),
        ),
      );
    return facility.output().site;
  };
  return found.run({ site, folders: outputFolders(process.cwd()) }, words);
}

function check(facilities: readonly Facility[]): void {
  const folders = outputFolders(process.cwd());
  const { sites } = synthesis(facilities, folders);
  for (const { output } of sites) process.stdout.write(`${output.site.name}\n${summary(output)}\n`);
  const names = sites.map(({ output }) => output.site.name);
  for (const line of leftovers(folders, names)) process.stdout.write(`${line}\n`);
}
