/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  // Suites that start real software have commands of their own: npm run e2e -- <what>.
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/e2e/'],
  // A packed copy of the project below build/ is no second module of that name.
  modulePathIgnorePatterns: ['<rootDir>/build/', '<rootDir>/dist/'],
  transform: {
    '\\.ts$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' } }],
  },
};
