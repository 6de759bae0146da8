/** What queries can be sorted by: the explicit list, each with its value. */
import { counterExpression, type Counters } from "./counters.ts";

interface Sort {
  /** For people: "total time". */
  readonly title: string;
  /** The value as SQL over the view's columns. */
  sql(columns: ReadonlySet<string>): string;
  /** The same of counters that are here already. */
  value(counters: Counters): number;
}

const sum =
  (...names: readonly (keyof Counters)[]) =>
  (columns: ReadonlySet<string>) =>
    names.map((name) => counterExpression(name, columns)).join(" + ");

/** Largest first; total time is what a server spends. */
export const sorts = {
  total: { title: "total time", sql: sum("totalMs"), value: (c) => c.totalMs },
  mean: { title: "mean time", sql: sum("meanMs"), value: (c) => c.meanMs },
  calls: { title: "calls", sql: sum("calls"), value: (c) => c.calls },
  rows: { title: "rows", sql: sum("rows"), value: (c) => c.rows },
  io: {
    title: "blocks read and written",
    sql: sum("sharedRead", "sharedWritten"),
    value: (c) => c.sharedRead + c.sharedWritten,
  },
  temp: {
    title: "temporary space",
    sql: sum("tempRead", "tempWritten"),
    value: (c) => c.tempRead + c.tempWritten,
  },
  wal: { title: "write-ahead log", sql: sum("walBytes"), value: (c) => c.walBytes },
  planning: { title: "planning time", sql: sum("planMs"), value: (c) => c.planMs },
  variation: {
    title: "variation",
    sql: (columns) =>
      `${counterExpression("stddevMs", columns)} / nullif(${counterExpression("meanMs", columns)}, 0)`,
    value: (c) => (c.meanMs === 0 ? 0 : c.stddevMs / c.meanMs),
  },
} as const satisfies Record<string, Sort>;

export type SortName = keyof typeof sorts;

/** In the order of the help. */
export const sortNames = Object.keys(sorts) as [SortName, ...SortName[]];
