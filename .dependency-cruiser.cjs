// The rooms of lib and the arrows between them; ARCHITECTURE.md tells why. `npm run lint` refuses any other arrow.
'use strict';

/** What a room may import: other rooms, packages, modules of Node. Its own folder is always allowed. */
const ROOMS = {
  errors: { rooms: [], packages: [], node: false },
  site: { rooms: ['errors'], packages: ['ipaddr.js'], node: false },
  cluster: { rooms: ['site', 'errors'], packages: ['yaml'], node: false },
  infrastructure: { rooms: ['site', 'errors', 'cluster'], packages: ['cdktf', 'constructs'], node: false, bindings: true },
  endpoints: { rooms: ['site', 'errors'], packages: [], node: false },
  kubernetes: { rooms: ['endpoints', 'site', 'errors'], packages: ['cdk8s', 'cdk8s-plus-27', 'constructs'], node: true },
  scheduling: { rooms: ['kubernetes', 'site', 'errors'], packages: [], node: false },
  services: { rooms: ['scheduling', 'kubernetes', 'endpoints', 'site', 'errors'], packages: ['cdk8s', 'constructs'], node: true },
  facility: {
    rooms: ['services', 'scheduling', 'kubernetes', 'endpoints', 'cluster', 'site', 'errors'],
    packages: ['cdk8s', 'constructs'],
    node: true,
  },
  command: {
    rooms: ['facility', 'infrastructure', 'services', 'scheduling', 'kubernetes', 'endpoints', 'cluster', 'site', 'errors'],
    packages: ['yaml'],
    node: true,
  },
};

const anyOf = (names) => `(?:${names.map((name) => name.replaceAll('.', '\\.')).join('|')})`;

/** Where a resolved import of a package lies. */
const packages = (names) => `node_modules/${anyOf(names)}/`;

const arrows = Object.entries(ROOMS).flatMap(([room, allowed]) => {
  const from = { path: `^lib/${room}/` };
  return [
    {
      name: `${room}-to-rooms`,
      comment: `lib/${room} may import ${allowed.rooms.map((name) => `lib/${name}`).join(', ') || 'no other room'}.`,
      severity: 'error',
      from,
      to: {
        path: '^(?:lib|imports|apps|test|scripts|bench)/',
        pathNot: [
          `^lib/${anyOf([room, ...allowed.rooms])}/`,
          // Deep imports only: an index of all bindings would be type-checked by everybody, for one resource.
          ...(allowed.bindings ? ['^imports/openstack/[^/]+/index\\.ts$'] : []),
        ],
      },
    },
    {
      name: `${room}-to-packages`,
      comment: `lib/${room} may import ${allowed.packages.join(', ') || 'no package'}.`,
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
            name: `${room}-without-node`,
            comment: `lib/${room} computes; it reads no file, no clock, no environment.`,
            severity: 'error',
            from,
            to: { dependencyTypes: ['core'] },
          },
        ]),
  ];
});

module.exports = {
  forbidden: [
    ...arrows,
    {
      name: 'room-by-its-face',
      comment: "A room is imported by its index.ts, as a user's program imports the library.",
      severity: 'error',
      from: { path: '^lib/([^/]+)/' },
      to: {
        path: '^lib/[^/]+/.+',
        pathNot: ['^lib/$1/', '^lib/[^/]+/index\\.ts$', '^lib/services/[^/]+/index\\.ts$'],
      },
    },
    {
      name: 'service-to-service',
      comment: 'Services never import each other: they meet through the endpoint values of lib/endpoints.',
      severity: 'error',
      from: { path: '^lib/services/([^/]+)/' },
      to: { path: '^lib/services/', pathNot: '^lib/services/$1/' },
    },
    {
      name: 'types-of-cdk8s-plus',
      comment: 'cdk8s-plus-27 is used for its types: loading it costs more time than writing a facility.',
      severity: 'error',
      from: { path: '^(?:lib|apps)/' },
      to: { path: packages(['cdk8s-plus-27']), dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'infrastructure-on-demand',
      comment: 'cdktf is optional, and slow to load: only a site that has a cloud loads the room, inside a function.',
      severity: 'error',
      from: { path: '^lib/', pathNot: '^lib/infrastructure/' },
      to: { path: '^lib/infrastructure/', dependencyTypesNot: ['type-only', 'require', 'type-import'] },
    },
    {
      name: 'apps-by-the-public-face',
      comment:
        "An app imports the entries of the package (lib/index.ts, gpu, authoring, single services) and its own folder, as another institute's app does.",
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { pathNot: ['^lib/(?:index|gpu|authoring)\\.ts$', '^lib/services/[^/]+/index\\.ts$', '^apps/$1/'] },
    },
    {
      name: 'main-of-the-apps',
      comment: 'apps/main.ts joins the facilities of the sites.',
      severity: 'error',
      from: { path: '^apps/main\\.ts$' },
      to: { pathNot: ['^lib/index\\.ts$', '^apps/[^/]+/facility\\.ts$'] },
    },
    {
      name: 'no-circle',
      comment: 'Modules that need each other are one module, be it only for a type: a part of a service takes any ServiceChart.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphan',
      comment: 'Every file is used by something, or starts something.',
      severity: 'error',
      from: {
        orphan: true,
        pathNot: ['^lib/', '^(?:scripts|bench)/', '\\.test\\.ts$', '^test/e2e/[^/]+/run\\.(?:ts|mjs)$'],
      },
      to: {},
    },
    {
      name: 'unused-module',
      comment: 'Every module of lib is reached from the public face, the infrastructure or the command.',
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
      comment: 'Every import finds something; the package itself is there only after a build.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^cdk8s-analysis-facility(/|$)' },
    },
    {
      name: 'declared-package',
      comment: 'What the published package loads is among its dependencies or peers.',
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
