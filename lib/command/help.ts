import type { ServiceCommand } from '../kubernetes';

type Line = readonly [usage: string, description: string];

/** Commands of every app. */
const BUILT_IN: readonly Line[] = [
  ['init FOLDER', 'create an app for a new site'],
  ['synth', 'write manifests, Terraform JSON and cluster configuration of every site'],
  ['check', 'run all checks and print the summary, without writing files'],
  ['flows SITE', 'print the allowed connections between workloads'],
  ['images SITE', 'print all images and the workloads that use them'],
  ['          [--digests FILE]', 'pin images by the digests in a file, for `images` of the site'],
  ['          [--with COMMAND]', "pin images by the digests that a command prints, e.g. 'crane digest {}'"],
  ['          [--out FILE]', 'write the pinned images to a file'],
  ['bootstrap SITE', 'write the Secrets that the site refers to, with their values'],
  ['          [--out FOLDER]', 'output folder, which Git must not track; default: secrets/SITE'],
  ['          [--set SECRET/KEY=FILE]', 'value of a key, read from a file'],
  ['explain CODE', 'print the meaning of an error code'],
  ['help app', 'also list the commands that services of the app in this folder add'],
];

/** Names of the commands of every app that need it. */
export const BUILT_IN_COMMANDS = ['synth', 'check', 'flows', 'images', 'bootstrap', 'explain', 'help app'] as const;

/** What `npx facility help` prints, with the commands of these services. */
export function help(commands: readonly ServiceCommand[]): string {
  const lines = [
    ...BUILT_IN,
    ...commands.flatMap(({ name, help: own }) => own.map(([usage, description]): Line => [`${name} ${usage}`, description])),
  ];
  return [
    'facility: commands for operators of an analysis facility; they run the app of cdk8s.yaml',
    '',
    ...lines.map(([usage, description]) => `  npx facility ${usage.padEnd(34)} ${description}`),
    '',
  ].join('\n');
}
