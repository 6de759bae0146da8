/** Values without reading a table: what ANALYZE has kept in pg_stats. */
import type { Session } from "../db/session.ts";
import type { CatalogTable } from "./catalog.ts";
import type { ColumnValues } from "./column.ts";
import statisticsSql from "./statistics.sql";

interface ColumnStatistics {
  readonly oid: string;
  readonly column: string;
  /** Over a partitioned table and its partitions. */
  readonly inherited: boolean;
  readonly common: readonly (string | null)[] | null;
  /** Of all rows, by the place of the value in `common`. */
  readonly shares: readonly number[] | null;
  readonly bounds: readonly (string | null)[] | null;
  readonly elements: readonly (string | null)[] | null;
}

// Frequent values count as in a sample of so many rows.
const asOf = 1000;

/** Up to 100 frequent values and 101 bounds of each column; true where there were any statistics. */
export async function readStatistics(
  session: Session,
  table: CatalogTable,
  values: readonly ColumnValues[],
): Promise<boolean> {
  const places = [table, ...(table.kind === "p" ? table.leaves : [])].map(
    ({ oid, schema, name }) => ({ oid, schema, name }),
  );
  const rows = await session.query<ColumnStatistics>(statisticsSql, [JSON.stringify(places)]);
  const own = rows.filter(
    ({ oid, inherited }) => oid === table.oid && inherited === (table.kind === "p"),
  );
  const used = own.length > 0 ? own : rows.filter(({ inherited }) => !inherited);
  for (const { column, common, shares, bounds, elements } of used) {
    const target = values.find((one) => one.column.name === column);
    if (target === undefined) continue;
    if (target.column.isArray) {
      if (elements) target.add(JSON.stringify(elements));
      continue;
    }
    const add = (value: string | null, share: number) => {
      if (value === null) return;
      const text = target.reading === "bytes" ? value.replace(/^\\x/, "") : value;
      target.add(text, Math.max(1, Math.round(share * asOf)));
    };
    for (const [i, value] of (common ?? []).entries()) add(value, shares?.[i] ?? 0);
    for (const value of bounds ?? []) add(value, 0);
  }
  return used.length > 0;
}
