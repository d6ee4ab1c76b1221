import { acceptanceUnmatched } from './messages';
import { type Problem, problemAt } from './problem';

/** A warning that the operators of a site have decided to live with. */
export interface Acceptance {
  /** Code of the warning, as the summary prints it. */
  readonly code: string;
  /** Path of the warning, as the summary prints it; with a trailing `/*` everything below it as well. */
  readonly path: string;
  /** Why it is acceptable here. It is printed in the summary. */
  readonly reason: string;
}

/** A warning and the reason for which a site accepts it. */
export interface AcceptedWarning extends Problem {
  readonly reason: string;
}

/** Warnings of a site, by what its operators have said about them. */
export interface SettledWarnings {
  readonly open: readonly Problem[];
  readonly accepted: readonly AcceptedWarning[];
  /** A warning for each acceptance that no warning matches. */
  readonly unmatched: readonly Problem[];
}

/** Separates the warnings that a site accepts from those that are still open. */
export function settleWarnings(site: string, warnings: readonly Problem[], accept: readonly Acceptance[] = []): SettledWarnings {
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

/** Whether an acceptance names this finding. */
export function matches({ code, path }: Acceptance, problem: Problem): boolean {
  if (code !== problem.code) return false;
  if (!path.endsWith('/*')) return path === problem.path;
  const above = path.slice(0, -2);
  return problem.path === above || problem.path.startsWith(`${above}/`);
}
