// One measurement in a process of its own, as a synthesis is: node bench/measure.cjs WHAT FOLDER
// Prints the CPU time of the whole process, its start and the loading of modules included, in milliseconds.
'use strict';

const { readFileSync } = require('node:fs');
const { join } = require('node:path');

const [what, folder] = process.argv.slice(2);
const read = (name) => JSON.parse(readFileSync(join(folder, name), 'utf8'));
const out = join(folder, 'out', what.replaceAll(' ', '-'));
process.env.CDK8S_OUTDIR = '';

/** The finished objects, given to cdk8s itself. */
function cdk8sAlone() {
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

/** The finished resources, given to cdktf itself. */
function cdktfAlone() {
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
  'node alone': () => {},
  'cdk8s alone': cdk8sAlone,
  'cdk8s and cdktf alone': () => {
    cdk8sAlone();
    cdktfAlone();
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
MEASUREMENTS[what]();
const { user, system } = process.cpuUsage();
process.stderr.write(`${(user + system) / 1000}\n`);
