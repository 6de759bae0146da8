/**
 * The counters of pg_stat_statements under one set of names. They follow the version of the
 * extension, which after pg_upgrade stays the old one until ALTER EXTENSION … UPDATE.
 */

/** What the view calls a counter, the newest name first; none of them there: 0. */
const counters = {
  calls: ["calls"],
  totalMs: ["total_exec_time"],
  minMs: ["min_exec_time"],
  maxMs: ["max_exec_time"],
  meanMs: ["mean_exec_time"],
  stddevMs: ["stddev_exec_time"],
  rows: ["rows"],
  plans: ["plans"],
  planMs: ["total_plan_time"],
  sharedHit: ["shared_blks_hit"],
  sharedRead: ["shared_blks_read"],
  sharedDirtied: ["shared_blks_dirtied"],
  sharedWritten: ["shared_blks_written"],
  tempRead: ["temp_blks_read"],
  tempWritten: ["temp_blks_written"],
  // 1.11 renamed both when it began to count local blocks apart.
  readMs: ["shared_blk_read_time", "blk_read_time"],
  writeMs: ["shared_blk_write_time", "blk_write_time"],
  walBytes: ["wal_bytes"],
} as const;

export type CounterName = keyof typeof counters;

/** Times in milliseconds, blocks of 8 kB as PostgreSQL counts them. */
export type Counters = Readonly<Record<CounterName, number>>;

export const counterNames = Object.keys(counters) as CounterName[];

/** Those that only grow, and so tell by shrinking that they were reset. */
export const growing: readonly CounterName[] = counterNames.filter(
  (name) => !["minMs", "meanMs", "stddevMs"].includes(name),
);

/** The counters as SQL: `s.total_exec_time::float8 as "totalMs", …`. */
export function selectCounters(columns: ReadonlySet<string>): string {
  return counterNames
    .map((name) => `${counterExpression(name, columns)} as "${name}"`)
    .join(",\n       ");
}

/** One counter as SQL over the view's columns. */
export function counterExpression(name: CounterName, columns: ReadonlySet<string>): string {
  const column = counters[name].find((candidate) => columns.has(candidate));
  // Counts above 2^53 lose their last digits, after 285 years of one call each microsecond.
  return column === undefined ? "0::float8" : `s.${column}::float8`;
}

/** Those of what was never called. */
export const noCounters = Object.fromEntries(counterNames.map((name) => [name, 0])) as Counters;
