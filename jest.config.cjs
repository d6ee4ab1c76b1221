const { existsSync } = require('node:fs');
const { join } = require('node:path');

// Schemas of the OpenStack provider and of RKE: data that is not ours to publish, beside the checkout where the project is developed.
const hasData = existsSync(join(__dirname, '../shared/data'));
if (!hasData) console.warn('../shared/data is not beside this checkout: the tests in test/data are left out');

/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  // Jest leaves a core idle, which on a machine of two is half of it.
  maxWorkers: '100%',
  // Some tests start processes. A limit only ends what hangs: no load of the machine may reach it.
  testTimeout: 300_000,
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  // Suites that start real software have commands of their own: npm run e2e -- <what>.
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/e2e/', ...(hasData ? [] : ['<rootDir>/test/data/'])],
  // A packed copy of the project below build/ is no second module of that name.
  modulePathIgnorePatterns: ['<rootDir>/build/', '<rootDir>/dist/'],
  transform: {
    '\\.ts$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' } }],
  },
};
