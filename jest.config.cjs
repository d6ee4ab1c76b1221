const { existsSync } = require('node:fs');
const { join } = require('node:path');

// Schemas of the OpenStack provider and of RKE, which cannot be published with the project; they are next to the checkout.
const hasData = existsSync(join(__dirname, '../shared/data'));
if (!hasData) console.warn('../shared/data does not exist: the tests in test/data are skipped');

/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  // By default, Jest leaves one core idle.
  maxWorkers: '100%',
  // Some tests start processes. The timeout is only for hangs and must not be reached under load.
  testTimeout: 300_000,
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  // Suites that start real software have their own command: npm run e2e -- <suite>.
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/e2e/', ...(hasData ? [] : ['<rootDir>/test/data/'])],
  // Ignore packed copies of the project in build/.
  modulePathIgnorePatterns: ['<rootDir>/build/', '<rootDir>/dist/'],
  transform: {
    '\\.ts$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' } }],
  },
};
