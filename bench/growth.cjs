// CPU time of synthesizing 1, 3, 10, 30 and 100 sites: node bench/growth.cjs FOLDER
// Measured in a single warm process, without start-up and compilation. Prints { sites: milliseconds }.
'use strict';

const { join } = require('node:path');

const [folder] = process.argv.slice(2);
const lib = require(join(folder, 'lib.js'));
const facility = require('./sites.cjs')(lib, folder);
const SITES = [1, 3, 10, 30, 100];
const ROUNDS = 5;

process.chdir(folder);
process.stdout.write = () => true;

function cost(sites) {
  const before = process.cpuUsage();
  lib.run(...Array.from({ length: sites }, (_, index) => facility(index)));
  const { user, system } = process.cpuUsage(before);
  if (process.exitCode) throw new Error('synthesis of the benchmark sites failed');
  return (user + system) / 1000;
}

cost(30);
const best = Object.fromEntries(SITES.map((sites) => [sites, Number.POSITIVE_INFINITY]));
for (let round = 0; round < ROUNDS; round++) {
  for (const sites of SITES) best[sites] = Math.min(best[sites], cost(sites));
}
process.stderr.write(`${JSON.stringify(best)}\n`);
