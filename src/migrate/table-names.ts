/** The names of tables and columns while a rollback renames them: what each means in the catalog of today. */
import { ident, qualified } from "../db/identifier.ts";
import type { Statement, Tree } from "../db/script.ts";
import type { Session } from "../db/session.ts";
import { allOf, as, stringsOf } from "../db/tree.ts";
import findTable from "./table-by-name.sql";

export interface Table {
  readonly schema: string;
  readonly table: string;
  readonly kind: string;
}

/** A table that an earlier statement of the same rollback has renamed or moved. */
interface Renamed extends Table {
  readonly schemaThen: string;
  readonly tableThen: string;
}

/** What the statements before have changed about names. */
export interface Names {
  readonly tables: Renamed[];
  /** Column names of today by "table as called now" and the name the column has by then. */
  readonly columns: Map<string, string>;
  /** Partitions and children that have left their parent, each a JSON list of both as SQL. */
  readonly separated: Set<string>;
}

export function noRenames(): Names {
  return { tables: [], columns: new Map(), separated: new Set() };
}

/** The table (or view: DELETE goes through it) of today that a name means, by way of the renames before. */
export async function resolveTable(
  session: Session,
  parts: readonly string[],
  names: Names,
): Promise<Table | undefined> {
  const name = parts.at(-1) ?? "";
  const schema = parts.at(-2);
  // Temporary tables are there for the rollback alone.
  if (schema !== undefined && isTemporary(schema)) return undefined;
  const renamed = names.tables.findLast(
    (entry) => entry.tableThen === name && (schema ?? entry.schemaThen) === entry.schemaThen,
  );
  if (renamed) return renamed;
  const [found] = await session.query<Table>(findTable, [dotted(parts)]);
  return found && ["r", "p", "f", "v"].includes(found.kind) ? found : undefined;
}

/** `pg_temp`, or `pg_temp_3` as it is really called: no other schema may begin with `pg_`. */
export function isTemporary(schema: string): boolean {
  return /^pg_temp(?:_\d+)?$/.test(schema);
}

/** RENAME and SET SCHEMA of tables and columns: the statements after them use the new names. */
export async function noteRename(
  session: Session,
  node: Statement["node"],
  names: Names,
): Promise<void> {
  const rename = as(node, "RenameStmt");
  const move = as(node, "AlterObjectSchemaStmt");
  const relation = rename?.relation ?? move?.relation;
  if (!relation) return;
  const table = await resolveTable(session, partsOf(relation), names);
  if (!table) return;
  const before = names.tables.findLast((entry) => sqlOf(entry) === sqlOf(table));
  const schemaThen = before?.schemaThen ?? table.schema;
  const tableThen = before?.tableThen ?? table.table;
  if (move?.objectType === "OBJECT_TABLE") {
    names.tables.push({ ...table, schemaThen: move.newschema ?? schemaThen, tableThen });
  } else if (rename?.renameType === "OBJECT_TABLE") {
    names.tables.push({ ...table, schemaThen, tableThen: rename.newname ?? tableThen });
  } else if (rename?.renameType === "OBJECT_COLUMN" && rename.relationType === "OBJECT_TABLE") {
    const old = rename.subname ?? "";
    const column = columnNow(table, old, names);
    names.columns.set(columnKey(table, rename.newname ?? ""), column);
  }
}

export function partsOf(relation: Tree.RangeVar | undefined): string[] {
  const name = relation?.relname ?? "";
  return relation?.schemaname ? [relation.schemaname, name] : [name];
}

/** The name of a relation as SQL, as the statement has it: with its schema or without. */
export function relationSql(relation: Tree.RangeVar | undefined): string {
  return dotted(partsOf(relation));
}

/** The names that a DROP gives, as SQL. */
export function droppedNames(drop: Tree.DropStmt): string[] {
  return allOf(drop.objects, "List").map(({ items }) => dotted(stringsOf(items)));
}

export function dotted(parts: readonly string[]): string {
  return parts.map((part) => ident(part)).join(".");
}

export function sqlOf(table: Table): string {
  return qualified(table.schema, table.table);
}

/** The name today of a column that an earlier statement may have renamed. */
export function columnNow(table: Table, column: string, names: Names): string {
  return names.columns.get(columnKey(table, column)) ?? column;
}

/** The name that a column of today has by then. */
export function columnThen(table: Table, column: string, names: Names): string {
  const prefix = columnKey(table, "");
  const renamed = [...names.columns].findLast(
    ([key, now]) => now === column && key.startsWith(prefix),
  );
  return renamed?.[0].slice(prefix.length) ?? column;
}

/** The name that a table of today has by then, as SQL. */
export function tableThen(table: Table, names: Names): string {
  const renamed = names.tables.findLast((entry) => sqlOf(entry) === sqlOf(table));
  return renamed ? dotted([renamed.schemaThen, renamed.tableThen]) : sqlOf(table);
}

function columnKey(table: Table, column: string): string {
  return `${sqlOf(table)}\n${column}`;
}
