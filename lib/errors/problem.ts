/** An error prevents all output. A warning is printed in the summary; a site may accept it (`accept` of `defineSite`). */
export type Severity = 'error' | 'warning';

/** An error or warning, without the path at which it was found. */
export interface Finding {
  /** Stable identifier; tests and documentation refer to it. */
  readonly code: string;
  /** The value that was found. */
  readonly given: string;
  /** The valid values, or the condition that is violated. */
  readonly allowed: string;
  /** What to change, as an instruction. */
  readonly fix: string;
  /** @default error */
  readonly severity?: Severity;
}

/** A finding with its path, e.g. `napoli/pools/worker/flavor/memory`. */
export interface Problem extends Finding {
  readonly path: string;
  readonly severity: Severity;
}

/** All errors of a description. Its message lists each with path, given, allowed and fix. */
export class FacilityError extends Error {
  /** Sorted by path, then by code. */
  readonly problems!: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const sorted = sortByPath(problems);
    super(sorted.map(problemText).join('\n'));
    this.name = 'FacilityError';
    // Not enumerable: Node.js would print the problems a second time, after the message.
    Object.defineProperty(this, 'problems', { value: sorted, enumerable: false });
  }
}

/** An error with a single finding. Its path may be empty: `Problems.attempt` prepends the path of the caller. */
export function failure(finding: Finding, path = ''): FacilityError {
  return new FacilityError([problemAt(path, finding)]);
}

/** Adds a path to a finding; it is an error unless it says otherwise. */
export function problemAt(path: string, finding: Finding): Problem {
  return { severity: 'error', ...finding, path };
}

/** Sorts by path, then by code. */
export function sortByPath<P extends Problem>(problems: readonly P[]): readonly P[] {
  return [...problems].sort((a, b) => compare(a.path, b.path) || compare(a.code, b.code));
}

/** The text of a problem, as the command prints it. */
export function problemText(problem: Problem): string {
  const at = problem.path ? ` at ${problem.path}` : '';
  return [`${problem.code}${at}`, `  given:   ${problem.given}`, `  allowed: ${problem.allowed}`, `  fix:     ${problem.fix}`].join('\n');
}

/** The last line after errors: the command that explains the first one. */
export function hintOf({ problems }: FacilityError): string {
  return `npx facility explain ${problems[0]?.code} prints what this code means; docs/errors.md lists all codes`;
}

/**
 * Collects errors and warnings, so that one run reports all of them.
 *
 * A value that cannot be read becomes `undefined` (a number: `NaN`), and validation continues. Nothing is written while there is an
 * error, so these placeholders never reach the output.
 */
export class Problems {
  private readonly found = new Map<string, Problem>();

  /** All errors. An error of a validation rule hides errors of the type at the same path, and up to two levels below it. */
  get all(): readonly Problem[] {
    const all = this.of('error');
    const invalid = new Set(all.filter(({ code }) => !TYPE_CODES.includes(code)).map(({ path }) => path));
    return all.filter(({ code, path }) => !TYPE_CODES.includes(code) || !withParents(path).some((one) => invalid.has(one)));
  }

  /** All warnings. */
  get warnings(): readonly Problem[] {
    return this.of('warning');
  }

  add(path: string, finding: Finding): void {
    const problem = problemAt(path, finding);
    this.found.set(JSON.stringify([problem.path, problem.code, problem.given]), problem);
  }

  addAll(problems: Iterable<Problem>): void {
    for (const problem of problems) this.add(problem.path, problem);
  }

  /** Returns the result of `read`, or `undefined` if it throws a FacilityError, whose problems are added under `path`. */
  attempt<T>(path: string, read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof FacilityError)) throw error;
      for (const problem of error.problems) this.add([path, problem.path].filter(Boolean).join('/'), problem);
      return undefined;
    }
  }

  /** Like `attempt`, for numbers: returns `NaN` if the value could not be read. */
  number(path: string, read: () => number): number {
    return this.attempt(path, read) ?? Number.NaN;
  }

  /** @throws FacilityError if an error was recorded */
  throwIfAny(): void {
    const { all } = this;
    if (all.length > 0) throw new FacilityError(all);
  }

  private of(severity: Severity): readonly Problem[] {
    return [...this.found.values()].filter((one) => one.severity === severity);
  }
}

/** Codes of errors that `checkProps` reports from the schema. */
const TYPE_CODES: readonly string[] = ['INVALID_PROP_TYPE', 'INVALID_PROP_VALUE'];

/** A path, its parent and its grandparent. */
function withParents(path: string): readonly string[] {
  const parts = path.split('/');
  return [0, 1, 2].map((count) => parts.slice(0, parts.length - count).join('/'));
}

/** Compares by code units, so that the order does not depend on the locale. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Formats a value for a message: strings in quotes, other values as JSON. */
export function quote(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : (JSON.stringify(value) ?? String(value));
}

/** The most similar candidate by edit distance, or `undefined` if none is similar enough. */
export function nearest(given: string, candidates: readonly string[]): string | undefined {
  if (typeof given !== 'string') return undefined;
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: editDistance(given.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance || compare(a.candidate, b.candidate));
  const best = ranked[0];
  return best && best.distance <= Math.max(2, given.length / 3) ? best.candidate : undefined;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substituted, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
