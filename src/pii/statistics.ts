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
  readonly nullShare: number;
  readonly common: readonly (string | null)[] | null;
  readonly bounds: readonly (string | null)[] | null;
  readonly elements: readonly (string | null)[] | null;
}

/** Up to 100 frequent values and 101 bounds of each column; true where there were any statistics. */
export async function readStatistics(
  session: Session,
  table: CatalogTable,
  values: readonly ColumnValues[],
): Promise<boolean> {
  const oids = [table.oid, ...table.leaves.map(({ oid }) => oid)];
  const rows = await session.query<ColumnStatistics>(statisticsSql, [JSON.stringify(oids)]);
  const own = rows.filter(
    ({ oid, inherited }) => oid === table.oid && inherited === (table.kind === "p"),
  );
  const used = own.length > 0 ? own : rows.filter(({ inherited }) => !inherited);
  for (const { column, common, bounds, elements } of used) {
    const target = values.find((one) => one.column.name === column);
    if (target === undefined) continue;
    if (target.column.isArray) {
      if (elements) target.add(JSON.stringify(elements));
      continue;
    }
    for (const value of new Set([...(common ?? []), ...(bounds ?? [])])) {
      if (value !== null)
        target.add(target.reading === "bytes" ? value.replace(/^\\x/, "") : value);
    }
  }
  return used.length > 0;
}
