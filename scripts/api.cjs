// npm run api: writes docs/api/<entry>.md, the public declarations of each entry of the package. With --check, only compares them.
'use strict';

const { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const ts = require('typescript');

const root = join(__dirname, '..');
const target = join(root, 'docs/api');

/** Source files of the entries in package.json, by name; `*` is expanded to all folders that have an entry. */
function entries() {
  const { name, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const found = new Map();
  for (const [path, { types } = {}] of Object.entries(exports)) {
    if (!types) continue;
    const source = types.replace('./build/', '').replace(/\.d\.ts$/, '.ts');
    const [before, after] = source.split('*');
    const names = after === undefined ? [undefined] : readdirSync(join(root, before));
    for (const one of names) {
      const file = join(root, after === undefined ? source : before + one + after);
      if (existsSync(file)) found.set(join(name, one === undefined ? path : path.replace('*', one)), file);
    }
  }
  return found;
}

const FLAGS = ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.UseAliasDefinedOutsideCurrentScope;

function reports() {
  const files = entries();
  const program = ts.createProgram([...files.values()], {
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    module: ts.ModuleKind.CommonJS,
    target: ts.ScriptTarget.ES2022,
    skipLibCheck: true,
    types: ['node'],
  });
  const checker = program.getTypeChecker();
  return new Map([...files].map(([name, file]) => [name, report(checker, name, program.getSourceFile(file))]));
}

function report(checker, name, file) {
  const module = checker.getSymbolAtLocation(file);
  const symbols = checker.getExportsOfModule(module).sort((a, b) => (a.name < b.name ? -1 : 1));
  const lines = symbols.map((symbol) => declaration(checker, symbol));
  return [
    `# ${name}`,
    '',
    'Written by `npm run api` from the declarations. Reviewers see here what a change does to the public API.',
    '',
    '```ts',
    ...lines,
    '```',
    '',
  ].join('\n');
}

function declaration(checker, exported) {
  const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
  const declared = symbol.declarations?.[0];
  const { name } = exported;
  if (!declared) return `// ${name}: no declaration`;
  const text = (type) => checker.typeToString(type, declared, FLAGS);
  const member = (property) => {
    const optional = property.flags & ts.SymbolFlags.Optional ? '?' : '';
    return `  ${property.name}${optional}: ${text(checker.getTypeOfSymbolAtLocation(property, declared))};`;
  };
  const own = (properties) =>
    properties.filter((one) => {
      const from = one.declarations?.[0];
      if (!from || from.getSourceFile().fileName.includes('node_modules')) return false;
      return !(ts.getCombinedModifierFlags(from) & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected));
    });
  const sorted = (properties) => [...properties].sort((a, b) => (a.name < b.name ? -1 : 1)).map(member);
  if (ts.isInterfaceDeclaration(declared)) {
    const properties = checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol));
    return [`interface ${name}${parameters(declared)} {`, ...sorted(properties), '}'].join('\n');
  }
  if (ts.isClassDeclaration(declared)) {
    const [signature] = checker.getTypeOfSymbolAtLocation(symbol, declared).getConstructSignatures();
    const construction = signature
      ? [`  constructor${checker.signatureToString(signature, declared, FLAGS).replace(/: [^:]*$/, '')};`]
      : [];
    const properties = own(checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol)));
    return [`class ${name}${parameters(declared)} {`, ...construction, ...sorted(properties), '}'].join('\n');
  }
  if (ts.isTypeAliasDeclaration(declared))
    return `type ${name}${parameters(declared)} = ${declared.type
      .getText()
      .replace(/\/\*[\s\S]*?\*\//g, '')
      .replace(/\s+/g, ' ')};`;
  const type = checker.getTypeOfSymbolAtLocation(symbol, declared);
  const calls = type.getCallSignatures();
  if (calls.length > 0) return calls.map((call) => `function ${name}${checker.signatureToString(call, declared, FLAGS)};`).join('\n');
  const written = text(type);
  // For tables, only the keys are part of the API: a changed value is no API change.
  if (written.length > 300)
    return `const ${name}: { ${type
      .getProperties()
      .map((one) => one.name)
      .sort()
      .join(', ')} };`;
  return `const ${name}: ${written};`;
}

const parameters = ({ typeParameters }) => (typeParameters ? `<${typeParameters.map((one) => one.getText()).join(', ')}>` : '');

const fileOf = (name) => `${name.split('/').slice(1).join('-') || 'index'}.md`;

const written = new Map([...reports()].map(([name, text]) => [fileOf(name), text]));
if (process.argv.includes('--check')) {
  const existing = existsSync(target) ? readdirSync(target) : [];
  const stale = [...new Set([...existing, ...written.keys()])].filter(
    (file) => !existing.includes(file) || !written.has(file) || readFileSync(join(target, file), 'utf8') !== written.get(file),
  );
  if (stale.length > 0) {
    console.error(`docs/api is out of date: ${stale.join(', ')}; run \`npm run api\` and review the difference`);
    process.exitCode = 1;
  }
} else {
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  for (const [file, text] of written) writeFileSync(join(target, file), text);
}
