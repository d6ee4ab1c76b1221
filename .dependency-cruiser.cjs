// Allowed dependencies between the modules of lib; ARCHITECTURE.md explains them. `npm run lint` rejects all others.
'use strict';

/** What a module may import: other modules, packages, Node.js modules. Its own folder is always allowed. */
const MODULES = {
  errors: { modules: [], packages: [], node: false },
  site: { modules: ['errors'], packages: ['ipaddr.js'], node: false },
  cluster: { modules: ['site', 'errors'], packages: ['yaml'], node: false },
  infrastructure: { modules: ['site', 'errors', 'cluster'], packages: ['cdktf', 'constructs'], node: false, bindings: true },
  endpoints: { modules: ['site', 'errors'], packages: [], node: false },
  kubernetes: { modules: ['endpoints', 'site', 'errors'], packages: ['cdk8s', 'cdk8s-plus-27', 'constructs'], node: true },
  scheduling: { modules: ['kubernetes', 'site', 'errors'], packages: [], node: false },
  services: { modules: ['scheduling', 'kubernetes', 'endpoints', 'site', 'errors'], packages: ['cdk8s', 'constructs'], node: true },
  facility: {
    modules: ['services', 'scheduling', 'kubernetes', 'endpoints', 'cluster', 'site', 'errors'],
    packages: ['cdk8s', 'constructs'],
    node: true,
  },
  command: {
    modules: ['facility', 'infrastructure', 'services', 'scheduling', 'kubernetes', 'endpoints', 'cluster', 'site', 'errors'],
    packages: ['yaml'],
    node: true,
  },
};

const anyOf = (names) => `(?:${names.map((name) => name.replaceAll('.', '\\.')).join('|')})`;

/** Pattern of resolved imports of packages. */
const packages = (names) => `node_modules/${anyOf(names)}/`;

const moduleRules = Object.entries(MODULES).flatMap(([module, allowed]) => {
  const from = { path: `^lib/${module}/` };
  return [
    {
      name: `${module}-to-modules`,
      comment: `lib/${module} may import ${allowed.modules.map((name) => `lib/${name}`).join(', ') || 'no other module'}.`,
      severity: 'error',
      from,
      to: {
        path: '^(?:lib|imports|apps|test|scripts|bench)/',
        pathNot: [
          `^lib/${anyOf([module, ...allowed.modules])}/`,
          // Only imports of single resources: an index of all bindings would slow down every type check.
          ...(allowed.bindings ? ['^imports/openstack/[^/]+/index\\.ts$'] : []),
        ],
      },
    },
    {
      name: `${module}-to-packages`,
      comment: `lib/${module} may import ${allowed.packages.join(', ') || 'no package'}.`,
      severity: 'error',
      from,
      to: {
        dependencyTypesNot: ['local', 'core'],
        pathNot: ['^(?:lib|imports)/', ...(allowed.packages.length > 0 ? [packages(allowed.packages)] : [])],
      },
    },
    ...(allowed.node
      ? []
      : [
          {
            name: `${module}-without-node`,
            comment: `lib/${module} is pure: it does not read files, the clock or the environment.`,
            severity: 'error',
            from,
            to: { dependencyTypes: ['core'] },
          },
        ]),
  ];
});

module.exports = {
  forbidden: [
    ...moduleRules,
    {
      name: 'module-by-index',
      comment: 'Modules are imported through their index.ts.',
      severity: 'error',
      from: { path: '^lib/([^/]+)/' },
      to: {
        path: '^lib/[^/]+/.+',
        pathNot: ['^lib/$1/', '^lib/[^/]+/index\\.ts$', '^lib/services/[^/]+/index\\.ts$'],
      },
    },
    {
      name: 'service-to-service',
      comment: 'Services do not import each other: they are connected by the endpoints of lib/endpoints.',
      severity: 'error',
      from: { path: '^lib/services/([^/]+)/' },
      to: { path: '^lib/services/', pathNot: '^lib/services/$1/' },
    },
    {
      name: 'types-of-cdk8s-plus',
      comment: 'Only types of cdk8s-plus-27 are used: loading it takes longer than synthesizing a facility.',
      severity: 'error',
      from: { path: '^(?:lib|apps)/' },
      to: { path: packages(['cdk8s-plus-27']), dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'infrastructure-on-demand',
      comment: 'cdktf is optional and slow to load: the module is loaded on demand, inside a function, for sites with a cloud.',
      severity: 'error',
      from: { path: '^lib/', pathNot: '^lib/infrastructure/' },
      to: { path: '^lib/infrastructure/', dependencyTypesNot: ['type-only', 'require', 'type-import'] },
    },
    {
      name: 'apps-by-entries',
      comment: 'Apps import only the entries of the package (lib/index.ts, gpu, authoring, services) and their own folder.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { pathNot: ['^lib/(?:index|gpu|authoring)\\.ts$', '^lib/services/[^/]+/index\\.ts$', '^apps/$1/'] },
    },
    {
      name: 'main-of-the-apps',
      comment: 'apps/main.ts imports only the library and the facilities of the sites.',
      severity: 'error',
      from: { path: '^apps/main\\.ts$' },
      to: { pathNot: ['^lib/index\\.ts$', '^apps/[^/]+/facility\\.ts$'] },
    },
    {
      name: 'no-circular',
      comment: 'No circular imports, not even of types: parts of a service take any ServiceChart.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphan',
      comment: 'Every file is imported or is an entry point.',
      severity: 'error',
      from: {
        orphan: true,
        pathNot: ['^lib/', '^(?:scripts|bench)/', '\\.test\\.ts$', '^test/e2e/[^/]+/run\\.(?:ts|mjs)$'],
      },
      to: {},
    },
    {
      name: 'unused-module',
      comment: 'Every file of lib is reachable from an entry of the package or from the command.',
      severity: 'error',
      from: {
        path: [
          '^lib/(?:index|gpu|authoring)\\.ts$',
          '^lib/services/[^/]+/index\\.ts$',
          '^lib/infrastructure/index\\.ts$',
          '^lib/command/main\\.ts$',
        ],
      },
      to: {
        path: '^lib/',
        pathNot: ['^lib/(?:index|gpu|authoring)\\.ts$', '^lib/services/[^/]+/index\\.ts$', '^lib/command/main\\.ts$'],
        reachable: false,
      },
    },
    {
      name: 'resolvable',
      comment: 'All imports resolve, except for the package itself, which exists only after a build.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^cdk8s-analysis-facility(/|$)' },
    },
    {
      name: 'declared-package',
      comment: 'The published package imports only its dependencies and peer dependencies.',
      severity: 'error',
      from: { path: '^lib/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['npm-peer'] },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '^imports/openstack'] },
    exclude: { path: ['^(?:dist|build|coverage)/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['require', 'node', 'types', 'default'],
      mainFields: ['main', 'types'],
    },
  },
};
