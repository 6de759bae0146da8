/** Which tables hold the rows of a table: its partitions and children by inheritance, as far as the rollback leaves them there. */
import { literal } from "../db/identifier.ts";
import type { Statement } from "../db/script.ts";
import type { Session } from "../db/session.ts";
import { allOf, as } from "../db/tree.ts";
import findHeirs from "./heirs.sql";
import type { Suspect } from "./suspect.ts";
import { sparing } from "./suspect.ts";
import type { Names, Table } from "./table-names.ts";
import { partsOf, resolveTable, sqlOf } from "./table-names.ts";

/** DETACH PARTITION and NO INHERIT: the child takes its rows with it. */
export async function noteSeparated(
  session: Session,
  node: Statement["node"],
  names: Names,
): Promise<void> {
  const alter = as(node, "AlterTableStmt");
  if (alter?.objtype !== "OBJECT_TABLE") return;
  for (const { subtype, def } of allOf(alter.cmds, "AlterTableCmd")) {
    const own = partsOf(alter.relation);
    const partition = as(def, "PartitionCmd")?.name;
    const parent = as(def, "RangeVar");
    const [child, whole] = partition ? [partsOf(partition), own] : [own, partsOf(parent)];
    if (!partition && !parent) continue;
    const one = await resolveTable(session, child, names);
    const other = await resolveTable(session, whole, names);
    if (!one || !other) continue;
    const key = JSON.stringify([sqlOf(one), sqlOf(other)]);
    if (subtype === "AT_DetachPartition" || subtype === "AT_DropInherit") names.separated.add(key);
    if (subtype === "AT_AttachPartition" || subtype === "AT_AddInherit") {
      names.separated.delete(key);
    }
  }
}

/** The pairs of child and parent that are separated by then, as the queries of this module read them. */
export function separatedPairs({ separated }: Names): string {
  return `[${[...separated].join(", ")}]`;
}

/** For each of these tables (SQL), what holds its rows now, or after what `names` has noted. */
export async function heirsOf(
  session: Session,
  tables: readonly string[],
  names?: Names,
): Promise<Map<string, Table[]>> {
  const found = new Map<string, Table[]>(tables.map((table) => [table, []]));
  const rows = await session.query<Table & { root: string }>(findHeirs, [
    JSON.stringify(tables),
    names ? separatedPairs(names) : "[]",
  ]);
  for (const { root, ...table } of rows) found.get(root)?.push(table);
  return found;
}

/** The suspect without the rows of what was detached before its statement. */
export async function withoutSeparated(
  session: Session,
  suspect: Suspect,
  names: Names,
): Promise<Suspect> {
  if (names.separated.size === 0 || suspect.isForeign) return suspect;
  const list = [suspect.table];
  const now = (await heirsOf(session, list)).get(suspect.table) ?? [];
  const then = (await heirsOf(session, list, names)).get(suspect.table) ?? [];
  const left = new Set(then.map(sqlOf));
  const separated = now.filter((table) => table.kind !== "p" && !left.has(sqlOf(table)));
  return separated.length === 0 ? suspect : sparing(suspect, [notInSql(separated)]);
}

/** True for a row `pgwright_t` that none of these tables holds. */
export function notInSql(tables: readonly Table[]): string {
  const oids = tables.map((table) => `to_regclass(${literal(sqlOf(table))})`).join(", ");
  return `pgwright_t.tableoid <> all (array_remove(array[${oids}], null)::oid[])`;
}
