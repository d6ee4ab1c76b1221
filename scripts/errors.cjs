// npm run errors: writes docs/errors.md, all errors and warnings, from the messages in lib. With --check, only compares it.
'use strict';

const { existsSync, readdirSync, readFileSync, writeFileSync } = require('node:fs');
const { dirname, join } = require('node:path');
const ts = require('typescript');

const MOST_ALTERNATIVES = 6;

/** Sources of a folder, by their path relative to `root`. */
function sourcesIn(root, folder = 'lib') {
  const names = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => name.replaceAll('\\', '/'));
  const files = names.filter((name) => name.endsWith('.ts')).sort();
  return new Map(files.map((name) => [`${folder}/${name}`, readFileSync(join(root, folder, name), 'utf8')]));
}

/** All messages: object literals with `code`, `given`, `allowed` and `fix`, sorted by code. */
function messagesOf(sources) {
  const constants = constantsOf(sources);
  const found = [];
  for (const [file, text] of sources) {
    if (!text.includes("code: '")) continue;
    const visit = (node) => {
      const message = ts.isObjectLiteralExpression(node) ? messageOf(node, constants) : undefined;
      if (message) found.push({ ...message, module: dirname(file).replace('lib/services/', 'service ') });
      ts.forEachChild(node, visit);
    };
    visit(ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true));
  }
  return found.sort((a, b) => (a.code < b.code ? -1 : a.code > b.code ? 1 : 0));
}

/** Values of constants in capitals, e.g. the number of a port. */
function constantsOf(sources) {
  const values = new Map();
  for (const text of sources.values()) {
    for (const [, name, , value] of text.matchAll(/const ([A-Z][A-Z0-9_]+) = (['"]?)([\w. /-]+)\2(?: as const)?;/g))
      values.set(name, value);
  }
  return values;
}

function messageOf(node, constants) {
  const values = new Map();
  for (const property of node.properties) {
    if (ts.isPropertyAssignment(property)) values.set(property.name.getText(), property.initializer);
    else if (ts.isShorthandPropertyAssignment(property)) values.set(property.name.text, property.name);
  }
  const code = values.get('code');
  if (!code || !ts.isStringLiteral(code) || !['given', 'allowed', 'fix'].every((name) => values.has(name))) return undefined;
  const text = (name) => textsOf(values.get(name), constants);
  const [severity = 'error'] = values.has('severity') ? text('severity') : [];
  return { code: code.text, severity, given: text('given'), allowed: text('allowed'), fix: text('fix') };
}

/** Alternatives of a text. Values that are known only when the message is printed become `<name>`. */
function textsOf(node, constants) {
  const texts = (one) => textsOf(one, constants);
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return [node.text];
  if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node)) return texts(node.expression);
  if (ts.isConditionalExpression(node)) return limited([...texts(node.whenTrue), ...texts(node.whenFalse)]);
  if (ts.isTemplateExpression(node)) {
    const spans = node.templateSpans.map(({ expression, literal }) => product(texts(expression), [literal.text]));
    return spans.reduce(product, [node.head.text]);
  }
  if (ts.isBinaryExpression(node)) {
    const operator = node.operatorToken.kind;
    if (operator === ts.SyntaxKind.BarBarToken || operator === ts.SyntaxKind.QuestionQuestionToken)
      return limited([...texts(node.left), ...texts(node.right)]);
    if (operator === ts.SyntaxKind.PlusToken && [node.left, node.right].some(isText)) return product(texts(node.left), texts(node.right));
    return ['<number>'];
  }
  if (ts.isIdentifier(node) && constants.has(node.text)) return [constants.get(node.text)];
  if (ts.isCallExpression(node)) return callTexts(node, texts);
  return [placeholder(node)];
}

function callTexts(node, texts) {
  const called = node.expression.getText();
  const [first] = node.arguments;
  if (called === 'quote' && first) return texts(first).map((text) => `'${text}'`);
  if (called === 'String' && first) return texts(first);
  if (called === 'nearest') return ['<suggestion>'];
  if (called.startsWith('Math.')) return ['<number>'];
  if (ts.isPropertyAccessExpression(node.expression) && node.expression.name.text === 'join') {
    return [`${placeholder(node.expression.expression)}, …`];
  }
  return [placeholder(node)];
}

const isText = (node) => ts.isStringLiteral(node) || ts.isTemplateExpression(node) || ts.isNoSubstitutionTemplateLiteral(node);
const limited = (all) => [...new Set(all)].slice(0, MOST_ALTERNATIVES);
const product = (before, after) => limited(before.flatMap((one) => after.map((other) => one + other)));

/** `<name>` of the value that an expression reads, e.g. `<folder>` for `folder.split('/')[0]`. */
function placeholder(node) {
  if (ts.isCallExpression(node)) {
    if (ts.isPropertyAccessExpression(node.expression)) return placeholder(node.expression.expression);
    return node.arguments[0] ? placeholder(node.arguments[0]) : placeholder(node.expression);
  }
  if (ts.isElementAccessExpression(node) || ts.isNonNullExpression(node) || ts.isAsExpression(node)) return placeholder(node.expression);
  if (ts.isParenthesizedExpression(node) || ts.isSpreadElement(node)) return placeholder(node.expression);
  if (ts.isArrayLiteralExpression(node) && node.elements[0]) return placeholder(node.elements[0]);
  const name = ts.isPropertyAccessExpression(node) ? node.name.text : ts.isIdentifier(node) ? node.text : 'value';
  return `<${name.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase()}>`;
}

/** The page: one section for each code. */
function page(messages) {
  const codes = [...new Set(messages.map(({ code }) => code))];
  return [
    '# Errors and warnings',
    '',
    'Written by `npm run errors` from the messages in `lib`. Each section shows a message as it is printed; `<name>` is a value of your',
    'description, and `or:` another form of the line above. Errors prevent all output. Warnings are printed in the summary and can be',
    'accepted by code and path. `npx facility explain CODE` prints a section.',
    '',
    ...codes.flatMap((code) => [`## ${code}`, '', ...messages.filter((one) => one.code === code).flatMap(entry)]),
  ].join('\n');
}

function entry({ severity, module, given, allowed, fix }) {
  const lines = (label, texts) => texts.map((text, index) => `${(index === 0 ? `${label}:` : 'or:').padEnd(8)} ${text}`);
  const name = severity === 'warning' ? 'Warning' : severity === 'error' ? 'Error' : 'Error or warning';
  return [`${name} of ${module}:`, '', '```text', ...lines('given', given), ...lines('allowed', allowed), ...lines('fix', fix), '```', ''];
}

module.exports = { messagesOf, page };

if (require.main === module) {
  const root = join(__dirname, '..');
  const target = join(root, 'docs/errors.md');
  const text = page(messagesOf(sourcesIn(root)));
  if (!process.argv.includes('--check')) writeFileSync(target, text);
  else if (!existsSync(target) || readFileSync(target, 'utf8') !== text) {
    console.error('docs/errors.md is out of date: run `npm run errors` and review the difference');
    process.exitCode = 1;
  }
}
