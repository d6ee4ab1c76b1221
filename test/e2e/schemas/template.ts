/** One `${…}` or `%{…}` of a string in Terraform JSON. */
export interface Interpolation {
  readonly kind: '$' | '%';
  readonly expression: string;
  readonly start: number;
  /** Position after the closing brace; after the end of the text if the brace is missing. */
  readonly end: number;
}

/** A dotted name in an expression, without its indexes: `a.b[0].c` is root `a`, steps `b`, `c`. */
export interface Traversal {
  readonly root: string;
  readonly steps: readonly string[];
}

/** Template sequences in a string that Terraform evaluates; the escapes `$${` and `%%{` are literal text. */
export function interpolations(text: string): Interpolation[] {
  const found: Interpolation[] = [];
  for (let i = 0; i < text.length; i++) {
    if (text.startsWith('$${', i) || text.startsWith('%%{', i)) i += 2;
    else if (text.startsWith('${', i) || text.startsWith('%{', i)) {
      const end = endOfExpression(text, i + 2);
      found.push({ kind: text[i] as '$' | '%', expression: text.slice(i + 2, end - 1), start: i, end });
      i = end - 1;
    }
  }
  return found;
}

/** Whether the string is a single reference, so that its value may have any type. */
export function isWholeReference(text: string): boolean {
  const [only] = interpolations(text);
  return only?.kind === '$' && only.start === 0 && only.end === text.length;
}

/** The literal text of the string after unescaping. */
export function unescaped(text: string): string {
  return text.replace(/\$\$\{/g, () => '${').replace(/%%\{/g, () => '%{');
}

/** Every dotted name in an expression, also inside its indexes and quoted templates. */
export function traversals(expression: string): Traversal[] {
  const { code, quoted } = withoutQuoted(expression);
  const inQuotes = quoted.flatMap(interpolations).flatMap((inner) => traversals(inner.expression));
  return [...traversalsOfCode(code), ...inQuotes];
}

const TRAVERSAL = /(?<![\w.-])([A-Za-z_][\w-]*)((?:\.(?:[A-Za-z_][\w-]*|\d+|\*)|\[[^[\]]*\])+)/g;

function traversalsOfCode(code: string): Traversal[] {
  return [...code.matchAll(TRAVERSAL)].flatMap(([, root = '', path = '']) => {
    const steps = [...path.replace(/\[[^\]]*\]/g, '').matchAll(/\.([A-Za-z_][\w-]*)/g)].map(([, step = '']) => step);
    const inIndexes = [...path.matchAll(/\[([^\]]*)\]/g)].flatMap(([, index = '']) => traversalsOfCode(index));
    return [{ root, steps }, ...inIndexes];
  });
}

function withoutQuoted(expression: string): { code: string; quoted: string[] } {
  const quoted: string[] = [];
  let code = '';
  for (let i = 0; i < expression.length; i++) {
    if (expression[i] !== '"') {
      code += expression[i];
      continue;
    }
    const end = endOfQuoted(expression, i + 1);
    quoted.push(expression.slice(i + 1, end - 1));
    code += '""';
    i = end - 1;
  }
  return { code, quoted };
}

/** Position after the closing brace of an expression; braces in quotes are ignored. */
function endOfExpression(text: string, start: number): number {
  let depth = 1;
  let i = start;
  while (i < text.length && depth > 0) {
    if (text[i] === '"') {
      i = endOfQuoted(text, i + 1);
      continue;
    }
    if (text[i] === '{') depth++;
    if (text[i] === '}') depth--;
    i++;
  }
  return depth > 0 ? text.length + 1 : i;
}

function endOfQuoted(text: string, start: number): number {
  let i = start;
  while (i < text.length && text[i] !== '"') {
    if (text[i] === '\\') i += 2;
    else if (text.startsWith('${', i) && !text.startsWith('$${', i - 1)) i = endOfExpression(text, i + 2);
    else i++;
  }
  return i + 1;
}
