// npm run shapes: writes lib/errors/shapes.ts, what props are, from the interfaces of lib: for those whom no compiler has told.
const { readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const ts = require('typescript');

const root = join(__dirname, '..');
const target = join(root, 'lib/errors/shapes.ts');
/** What users write, beside the props of services: what is asked where it is made. All that is in them follows. */
const ROOTS = [
  'SiteProps',
  'FacilityProps',
  'CILogonProps',
  'CinderProps',
  'CronJobProps',
  'DeploymentProps',
  'EndpointProps',
  'ExistingClusterProps',
  'ExternalDaskProps',
  'ExternalHttpProps',
  'ExternalPostgresqlProps',
  'ExternalS3Props',
  'JobProps',
  'NvidiaGpusProps',
  'OidcIssuerProps',
  'PresetProps',
  'StatefulSetProps',
  'WorkloadProps',
];

function shapes() {
  const program = ts.createProgram([join(root, 'lib/index.ts')], {
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    module: ts.ModuleKind.CommonJS,
    target: ts.ScriptTarget.ES2022,
    skipLibCheck: true,
    types: [],
  });
  const checker = program.getTypeChecker();
  const face = checker.getSymbolAtLocation(program.getSourceFile(join(root, 'lib/index.ts')));
  const exported = new Map(checker.getExportsOfModule(face).map((symbol) => [symbol.name, symbol]));
  const found = new Map();

  /** Types of props for which there are laws that tell more. */
  const BY_LAW = ['Placement', 'Card', 'Card | PlainCard', 'WholeGpus', 'Of'];

  /** Looked at where they are made, or by laws of their own: a secret in the wrong place is not repeated in a message. */
  const MADE = ['Endpoint', 'Site', 'NodePool', 'SecretKey', 'StorageClass'];

  const declaredByUs = (symbol) =>
    symbol?.declarations?.some((one) => ts.isInterfaceDeclaration(one) && one.getSourceFile().fileName.startsWith(join(root, 'lib')));

  /** Nothing is said of quantities, for which there are laws, and of what cannot be told from its value alone. */
  const UNKNOWN = 'any';

  function shapeOf(given) {
    const type = given.flags & ts.TypeFlags.TypeParameter ? (checker.getBaseConstraintOfType(given) ?? given) : given;
    if (type.isUnion()) return either(type.types.filter((one) => !(one.flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Void))));
    if (type.isStringLiteral()) return { one: [type.value] };
    if (type.flags & ts.TypeFlags.String) return 'text';
    if (type.flags & ts.TypeFlags.Number) return 'number';
    if (type.flags & ts.TypeFlags.BooleanLike) return 'flag';
    if (!(type.flags & ts.TypeFlags.Object)) return UNKNOWN;
    if (checker.isArrayType(type)) return { list: shapeOf(checker.getTypeArguments(type)[0]) };
    if (checker.isTupleType(type) || type.getCallSignatures().length > 0) return UNKNOWN;
    const symbol = type.aliasSymbol && declaredByUs(type.aliasSymbol) ? type.aliasSymbol : type.symbol;
    const index = checker.getIndexInfoOfType(type, ts.IndexKind.String);
    if (index && type.getProperties().length === 0) return { each: shapeOf(index.type) };
    if (declaredByUs(symbol)) return MADE.includes(symbol.name) ? UNKNOWN : named(checker.typeToString(type), type);
    if (symbol?.name === '__type' && type.getProperties().length > 0 && !index) return { fields: fieldsOf(type) };
    return UNKNOWN;
  }

  function either(types) {
    const all = types.map(shapeOf);
    if (all.includes(UNKNOWN)) return UNKNOWN;
    const words = all.flatMap((one) => one.one ?? []);
    // In an order of our own: the compiler's depends on what it met first.
    const others = new Map(all.filter((one) => !one.one).map((one) => [JSON.stringify(one), one]));
    const sorted = [...others].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
    const merged = words.length > 0 ? [...sorted, { one: [...new Set(words)].sort() }] : sorted;
    return merged.length === 1 ? merged[0] : { either: merged };
  }

  function named(name, type) {
    if (!found.has(name)) {
      found.set(name, undefined);
      found.set(name, fieldsOf(type));
    }
    return { of: name };
  }

  function fieldsOf(type) {
    return Object.fromEntries(
      checker
        .getPropertiesOfType(type)
        .map((property) => {
          const declared = property.valueDeclaration ?? property.declarations?.[0];
          const written = declared?.type?.getText() ?? '';
          const shape = BY_LAW.includes(written) ? UNKNOWN : shapeOf(checker.getTypeOfSymbolAtLocation(property, declared));
          const optional = property.flags & ts.SymbolFlags.Optional || BY_LAW.includes(written);
          return [`${property.name}${optional ? '?' : ''}`, shape];
        })
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    );
  }

  function aliased(name) {
    const symbol = exported.get(name);
    if (!symbol) throw new Error(`lib exports no ${name}`);
    return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  }

  const declared = (name) => checker.getDeclaredTypeOfSymbol(aliased(name));
  const ofServices = [...exported.keys()].filter((name) =>
    declared(name)
      .getBaseTypes?.()
      ?.some(({ symbol }) => symbol.name === 'ServiceProps'),
  );
  for (const name of [...ROOTS, ...ofServices]) {
    const type = declared(name);
    if (type.isUnion()) found.set(name, shapeOf(type));
    else named(name, type);
  }
  const { pools } = found.get('SiteProps');
  pools.list = named('NodePool', checker.getTypeArguments(checker.getTypeOfPropertyOfType(declared('SiteProps'), 'pools'))[0]);
  return Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** One interface a line. */
function text(all) {
  const names = Object.keys(all).map((name) => `  | ${JSON.stringify(name)}`);
  const lines = Object.entries(all).map(([name, fields]) => `  ${JSON.stringify(name)}: ${JSON.stringify(fields)},`);
  return [
    '// Written by `npm run shapes` from the interfaces of lib.',
    '/** Interfaces that are known at run time. */',
    `export type ShapeName =\n${names.join('\n')};`,
    '/** What their values may be; names that end with `?` may be left out. */',
    `export const SHAPES: { readonly [name in ShapeName]: unknown } = {\n${lines.join('\n')}\n};\n`,
  ].join('\n');
}

const written = text(shapes());
if (!process.argv.includes('--check')) writeFileSync(target, written);
else if (readFileSync(target, 'utf8') !== written) {
  console.error('lib/errors/shapes.ts is not what the interfaces of lib say: npm run shapes');
  process.exitCode = 1;
}
