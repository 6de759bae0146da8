import { formatCount } from "../../db/amount.ts";
import { ident, qualified } from "../../db/identifier.ts";
import type { ForeignKeyFacts, IndexFacts } from "../catalog.ts";
import type { IndexRule } from "../rule.ts";
import { smallTable } from "../rule.ts";
import { isOnlyNotNull } from "../predicate.ts";
import { freeName, onPartitioned } from "../statement.ts";

// From here on a scan of the table is felt by whoever deletes one referenced row.
const large = 10_000;

/**
 * A foreign key without an index that finds its rows: each DELETE of a referenced row, and each
 * change of its key, reads the whole referencing table. A table with few rows is passed over, an
 * empty one is not: it is new.
 */
export const foreignKey: IndexRule = ({ foreignKeys, indexes, taken, all }) =>
  foreignKeys.flatMap((key) => {
    const rows = key.rows ?? 0;
    if (rows > 0 && rows < smallTable && !all) return [];
    const bare = key.leaves.filter(({ covering }) =>
      covering.every(
        ({ predicate }) => predicate !== null && !isOnlyNotNull(predicate, key.columns),
      ),
    );
    // One that only has to be repaired is a finding of its own.
    if (bare.length === 0 || indexes.some((index) => isInvalidFor(key, index))) return [];
    const table = qualified(key.schema, key.tableName);
    const columns = key.columns.map(ident).join(", ");
    const on =
      key.isPartitioned && bare.length < key.leaves.length
        ? ` on ${bare.length === 1 ? bare[0]?.table : `${bare.length} of its ${key.leaves.length} leaves`}`
        : "";
    const deletes = (key.deletes ?? 0) > 0 ? `, ${formatCount(key.deletes ?? 0)} so far` : "";
    const name = freeName(key.tableName, key.columns, taken);
    return {
      rule: "indexes/foreign-key",
      severity: rows >= large ? ("warning" as const) : ("info" as const),
      object: `${table}.${ident(key.name)}`,
      message: `the foreign key ${ident(key.name)} (${columns}) of ${table} has no index${on}: each delete from ${key.referenced}${deletes} reads ${rows > 0 ? `its ${formatCount(Math.round(rows))} rows` : "all of its rows"}${consequence(key)}`,
      hint: `\`CREATE INDEX CONCURRENTLY ${ident(name)} ON ${table} (${columns});\`${key.isPartitioned ? ` ${onPartitioned}` : ""}`,
    };
  });

function isInvalidFor(key: ForeignKeyFacts, index: IndexFacts): boolean {
  if (index.isValid || index.tableOid !== key.tableOid || index.predicate !== null) return false;
  const first = index.columns.slice(0, key.columns.length);
  return key.columns.every((column) => first.includes(column));
}

function consequence({ onDelete }: ForeignKeyFacts): string {
  switch (onDelete) {
    case "c":
      return " to delete those that follow";
    case "n":
    case "d":
      return " to clear the column in those that follow";
    default:
      return " to see that none is left behind";
  }
}
