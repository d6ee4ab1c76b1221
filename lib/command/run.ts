import { FacilityError, failure, hintOf, optionInvalid } from '../errors';
import { type Facility, summary } from '../facility';
import type { ServiceCommand } from '../kubernetes';
import { outputFolders } from './folders';
import { BUILT_IN_COMMANDS, help } from './help';
import { leftovers } from './leftovers';
import { duplicateSite, siteUnknown } from './messages';
import { manifests, synthesis, writeSynthesis } from './synthesis';

/** Request of the `facility` command to the app. */
export interface Request {
  /** `synth`, `check`, `bootstrap`, `flows`, `images`, `help`, or a command of a service. */
  readonly command: string;
  readonly arguments: readonly string[];
}

/** Environment variable that contains the request. */
export const REQUEST = 'FACILITY_REQUEST';

/**
 * Runs the requested command for all facilities. Call it in the last line of the app.
 *
 * - started by `cdk8s synth`: writes the manifests to the output folder of cdk8s;
 * - started by `facility …`: runs that command;
 * - otherwise: writes manifests, Terraform JSON and cluster configuration.
 *
 * Errors of all facilities are printed together. The exit status is then 1 and nothing is written.
 */
export function run(...facilities: readonly Facility[]): void {
  const request: Request = JSON.parse(process.env[REQUEST] ?? '{"command":"synth","arguments":[]}');
  const cdk8s = process.env.CDK8S_OUTDIR;
  try {
    checkSites(facilities);
    if (cdk8s && !process.env[REQUEST]) manifests(facilities, cdk8s, outputFolders(process.cwd()).manifests);
    else runRequest(request, facilities);
  } catch (error) {
    if (!(error instanceof FacilityError)) throw error;
    const count = error.problems.length;
    process.stderr.write(`${error.message}\n\n${count} error${count === 1 ? '' : 's'}; nothing was written\n${hintOf(error)}\n`);
    process.exitCode = 1;
  }
}

/** Reports duplicate sites, which would overwrite each other's output. */
function checkSites(facilities: readonly Facility[]): void {
  const names = facilities.map(({ site }) => site.name);
  const duplicate = names.find((name, index) => names.indexOf(name) !== index);
  if (duplicate !== undefined) throw failure(duplicateSite(duplicate));
}

function runRequest(request: Request, facilities: readonly Facility[]): void {
  switch (request.command) {
    case 'synth':
      process.stdout.write(`${writeSynthesis(facilities, outputFolders(process.cwd()))}\n`);
      break;
    case 'check':
      check(facilities);
      break;
    case 'bootstrap':
      // Loaded on demand.
      (require('./bootstrap') as typeof import('./bootstrap')).bootstrap(facilities, request.arguments);
      break;
    case 'images':
      (require('./images') as typeof import('./images')).images(facilities, request.arguments);
      break;
    case 'flows':
      (require('./flows') as typeof import('./flows')).flows(facilities, request.arguments);
      break;
    case 'help':
      process.stderr.write(help(commandsOf(facilities)));
      break;
    default:
      process.exitCode = runServiceCommand(request, facilities);
  }
}

/** Commands of all services, each once: those of the library are part of every facility. */
function commandsOf(facilities: readonly Facility[]): readonly ServiceCommand[] {
  const all = facilities.flatMap((facility) => facility.descriptions().flatMap(({ commands = [] }) => commands));
  return [...new Map(all.map((command) => [command.name, command])).values()];
}

function runServiceCommand({ command, arguments: args }: Request, facilities: readonly Facility[]): number {
  const commands = commandsOf(facilities);
  const found = commands.find(({ name }) => name === command);
  if (!found) throw failure(optionInvalid(command, [...BUILT_IN_COMMANDS, ...commands.map(({ name }) => name)].join(', ')));
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
  return found.run({ site, folders: outputFolders(process.cwd()) }, args);
}

function check(facilities: readonly Facility[]): void {
  const folders = outputFolders(process.cwd());
  const { sites } = synthesis(facilities, folders);
  for (const { output } of sites) process.stdout.write(`${output.site.name}\n${summary(output)}\n`);
  const names = sites.map(({ output }) => output.site.name);
  for (const line of leftovers(folders, names)) process.stdout.write(`${line}\n`);
}
