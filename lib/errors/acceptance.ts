import { acceptanceUnmatched } from './messages';
import { type Problem, problemAt } from './problem';

/** A warning that the operators of a site accept. */
export interface Acceptance {
  /** Code of the warning, as the summary prints it. */
  readonly code: string;
  /** Path of the warning, as the summary prints it. A trailing `/*` includes everything below it. */
  readonly path: string;
  /** Why the warning is acceptable here; printed in the summary. */
  readonly reason: string;
}

/** A warning with the reason why the site accepts it. */
export interface AcceptedWarning extends Problem {
  readonly reason: string;
}

/** Warnings of a site, split by its acceptances. */
export interface SplitWarnings {
  /** Warnings that no acceptance matches. */
  readonly open: readonly Problem[];
  readonly accepted: readonly AcceptedWarning[];
  /** A warning for each acceptance that no warning matches. */
  readonly unmatched: readonly Problem[];
}

/** Separates the warnings that a site accepts from the others. */
export function splitWarnings(site: string, warnings: readonly Problem[], accept: readonly Acceptance[] = []): SplitWarnings {
  const accepted = warnings.flatMap((warning) => {
    const match = accept.find((one) => matches(one, warning));
    return match ? [{ ...warning, reason: match.reason }] : [];
  });
  return {
    open: warnings.filter((warning) => !accept.some((one) => matches(one, warning))),
    accepted,
    unmatched: accept.flatMap((one, index) =>
      warnings.some((warning) => matches(one, warning))
        ? []
        : [problemAt(`${site}/accept/${index}`, acceptanceUnmatched(one.code, one.path))],
    ),
  };
}

/** Whether an acceptance matches this problem by code and path. */
export function matches({ code, path }: Acceptance, problem: Problem): boolean {
  if (code !== problem.code) return false;
  if (!path.endsWith('/*')) return path === problem.path;
  const parent = path.slice(0, -2);
  return problem.path === parent || problem.path.startsWith(`${parent}/`);
}
