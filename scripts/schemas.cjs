// npm run schemas: generates lib/<module>/schema.json and lib/services/<service>/schema.json from the interfaces of props.
// JSON Schema 2020-12: one document per folder, one definition per interface. lib/errors/check-props.ts validates props with them.
const { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const { join, relative, sep } = require('node:path');
const ts = require('typescript');

const root = join(__dirname, '..');
const lib = join(root, 'lib');
const BASE = 'https://analysis-facility.io/schemas';

/** Folders with an index.ts; each has its own schema if it declares props. */
const folders = [...subfolders('.'), ...subfolders('services')];

function subfolders(folder) {
  return readdirSync(join(lib, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(lib, folder, entry.name, 'index.ts')))
    .map(({ name }) => (folder === '.' ? name : `${folder}/${name}`))
    .sort();
}

/** All documents, by folder. */
function schemas() {
  const program = ts.createProgram(
    folders.map((folder) => join(lib, folder, 'index.ts')),
    {
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
      module: ts.ModuleKind.CommonJS,
      target: ts.ScriptTarget.ES2022,
      esModuleInterop: true,
      resolveJsonModule: true,
      skipLibCheck: true,
      types: [],
    },
  );
  const checker = program.getTypeChecker();
  /** Definitions by folder and name; without a schema while one is being generated, since types may be recursive. */
  const definitions = new Map(folders.map((folder) => [folder, new Map()]));

  /** The folder whose schema contains the definition of a symbol; undefined for types of other packages. */
  function folderOf(symbol) {
    const file = symbol?.declarations?.[0]?.getSourceFile().fileName;
    if (!file?.startsWith(lib + sep)) return undefined;
    const [module, service] = relative(lib, file).split(sep);
    return module === 'services' ? `${module}/${service}` : module;
  }

  /** A reference from the schema of `folder` to a definition, which is generated if it does not exist yet. */
  function reference(folder, symbol, name, make) {
    const target = folderOf(symbol);
    const known = definitions.get(target);
    if (!known) throw new Error(`${name} is declared in lib/${target}, which has no schema because it has no index.ts`);
    const found = known.get(name);
    if (found && found.symbol !== symbol) throw new Error(`lib/${target} declares two types named ${name}: rename one of them`);
    if (!found) {
      known.set(name, { symbol });
      const schema = make(target);
      known.set(name, { symbol, schema: { ...described(symbol), ...marks(symbol), ...schema } });
    }
    return { $ref: `${target === folder ? '' : idOf(target)}#/$defs/${name}` };
  }

  /** @param node syntax node of the type, if there is one: it has the names of aliases that the compiler has resolved in the type */
  function schemaOf(folder, given, node) {
    const written = nodeOf(node);
    const type = given.flags & ts.TypeFlags.TypeParameter ? (checker.getBaseConstraintOfType(given) ?? given) : given;
    const alias = aliasOf(type, written);
    if (alias)
      return reference(folder, alias.symbol, alias.symbol.name, (target) =>
        madeOr(alias.symbol, () => bodyOf(target, alias.type, alias.node)),
      );
    return bodyOf(folder, type, written);
  }

  /** The type alias (without type parameters) of a type, from its syntax node or from the type itself. */
  function aliasOf(type, node) {
    const symbol =
      node && ts.isTypeReferenceNode(node) && !node.typeArguments ? checker.getSymbolAtLocation(node.typeName) : type.aliasSymbol;
    const target = symbol && symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    const declaration = target?.declarations?.find(ts.isTypeAliasDeclaration);
    if (!declaration || declaration.typeParameters || folderOf(target) === undefined) return undefined;
    return { symbol: target, type: checker.getDeclaredTypeOfSymbol(target), node: nodeOf(declaration.type) };
  }

  function bodyOf(folder, type, node) {
    if (type.flags & ts.TypeFlags.Boolean) return { type: 'boolean' };
    if (type.isUnion()) return unionOf(folder, type, node);
    if (type.isStringLiteral() || type.isNumberLiteral()) return { const: type.value };
    if (type.flags & ts.TypeFlags.BooleanLiteral) return { const: checker.typeToString(type) === 'true' };
    if (type.flags & ts.TypeFlags.TemplateLiteral) return { type: 'string', pattern: `^${patternOf(type)}$` };
    if (type.flags & ts.TypeFlags.String) return { type: 'string' };
    if (type.flags & ts.TypeFlags.Number) return { type: 'number' };
    if (type.flags & ts.TypeFlags.Never) return false;
    if (!(type.flags & ts.TypeFlags.Object)) return true;
    if (checker.isArrayType(type)) return { type: 'array', items: schemaOf(folder, checker.getTypeArguments(type)[0], elementOf(node)) };
    if (checker.isTupleType(type) || type.getCallSignatures().length > 0) return true;
    const index = checker.getIndexInfoOfType(type, ts.IndexKind.String);
    if (index && type.getProperties().length === 0) return { type: 'object', additionalProperties: schemaOf(folder, index.type) };
    const { symbol } = type;
    if (folderOf(symbol) !== undefined && symbol.declarations.some(ts.isInterfaceDeclaration))
      return reference(folder, symbol, nameOf(type), (target) => madeOr(symbol, () => objectOf(target, type)));
    const mapped = symbol?.declarations?.find(ts.isMappedTypeNode);
    if (mapped?.type && type.getProperties().length === 0 && folderOf(symbol) !== undefined)
      return { type: 'object', additionalProperties: schemaOf(folder, checker.getTypeFromTypeNode(mapped.type), mapped.type) };
    if (symbol?.name === '__type' && type.getProperties().length > 0 && !index) return objectOf(folder, type);
    return true;
  }

  /** Values that only functions of the library create (`@madeBy`) are recognised by their kind; the function or the consumer validates the rest. */
  function madeOr(symbol, make) {
    const by = tagOf(symbol, 'madeBy');
    if (!by) return make();
    const type = checker.getDeclaredTypeOfSymbol(symbol);
    const marks = ['kind', 'name', 'key'].flatMap((name) => {
      const property = checker.getPropertyOfType(type, name);
      return property ? [[name, bodyOf(folderOf(symbol), checker.getTypeOfSymbol(property))]] : [];
    });
    return { 'x-made-by': by.split(/,\s*/), type: 'object', properties: Object.fromEntries(marks), required: marks.map(([name]) => name) };
  }

  /** Name of a definition; type arguments other than the defaults are part of it. */
  function nameOf(type) {
    const declared = type.target?.typeParameters ?? [];
    const own = checker.getTypeArguments(type).slice(0, declared.length);
    const special = own.filter((one, index) => {
      const constraint = checker.getBaseConstraintOfType(declared[index]);
      return !(one.flags & ts.TypeFlags.TypeParameter) && constraint && !checker.isTypeAssignableTo(constraint, one);
    });
    return [type.symbol.name, ...special.map((one) => (one.aliasSymbol ?? one.symbol).name)].join('Of');
  }

  function objectOf(folder, type) {
    const properties = checker.getPropertiesOfType(type).flatMap((property) => {
      const declaration = property.valueDeclaration ?? property.declarations?.[0];
      const own = checker.getTypeOfSymbol(property);
      if (isFunction(own)) return [];
      // Properties of type `never` exclude each other.
      const never = declaration?.type?.kind === ts.SyntaxKind.NeverKeyword;
      const made = never ? false : schemaOf(folder, own, declaration?.type);
      // `@openNames`: services add names, so they are validated where all of them are known.
      const schema =
        tagOf(property, 'openNames') === undefined ? made : { type: 'object', additionalProperties: Object.values(made.properties)[0] };
      const optional = Boolean(property.flags & ts.SymbolFlags.Optional);
      // Kubernetes reads empty optional strings of its own types as absent, and the group of the core API is the empty string.
      const mayBeEmpty = tagOf(property, 'mayBeEmpty') !== undefined || (optional && !isOurs(declaration));
      return [{ name: property.name, optional, schema: withDefault(property, mayBeEmpty ? schema : nonEmpty(schema)) }];
    });
    const index = checker.getIndexInfoOfType(type, ts.IndexKind.String);
    const required = properties.filter(({ optional }) => !optional).map(({ name }) => name);
    return {
      type: 'object',
      properties: Object.fromEntries(properties.map(({ name, schema }) => [name, schema])),
      ...(required.length > 0 ? { required } : {}),
      additionalProperties: index ? schemaOf(folder, index.type) : false,
    };
  }

  function isOurs(declaration) {
    return declaration === undefined || declaration.getSourceFile().fileName.startsWith(lib + sep);
  }

  /** Names and identifiers must not be empty, alone and in lists. The values of maps may be: labels and variables often are. */
  function nonEmpty(schema) {
    if (typeof schema === 'boolean') return schema;
    if (schema.type === 'string') return schema.pattern ? schema : { ...schema, minLength: 1 };
    if (schema.type === 'array') return { ...schema, items: nonEmpty(schema.items) };
    return schema.anyOf ? { ...schema, anyOf: schema.anyOf.map(nonEmpty) } : schema;
  }

  function isFunction(type) {
    const types = type.isUnion() ? type.types.filter((one) => !(one.flags & ts.TypeFlags.Undefined)) : [type];
    return types.length > 0 && types.every((one) => one.getCallSignatures().length > 0);
  }

  /** Schema of a union: `anyOf` with all members; literals are combined to an `enum`. */
  function unionOf(folder, type, node) {
    const nodes = node && ts.isUnionTypeNode(node) ? node.types.map(nodeOf) : undefined;
    const parts = nodes ? nodes.map((one) => [checker.getTypeFromTypeNode(one), one]) : type.types.map((one) => [one, undefined]);
    const kept = parts.filter(([one]) => !(one.flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Void)));
    // The syntax node has type parameters, the type has their arguments.
    if (nodes && kept.some(([one]) => one.flags & ts.TypeFlags.TypeParameter)) return unionOf(folder, type, undefined);
    if (kept.length === 1) return schemaOf(folder, ...kept[0]);
    if (kept.every(([one]) => one.flags & ts.TypeFlags.TemplateLiteral)) return patternsOf(kept.map(([one]) => one));
    const all = kept.map(([one, at]) => schemaOf(folder, one, at));
    if (all.includes(true)) return true;
    const literals = all.filter((one) => 'const' in one).map((one) => one.const);
    const values = nodes ? literals : [...new Set(literals)].sort();
    const boolean = values.includes(true) && values.includes(false);
    const rest = values.filter((one) => !boolean || typeof one !== 'boolean');
    const others = new Map(all.filter((one) => !('const' in one)).map((one) => [JSON.stringify(one), one]));
    // Without a syntax node, members are sorted: their order in the compiler depends on the order of files.
    const sorted = nodes ? [...others.values()] : [...others].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
    const merged = [
      ...sorted,
      ...(boolean ? [{ type: 'boolean' }] : []),
      ...(rest.length === 1 ? [{ const: rest[0] }] : []),
      ...(rest.length > 1 ? [{ enum: rest }] : []),
    ];
    return merged.length === 1 ? merged[0] : { anyOf: merged };
  }

  /** Combines template literals to one pattern, e.g. with several units. */
  function patternsOf(types) {
    const patterns = types.map(patternOf);
    const start = patternOf(types[0]).slice(0, -types[0].texts.at(-1).length || undefined);
    const units = types.map((one) => one.texts.at(-1));
    const alike = types.every((_, index) => patterns[index] === `${start}${literal(units[index])}`);
    const body = alike ? `${start}(${[...new Set(units.map(literal))].sort().join('|')})` : `(${[...new Set(patterns)].sort().join('|')})`;
    return { type: 'string', pattern: `^${body}$` };
  }

  function patternOf({ texts, types }) {
    return texts.map((text, index) => literal(text) + (types[index] ? placeholderOf(types[index]) : '')).join('');
  }

  function placeholderOf(type) {
    if (type.flags & ts.TypeFlags.Number) return '\\d+(\\.\\d+)?';
    return type.isUnion()
      ? `(${type.types
          .map(({ value }) => literal(String(value)))
          .sort()
          .join('|')})`
      : '.*';
  }

  /** Docstring of a declaration, as one paragraph. */
  function described(symbol) {
    // Docstrings of other packages are not copied.
    if (folderOf(symbol) === undefined) return {};
    const text = ts.displayPartsToString(symbol.getDocumentationComment(checker)).replace(/\s+/g, ' ').trim();
    return text ? { description: text } : {};
  }

  /** `@validated`: a validation rule reports invalid and missing values. `@inline`: the user writes the content of the prop, not its name. */
  function marks(symbol) {
    return {
      ...(tagOf(symbol, 'validated') === undefined ? {} : { 'x-validated': true }),
      ...(tagOf(symbol, 'inline') === undefined ? {} : { 'x-inline': true }),
    };
  }

  function tagOf(symbol, name) {
    const tag = symbol.getJsDocTags(checker).find((one) => one.name === name);
    return tag && ts.displayPartsToString(tag.text).replace(/\s+/g, ' ').trim();
  }

  /** Adds the docstring and `@default`: a value becomes `default`, a sentence after a dash is appended to the description. */
  function withDefault(property, schema) {
    if (typeof schema === 'boolean') return schema && Object.keys(described(property)).length > 0 ? described(property) : schema;
    const { description = '' } = described(property);
    const text = tagOf(property, 'default');
    const value = text === undefined ? undefined : defaultValue(text, schema);
    const prose = text !== undefined && value === undefined ? `Default: ${text.replace(/^-\s*/, '').replace(/\.?$/, '.')}` : '';
    const full = [description, prose].filter(Boolean).join(' ');
    return { ...(full ? { description: full } : {}), ...marks(property), ...schema, ...(value === undefined ? {} : { default: value }) };
  }

  /** The value of a `@default`; undefined if it is a sentence. */
  function defaultValue(text, schema) {
    if (text.startsWith('-')) return undefined;
    const source = ts.createSourceFile('default.ts', `(${text})`, ts.ScriptTarget.ES2022, true);
    const [statement, ...others] = source.statements;
    if (others.length === 0 && source.parseDiagnostics.length === 0 && statement && ts.isExpressionStatement(statement)) {
      const read = literalOf(statement.expression.expression);
      if (read !== undefined && !(typeof read === 'number' && isText(schema))) return read;
    }
    return /^\S+$/.test(text) && isText(schema) ? text : undefined;
  }

  function isText(schema) {
    if (schema.$ref) return isText(definitionOf(schema.$ref) ?? {});
    if (schema.anyOf) return schema.anyOf.some(isText);
    return schema.type === 'string' || [schema.const, ...(schema.enum ?? [])].some((one) => typeof one === 'string');
  }

  function definitionOf($ref) {
    for (const [folder, known] of definitions)
      if ($ref.startsWith(idOf(folder)) || $ref.startsWith('#')) {
        const found = known.get($ref.split('/').at(-1))?.schema;
        if (found) return found;
      }
    return undefined;
  }

  for (const folder of folders) {
    const module = checker.getSymbolAtLocation(program.getSourceFile(join(lib, folder, 'index.ts')));
    for (const exported of module ? checker.getExportsOfModule(module) : []) {
      const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
      if (!/Props$/.test(symbol.name) || folderOf(symbol) !== folder) continue;
      const interfaces = symbol.declarations?.filter((one) => ts.isInterfaceDeclaration(one) || ts.isTypeAliasDeclaration(one)) ?? [];
      const generic = interfaces.some(({ typeParameters }) => typeParameters);
      if (interfaces.length === 0) continue;
      const type = checker.getDeclaredTypeOfSymbol(symbol);
      const make = (target) =>
        interfaces.some(ts.isTypeAliasDeclaration) ? bodyOf(target, type, nodeOf(interfaces[0].type)) : objectOf(target, type);
      // Each instance of a generic interface has its own definition; this one is for unbound type parameters.
      if (!definitions.get(folder).has(symbol.name) || !generic) reference(folder, symbol, symbol.name, make);
    }
  }
  return definitions;
}

const idOf = (folder) => `${BASE}/${folder}.json`;
const literal = (text) => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

/** The syntax node without parentheses and `readonly`. */
function nodeOf(node) {
  if (!node) return undefined;
  if (ts.isParenthesizedTypeNode(node)) return nodeOf(node.type);
  if (ts.isTypeOperatorNode(node) && node.operator === ts.SyntaxKind.ReadonlyKeyword) return nodeOf(node.type);
  return node;
}

function elementOf(node) {
  return node && ts.isArrayTypeNode(node) ? node.elementType : undefined;
}

/** The value of a JavaScript literal; undefined for other expressions. */
function literalOf(node) {
  if (ts.isStringLiteral(node)) return node.text;
  if (ts.isNumericLiteral(node)) return Number(node.text);
  if (node.kind === ts.SyntaxKind.TrueKeyword) return true;
  if (node.kind === ts.SyntaxKind.FalseKeyword) return false;
  if (ts.isArrayLiteralExpression(node)) {
    const all = node.elements.map(literalOf);
    return all.includes(undefined) ? undefined : all;
  }
  if (!ts.isObjectLiteralExpression(node)) return undefined;
  const entries = node.properties.map((one) => (ts.isPropertyAssignment(one) ? [one.name.text, literalOf(one.initializer)] : [undefined]));
  return entries.some(([name, value]) => name === undefined || value === undefined) ? undefined : Object.fromEntries(entries);
}

/** Adds `examples` to quantities: strings that are quoted in the description and match the pattern. */
function withExamples(schema) {
  const patterns = [schema, ...(schema.anyOf ?? [])].flatMap(({ pattern }) => (pattern ? [new RegExp(pattern)] : []));
  const quoted = [...(schema.description ?? '').matchAll(/`'([^`']+)'`/g)].map(([, text]) => text);
  const examples = quoted.filter((text) => patterns.some((pattern) => pattern.test(text)));
  return examples.length > 0 ? { ...schema, examples } : schema;
}

function text(folder, known) {
  const sorted = [...known].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, { schema }]) => [name, withExamples(schema)]);
  const document = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: idOf(folder),
    $comment: 'Written by `npm run schemas` from the interfaces of this folder.',
    $defs: Object.fromEntries(sorted),
  };
  return `${inlined(JSON.stringify(document, null, 2))}\n`;
}

/** Prints short lists on one line. */
function inlined(json) {
  return json.replace(/\[\n\s+(?:(?:"[^"\n]*"|[\w.-]+),?\n\s+)+\]/g, (list) => {
    const line = list
      .replace(/\s*\n\s*/g, ' ')
      .replace('[ ', '[')
      .replace(' ]', ']');
    return line.length <= 120 ? line : list;
  });
}

const check = process.argv.includes('--check');
for (const [folder, known] of schemas()) {
  const file = join(lib, folder, 'schema.json');
  const generated = known.size > 0 ? text(folder, known) : undefined;
  const existing = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  if (generated === existing) continue;
  if (check) {
    console.error(`lib/${folder}/schema.json is out of date: run npm run schemas`);
    process.exitCode = 1;
  } else if (generated === undefined) rmSync(file);
  else writeFileSync(file, generated);
}
