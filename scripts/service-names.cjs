// Part of npm run lint: the name of a service may occur only in its own folder and in lib/services/index.ts, not elsewhere in lib. The name
// is that of the folder, unless `names.json` in the folder says more:
//   names    further names that belong to the service, e.g. of its programs
//   foreign  names of other services that files of this folder contain, with the reason
//   alsoIn   folders of lib outside of the services that contain names of this service, with the reason
'use strict';

const { existsSync, readdirSync, readFileSync, statSync } = require('node:fs');
const { join } = require('node:path');

const lib = join(__dirname, '../lib');
const services = join(lib, 'services');

/** The app that `facility init` creates is a program of the user: it uses services as every app does. */
const TEMPLATE = 'command/template/';

/** index.ts exports the services; schemas are generated from files that are checked here. */
const isChecked = (file) =>
  /\.(?:ts|json|py|sh|template)$/.test(file) &&
  !['index.ts', 'services/index.ts'].includes(file) &&
  !/\/(?:schema|names)\.json$/.test(file) &&
  !file.startsWith(TEMPLATE);

const folders = readdirSync(services).filter((name) => statSync(join(services, name)).isDirectory());
const declared = new Map(
  folders.map((service) => {
    const file = join(services, service, 'names.json');
    const { names = [], foreign = [], alsoIn = [] } = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
    return [service, { names: [service, ...names], foreign, alsoIn }];
  }),
);

/** Exceptions with the names and paths that they allow; one that nothing needs is reported. */
const exceptions = folders.flatMap((service) => {
  const { names, foreign, alsoIn } = declared.get(service);
  const inFolder = (file) => `services/${service}/${file.replace('./', '')}`;
  return [
    ...foreign.map(({ name, files, why }) => ({ service, names: [name], paths: files.map(inFolder), why })),
    ...alsoIn.map(({ folder, why }) => ({ service, names, paths: [`${folder}/`], why })),
  ];
});
const needed = new Set();

function isAllowed(name, file) {
  const found = exceptions.filter(
    ({ names, paths }) =>
      names.some((one) => one.toLowerCase() === name.toLowerCase()) &&
      paths.some((path) => (path.endsWith('/') ? file.startsWith(path) : file === path)),
  );
  for (const one of found) needed.add(one);
  return found.length > 0;
}

const findings = [];
const files = readdirSync(lib, { recursive: true, encoding: 'utf8' }).map((name) => name.replaceAll('\\', '/'));
for (const file of files.filter(isChecked)) {
  const lines = readFileSync(join(lib, file), 'utf8').split('\n');
  for (const [service, { names }] of declared) {
    if (file.startsWith(`services/${service}/`)) continue;
    for (const name of names) {
      const pattern = new RegExp(name, 'i');
      for (const [index, line] of lines.entries()) {
        if (pattern.test(line) && !isAllowed(name, file))
          findings.push(`lib/${file}:${index + 1}: '${name}' belongs to lib/services/${service}`);
      }
    }
  }
}
for (const exception of exceptions) {
  const at = `lib/services/${exception.service}/names.json`;
  if (!exception.why) findings.push(`${at}: the exception for '${exception.names[0]}' has no reason`);
  if (!needed.has(exception)) findings.push(`${at}: ${exception.paths.join(', ')} does not contain '${exception.names[0]}'`);
}
for (const finding of findings) console.error(finding);
if (findings.length > 0) {
  console.error(`${findings.length} names of services outside of their folders; names.json in the folder of a service declares exceptions`);
  process.exitCode = 1;
}
