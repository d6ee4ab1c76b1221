/** A cover of a demand by fractions of patterns. */
export interface Relaxation {
  /** Sum of the fractions: no whole numbers of patterns cover the demand with a smaller sum. */
  readonly value: number;
  /** How much of each pattern. */
  readonly shares: readonly number[];
  /** A price of each profile at which no pattern costs more than 1: what is still wanted needs as many cards as it costs. */
  readonly prices: readonly number[];
}

const TOLERANCE = 1e-9;

/**
 * The least sum of fractions of patterns that covers a demand, by the simplex method on the dual problem: the prices of the
 * profiles that make the demand dearest, while no pattern costs more than 1. All prices 0 is a start, and Bland's rule ends.
 *
 * @param patterns what one card holds of each profile
 * @param demand wanted of each profile; some pattern has each that is wanted
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
