/** An error prevents all output. A warning is printed in the summary; a site may accept it (`accept` of `defineSite`). */
export type Severity = 'error' | 'warning';

/** What is wrong, without the place where it was found. */
export interface Finding {
  /** Stable name of the mistake; tests and documentation refer to it. */
  readonly code: string;
  readonly given: string;
  readonly allowed: string;
  readonly fix: string;
  /** @default error */
  readonly severity?: Severity;
}

/** A finding and the place it belongs to, e.g. `napoli/pools/worker/flavor/memory`. */
export interface Problem extends Finding {
  readonly path: string;
  readonly severity: Severity;
}

/** Everything that is wrong with one description, told in one go. */
export class FacilityError extends Error {
  /** Sorted by path, then by code. */
  readonly problems!: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const sorted = byPlace(problems);
    super(sorted.map(problemText).join('\n'));
    this.name = 'FacilityError';
    // Whoever prints the error has read them in its message.
    Object.defineProperty(this, 'problems', { value: sorted, enumerable: false });
  }
}

/** An error of one finding whose place is not known here; `Problems.attempt` adds it. */
export function failure(finding: Finding, path = ''): FacilityError {
  return new FacilityError([problemAt(path, finding)]);
}

/** A finding at its place. */
export function problemAt(path: string, finding: Finding): Problem {
  return { severity: 'error', ...finding, path };
}

/** Sorted by path, then by code. */
export function byPlace<P extends Problem>(problems: readonly P[]): readonly P[] {
  return [...problems].sort((a, b) => compare(a.path, b.path) || compare(a.code, b.code));
}

/** How a problem is printed. */
export function problemText(problem: Problem): string {
  const at = problem.path ? ` at ${problem.path}` : '';
  return [`${problem.code}${at}`, `  given:   ${problem.given}`, `  allowed: ${problem.allowed}`, `  fix:     ${problem.fix}`].join('\n');
}

/**
 * Collects mistakes and warnings, so that one run reports all of them.
 *
 * A value that cannot be read becomes `undefined` (a number: `NaN`) and the reading goes on. Nothing is
 * written while a collection holds an error, hence no stand-in ever reaches the output.
 */
export class Problems {
  private readonly found = new Map<string, Problem>();

  /** All errors. What a validation says of a value, or of what it is part of, replaces what its type says. */
  get all(): readonly Problem[] {
    const all = this.of('error');
    const laws = new Set(all.filter(({ code }) => !OF_TYPES.includes(code)).map(({ path }) => path));
    return all.filter(({ code, path }) => !OF_TYPES.includes(code) || !nearby(path).some((one) => laws.has(one)));
  }

  /** Everything that works but should be known. */
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

  /** The value that `read` returns; its failure is recorded under `path`, and the value is then undefined. */
  attempt<T>(path: string, read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof FacilityError)) throw error;
      for (const problem of error.problems) this.add([path, problem.path].filter(Boolean).join('/'), problem);
      return undefined;
    }
  }

  /** `attempt` for numbers: `NaN` stands for what could not be read. */
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

/** Codes of what is known of a value from its type alone. */
const OF_TYPES: readonly string[] = ['INVALID_PROP_TYPE', 'INVALID_PROP_VALUE'];

/** A path, and the two above it. */
function nearby(path: string): readonly string[] {
  const parts = path.split('/');
  return [0, 1, 2].map((count) => parts.slice(0, parts.length - count).join('/'));
}

/** Order by code points: the same on every machine, whatever its locale. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** How a value is quoted in a message. */
export function quote(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : (JSON.stringify(value) ?? String(value));
}

/** The candidate nearest to what was given, if one is near enough to be meant. */
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
