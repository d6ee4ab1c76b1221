/** Fractional cover of a demand by patterns. */
export interface Relaxation {
  /** Sum of the fractions; a lower bound of every integer cover. */
  readonly value: number;
  /** Fraction of each pattern. */
  readonly shares: readonly number[];
  /** Price of each profile, such that no pattern costs more than 1. The price of a demand is a lower bound of its number of GPUs. */
  readonly prices: readonly number[];
}

const TOLERANCE = 1e-9;

/**
 * Minimal fractional cover of a demand, computed with the simplex method on the dual problem: prices of the profiles that maximize the price
 * of the demand, while no pattern costs more than 1. It starts with all prices 0; Bland's rule guarantees termination.
 *
 * @param patterns instances of each profile on one GPU
 * @param demand instances of each profile; each requested profile is in some pattern
 * @see Gilmore, Gomory: A Linear Programming Approach to the Cutting-Stock Problem, Operations Research 9 (1961)
 */
export function relax(patterns: readonly (readonly number[])[], demand: readonly number[]): Relaxation {
  const width = demand.length + patterns.length;
  const unit = (row: number) => patterns.map((_, other) => (other === row ? 1 : 0));
  const rows = patterns.map((pattern, row) => [...pattern, ...unit(row), 1]);
  const goal = [...demand.map((wanted) => -wanted), ...patterns.map(() => 0), 0];
  const basis = patterns.map((_, row) => demand.length + row);
  const at = (row: readonly number[], column: number) => row[column] ?? 0;
  for (;;) {
    const enter = goal.findIndex((value, column) => column < width && value < -TOLERANCE);
    if (enter < 0) break;
    const leave = rows.reduce((chosen, row, index) => {
      if (at(row, enter) <= TOLERANCE) return chosen;
      const ratio = (of: number) => at(rows[of] ?? [], width) / at(rows[of] ?? [], enter);
      const gain = chosen < 0 ? -1 : ratio(index) - ratio(chosen);
      const first = Math.abs(gain) <= TOLERANCE ? (basis[index] ?? 0) < (basis[chosen] ?? 0) : gain < 0;
      return first ? index : chosen;
    }, -1);
    const pivot = rows[leave] ?? [];
    const scale = at(pivot, enter);
    for (let column = 0; column <= width; column++) pivot[column] = at(pivot, column) / scale;
    for (const row of [...rows, goal]) {
      const factor = row === pivot ? 0 : at(row, enter);
      if (factor === 0) continue;
      for (let column = 0; column <= width; column++) row[column] = at(row, column) - factor * at(pivot, column);
    }
    basis[leave] = enter;
  }
  return {
    value: at(goal, width),
    shares: patterns.map((_, row) => Math.max(0, at(goal, demand.length + row))),
    prices: demand.map((_, column) => at(rows[basis.indexOf(column)] ?? [], width)),
  };
}
