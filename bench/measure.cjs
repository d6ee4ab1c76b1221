// One measurement in a separate process: node bench/measure.cjs MEASUREMENT FOLDER
// Prints the CPU time of the whole process in milliseconds, including start-up and loading of modules.
'use strict';

const { readFileSync } = require('node:fs');
const { join } = require('node:path');

const [measurement, folder] = process.argv.slice(2);
const read = (name) => JSON.parse(readFileSync(join(folder, name), 'utf8'));
const out = join(folder, 'out', measurement.replaceAll(' ', '-'));
process.env.CDK8S_OUTDIR = '';

/** Only cdk8s, with the finished objects. */
function cdk8sOnly() {
  const { ApiObject, App, Chart } = require('cdk8s');
  const app = new App({ outdir: join(out, 'manifests') });
  for (const [name, objects] of Object.entries(read('objects.json'))) {
    const chart = new Chart(app, name);
    objects.forEach((object, index) => {
      new ApiObject(chart, String(index), object);
    });
  }
  app.synth();
}

/** Only cdktf, with the finished resources. */
function cdktfOnly() {
  const { App, TerraformElement, TerraformStack } = require('cdktf');
  class Finished extends TerraformElement {
    constructor(scope, id, part) {
      super(scope, id);
      this.part = part;
    }
    toTerraform() {
      return this.part;
    }
  }
  const app = new App({ outdir: join(out, 'terraform'), skipValidation: true });
  const stack = new TerraformStack(app, 'napoli');
  read('resources.json').forEach((part, index) => {
    new Finished(stack, `part-${index}`, part);
  });
  app.synth();
}

const MEASUREMENTS = {
  'node only': () => {},
  'cdk8s only': cdk8sOnly,
  'cdk8s and cdktf only': () => {
    cdk8sOnly();
    cdktfOnly();
  },
  manifests: () => {
    const { napoli } = require(join(folder, 'apps/napoli/facility.js'));
    napoli.synth();
  },
  'five sites': () => {
    const lib = require(join(folder, 'lib.js'));
    const facility = require('./sites.cjs')(lib, folder);
    lib.run(...[1, 2, 3, 4, 5].map(facility));
  },
  'all three kinds': () => {
    const { run } = require(join(folder, 'lib.js'));
    run(require(join(folder, 'apps/napoli/facility.js')).napoli);
  },
};

process.chdir(folder);
MEASUREMENTS[measurement]();
const { user, system } = process.cpuUsage();
process.stderr.write(`${(user + system) / 1000}\n`);
