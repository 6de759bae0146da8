/** Whether two means differ by more than chance, from what pg_stat_statements keeps of each. */

export interface Sample {
  readonly calls: number;
  readonly meanMs: number;
  /** Of the population, as the server keeps it. */
  readonly stddevMs: number;
}

/**
 * The sample between two readings of the same entry. Sums of squared distances add up over parts:
 * M2 = M2a + M2b + d² · na · nb / n, with d the distance of the means (Chan et al., 1979).
 */
export function between(
  earlier: Sample & { totalMs: number },
  later: Sample & { totalMs: number },
): Sample {
  const calls = later.calls - earlier.calls;
  if (calls <= 0) return { calls: 0, meanMs: 0, stddevMs: 0 };
  const meanMs = (later.totalMs - earlier.totalMs) / calls;
  const distance = meanMs - earlier.meanMs;
  const squares =
    later.stddevMs ** 2 * later.calls -
    earlier.stddevMs ** 2 * earlier.calls -
    (distance ** 2 * earlier.calls * calls) / later.calls;
  return { calls, meanMs, stddevMs: Math.sqrt(Math.max(0, squares) / calls) };
}

/** Two samples as one. */
export function together(a: Sample, b: Sample): Sample {
  const calls = a.calls + b.calls;
  if (calls === 0) return a;
  const meanMs = (a.meanMs * a.calls + b.meanMs * b.calls) / calls;
  const squares =
    a.stddevMs ** 2 * a.calls +
    b.stddevMs ** 2 * b.calls +
    ((a.meanMs - b.meanMs) ** 2 * a.calls * b.calls) / calls;
  return { calls, meanMs, stddevMs: Math.sqrt(squares / calls) };
}

// Fewer calls tell nothing: one cold cache decides.
const fewest = 5;
// Of Welch's t: with 5 calls on each side chance does it once in 50 comparisons, with 30 once in 300.
const threshold = 3;

/** True for means that are apart by more than chance, after Welch. */
export function differs(before: Sample, after: Sample): boolean {
  if (before.calls < fewest || after.calls < fewest) return false;
  const error = Math.sqrt(
    before.stddevMs ** 2 / (before.calls - 1) + after.stddevMs ** 2 / (after.calls - 1),
  );
  return Math.abs(after.meanMs - before.meanMs) > threshold * error;
}
