/** Which tables and columns the statements of a rollback would empty or drop. */
import { ident, qualified } from "../db/identifier.ts";
import type { Statement, Tree } from "../db/script.ts";
import type { Session } from "../db/session.ts";
import { allOf, as, findNodes, stringsOf } from "../db/tree.ts";
import findDoomedByDrop from "./doomed-by-drop.sql";
import findDoomedByOwner from "./doomed-by-owner.sql";
import findTable from "./table-by-name.sql";
import findTruncated from "./truncated-tables.sql";

/** A set of rows, or of values in a column, that a statement removes. */
export interface Suspect {
  /** For people: `app.users` or `app.users.middle_name`. */
  readonly object: string;
  /** The table as it is called now, before the rollback. */
  readonly table: string;
  /** The table as the statement finds it, after the renames before it. */
  readonly tableThen: string;
  /** The rows that would be lost, now and then: `select from …`. */
  readonly rows: string;
  readonly rowsThen: string;
  readonly isForeign: boolean;
  /** DELETE takes single rows: readers need not be locked out while it is looked at again. */
  readonly isDelete: boolean;
}

interface Table {
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
}

export function noRenames(): Names {
  return { tables: [], columns: new Map() };
}

/**
 * What one statement would remove. Called for the statements in their order, so that `names` knows
 * of the renames and search_path is the one each statement will see. Names that mean nothing yet
 * (an earlier statement creates them) are left out.
 */
export async function findDoomed(
  session: Session,
  statement: Statement,
  names: Names,
): Promise<Suspect[]> {
  const { node } = statement;
  if (setsSearchPath(statement)) {
    await session.query(statement.text);
    return [];
  }
  await noteRename(session, node, names);
  const drop = as(node, "DropStmt");
  if (drop) return doomedByDrop(session, drop, names);
  const owned = as(node, "DropOwnedStmt");
  if (owned) {
    const roles = allOf(owned.roles, "RoleSpec").map(({ rolename }) => rolename ?? "");
    const roots = await session.query<{ class: string; oid: string }>(findDoomedByOwner, [
      textArray(roles),
    ]);
    return doomedWith(session, roots);
  }
  const alter = as(node, "AlterTableStmt");
  if (alter) return doomedByAlter(session, alter, names);
  const truncate = as(node, "TruncateStmt");
  if (truncate) return doomedByTruncate(session, truncate, names);
  const remove = as(node, "DeleteStmt");
  return remove ? doomedByDelete(session, statement, remove, names) : [];
}

async function doomedByDrop(
  session: Session,
  drop: Tree.DropStmt,
  names: Names,
): Promise<Suspect[]> {
  const isCascade = drop.behavior === "DROP_CASCADE";
  const lists = allOf(drop.objects, "List").map(({ items }) => stringsOf(items));
  switch (drop.removeType) {
    case "OBJECT_TABLE": {
      const suspects: Suspect[] = [];
      for (const parts of lists) {
        const table = await resolve(session, parts, names);
        if (!table) continue;
        suspects.push(wholeTable(table, parts));
        if (!isCascade) continue;
        const others = await doomedWith(
          session,
          await roots(session, "pg_class", "to_regclass($1)", [sqlOf(table)]),
        );
        suspects.push(...others.filter(({ object }) => object !== sqlOf(table)));
      }
      return suspects;
    }
    case "OBJECT_SCHEMA":
      if (!isCascade) return [];
      return doomedWith(
        session,
        await roots(
          session,
          "pg_namespace",
          "(select oid from pg_namespace where nspname = $1)",
          stringsOf(drop.objects),
        ),
      );
    case "OBJECT_TYPE":
    case "OBJECT_DOMAIN":
      if (!isCascade) return [];
      return doomedWith(
        session,
        await roots(
          session,
          "pg_type",
          "to_regtype($1)",
          allOf(drop.objects, "TypeName").map(({ names: parts }) => dotted(stringsOf(parts))),
        ),
      );
    case "OBJECT_COLLATION":
      if (!isCascade) return [];
      return doomedWith(
        session,
        await roots(session, "pg_collation", "to_regcollation($1)", lists.map(dotted)),
      );
    case "OBJECT_EXTENSION":
      if (!isCascade) return [];
      return doomedWith(
        session,
        await roots(
          session,
          "pg_extension",
          "(select oid from pg_extension where extname = $1)",
          stringsOf(drop.objects),
        ),
      );
    default:
      return [];
  }
}

async function doomedByAlter(
  session: Session,
  alter: Tree.AlterTableStmt,
  names: Names,
): Promise<Suspect[]> {
  const dropped = allOf(alter.cmds, "AlterTableCmd").filter(
    ({ subtype }) => subtype === "AT_DropColumn",
  );
  if (dropped.length === 0) return [];
  const parts = partsOf(alter.relation);
  if (alter.objtype === "OBJECT_TYPE") {
    // DROP ATTRIBUTE: every column of the type loses a part of its values.
    return doomedWith(session, await roots(session, "pg_type", "to_regtype($1)", [dotted(parts)]));
  }
  if (alter.objtype !== "OBJECT_TABLE") return [];
  const table = await resolve(session, parts, names);
  if (!table) return [];
  const suspects: Suspect[] = [];
  for (const { name = "" } of dropped) {
    const column = names.columns.get(columnKey(table, name)) ?? name;
    const [kept] = await session.query(
      `select from pg_attribute where attrelid = $1::regclass and attname = $2
       and attnum > 0 and not attisdropped and attgenerated = ''`,
      [sqlOf(table), column],
    );
    // A generated column holds nothing of its own; one that is missing fails later by itself.
    if (!kept) continue;
    const then = dotted(parts);
    suspects.push({
      ...wholeTable(table, parts),
      object: `${sqlOf(table)}.${ident(column)}`,
      rows: `select from ${sqlOf(table)} where ${ident(column)} is not null`,
      rowsThen: `select from ${then} where ${ident(name)} is not null`,
    });
  }
  return suspects;
}

async function doomedByTruncate(
  session: Session,
  truncate: Tree.TruncateStmt,
  names: Names,
): Promise<Suspect[]> {
  const suspects: Suspect[] = [];
  for (const relation of allOf(truncate.relations, "RangeVar")) {
    const parts = partsOf(relation);
    const table = await resolve(session, parts, names);
    if (!table) continue;
    suspects.push(wholeTable(table, parts));
    if (truncate.behavior !== "DROP_CASCADE") continue;
    const others = await session.query<Table>(findTruncated, [sqlOf(table)]);
    suspects.push(
      ...others
        .filter((other) => sqlOf(other) !== sqlOf(table))
        .map((other) => wholeTable(other, [other.schema, other.table])),
    );
  }
  return suspects;
}

async function doomedByDelete(
  session: Session,
  { text }: Statement,
  remove: Tree.DeleteStmt,
  names: Names,
): Promise<Suspect[]> {
  const parts = partsOf(remove.relation);
  const table = await resolve(session, parts, names);
  if (!table) return [];
  const whole = { ...wholeTable(table, parts), isDelete: true };
  // DELETE FROM t WHERE … and SELECT FROM t WHERE … differ in the first word, unless there is
  // more to the statement; then every row of the table is counted.
  const isPlain = !remove.withClause && !remove.usingClause && !remove.returningClause;
  const isRenamed = sqlOf(table) !== whole.tableThen && names.tables.length > 0;
  if (!isPlain || isRenamed || names.columns.size > 0 || !/^delete\s/i.test(text)) return [whole];
  const rows = `select${text.slice("delete".length)}`;
  return [{ ...whole, rows, rowsThen: rows }];
}

/** Whatever goes with these objects, by what the catalog says depends on them. */
async function doomedWith(
  session: Session,
  objects: readonly { readonly class: string; readonly oid: string }[],
): Promise<Suspect[]> {
  if (objects.length === 0) return [];
  const rows = await session.query<Table & { column: string | null }>(findDoomedByDrop, [
    `{${objects.map((object) => object.class).join()}}`,
    `{${objects.map((object) => object.oid).join()}}`,
  ]);
  return rows.map((row) => {
    const whole = wholeTable(row, [row.schema, row.table]);
    if (row.column === null) return whole;
    const values = `${whole.rows} where ${ident(row.column)} is not null`;
    return {
      ...whole,
      object: `${whole.object}.${ident(row.column)}`,
      rows: values,
      rowsThen: values,
    };
  });
}

/** Catalog and oid of the objects that exist; `lookup` turns a name ($1) into an oid. */
async function roots(
  session: Session,
  catalog: string,
  lookup: string,
  objects: readonly string[],
): Promise<{ class: string; oid: string }[]> {
  const found: { class: string; oid: string }[] = [];
  for (const name of objects) {
    const row = await session.one<{ class: string; oid: string | null }>(
      `select '${catalog}'::regclass::oid::text as class, ${lookup}::oid::text as oid`,
      [name],
    );
    if (row.oid !== null) found.push({ class: row.class, oid: row.oid });
  }
  return found;
}

function wholeTable(table: Table, partsThen: readonly string[]): Suspect {
  const now = sqlOf(table);
  const then = dotted(partsThen);
  return {
    object: now,
    table: now,
    tableThen: then,
    rows: `select from ${now}`,
    rowsThen: `select from ${then}`,
    isForeign: table.kind === "f",
    isDelete: false,
  };
}

/** The table of today that a name in a statement means, by way of the renames before it. */
async function resolve(
  session: Session,
  parts: readonly string[],
  names: Names,
): Promise<Table | undefined> {
  const name = parts.at(-1) ?? "";
  const schema = parts.at(-2);
  const renamed = names.tables.findLast(
    (entry) => entry.tableThen === name && (schema ?? entry.schemaThen) === entry.schemaThen,
  );
  if (renamed) return renamed;
  const [found] = await session.query<Table>(findTable, [dotted(parts)]);
  return found && ["r", "p", "f"].includes(found.kind) ? found : undefined;
}

/** RENAME and SET SCHEMA of tables and columns: the statements after them use the new names. */
async function noteRename(session: Session, node: Statement["node"], names: Names): Promise<void> {
  const rename = as(node, "RenameStmt");
  const move = as(node, "AlterObjectSchemaStmt");
  const relation = rename?.relation ?? move?.relation;
  if (!relation) return;
  const table = await resolve(session, partsOf(relation), names);
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
    const column = names.columns.get(columnKey(table, old)) ?? old;
    names.columns.set(columnKey(table, rename.newname ?? ""), column);
  }
}

/** SET search_path, or pg_dump's `SELECT pg_catalog.set_config('search_path', …)`. */
function setsSearchPath({ node }: Statement): boolean {
  const set = as(node, "VariableSetStmt");
  if (set) return set.name === "search_path";
  const calls = findNodes(as(node, "SelectStmt"), "FuncCall");
  const [call] = calls;
  return (
    calls.length === 1 &&
    stringsOf(call?.funcname).at(-1) === "set_config" &&
    as(call?.args?.[0], "A_Const")?.sval?.sval === "search_path"
  );
}

function partsOf(relation: Tree.RangeVar | undefined): string[] {
  const name = relation?.relname ?? "";
  return relation?.schemaname ? [relation.schemaname, name] : [name];
}

function dotted(parts: readonly string[]): string {
  return parts.map((part) => ident(part)).join(".");
}

function sqlOf(table: Table): string {
  return qualified(table.schema, table.table);
}

function columnKey(table: Table, column: string): string {
  return `${sqlOf(table)}\n${column}`;
}

/** An array literal of texts. */
function textArray(values: readonly string[]): string {
  return `{${values.map((value) => `"${value.replaceAll(/["\\]/g, "\\$&")}"`).join()}}`;
}
