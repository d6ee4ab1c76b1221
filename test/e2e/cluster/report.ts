/** Output of the suites: findings and durations. */
export interface Finding {
  readonly where: string;
  readonly message: string;
}

const seconds = (since: number) => `${((Date.now() - since) / 1000).toFixed(1)} s`;

export async function phase<T>(name: string, work: () => T | Promise<T>): Promise<T> {
  const start = Date.now();
  const result = await work();
  console.log(`  ${seconds(start).padStart(8)}  ${name}`);
  return result;
}

/** Runs a suite, prints all findings and the result, and sets the exit code. */
export async function suite(name: string, run: () => Promise<readonly Finding[]>): Promise<void> {
  const start = Date.now();
  try {
    const findings = await run();
    for (const { where, message } of findings) console.log(`FAIL ${where}\n     ${message.trim().replaceAll('\n', '\n     ')}`);
    console.log(`${name}: ${findings.length === 0 ? 'passed' : `${findings.length} findings`} in ${seconds(start)}`);
    process.exitCode = findings.length === 0 ? 0 : 1;
  } catch (error) {
    console.log(`${name}: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
}

export function table(rows: readonly (readonly (string | number)[])[]): void {
  const widths = rows.reduce<number[]>((most, row) => row.map((cell, i) => Math.max(most[i] ?? 0, String(cell).length)), []);
  for (const row of rows) {
    console.log(
      `  ${row
        .map((cell, i) => (typeof cell === 'number' ? String(cell).padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
        .join('  ')
        .trimEnd()}`,
    );
  }
}

/** The folders named by `--manifests FOLDER`, or the fallback. */
export function folders(args: readonly string[], option: string, fallback: readonly string[]): readonly string[] {
  const named: string[] = [];
  for (let i = 0; i < args.length; i += 2) {
    const value = args[i + 1];
    if (args[i] !== option || value === undefined) throw new Error(`unknown argument ${args[i]}: this suite takes ${option} FOLDER`);
    named.push(value);
  }
  return named.length > 0 ? named : fallback;
}
