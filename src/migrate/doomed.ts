/** Which tables and columns the statements of a rollback would drop, empty or change. */
import { ident } from "../db/identifier.ts";
import type { Statement, Tree } from "../db/script.ts";
import type { Session } from "../db/session.ts";
import { allOf, as, findNodes, stringsOf } from "../db/tree.ts";
import { hasValue } from "../db/stored-value.ts";
import { doomedByDelete, doomedByTruncate } from "./emptied.ts";
import { noteSeparated } from "./heirs.ts";
import { doomedByUpdate } from "./overwritten.ts";
import { doomedByRetype } from "./retyped.ts";
import type { Suspect } from "./suspect.ts";
import { doomedByOwners, doomedWith, findObjects, wholeTable } from "./suspect.ts";
import type { Names } from "./table-names.ts";
import { columnNow, dotted, noteRename, partsOf, resolveTable, sqlOf } from "./table-names.ts";

/**
 * What one statement would remove. Called for the statements in their order, so that `names` knows
 * of the renames and search_path is the one each statement will see. Names that mean nothing yet
 * (an earlier statement creates them) are left out, and so are columns that are `gone`.
 */
export async function findDoomed(
  session: Session,
  statement: Statement,
  names: Names,
  gone: ReadonlySet<string>,
): Promise<Suspect[]> {
  const { node } = statement;
  if (setsSearchPath(statement)) {
    await session.query(statement.text);
    return [];
  }
  await noteRename(session, node, names);
  await noteSeparated(session, node, names);
  const drop = as(node, "DropStmt");
  if (drop) return doomedByDrop(session, drop, names);
  const owned = as(node, "DropOwnedStmt");
  if (owned) {
    return doomedByOwners(
      session,
      allOf(owned.roles, "RoleSpec").map(({ rolename }) => rolename ?? ""),
    );
  }
  const alter = as(node, "AlterTableStmt");
  if (alter) {
    const dropped = await doomedByAlter(session, alter, names);
    return [...dropped, ...(await doomedByRetype(session, statement, alter, names))];
  }
  const truncate = as(node, "TruncateStmt");
  if (truncate) return doomedByTruncate(session, truncate, names);
  return [
    ...(await doomedByDelete(session, statement, names)),
    ...(await doomedByUpdate(session, statement, names, gone)),
  ];
}

/** The columns an UPDATE assigns to, named as `Suspect.object` names them. */
export async function findAssigned(
  session: Session,
  { node }: Statement,
  names: Names,
): Promise<string[]> {
  const update = as(node, "UpdateStmt");
  if (!update) return [];
  const table = await resolveTable(session, partsOf(update.relation), names);
  if (!table) return [];
  return allOf(update.targetList, "ResTarget").map(
    ({ name = "" }) => `${sqlOf(table)}.${ident(columnNow(table, name, names))}`,
  );
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
        const table = await resolveTable(session, parts, names);
        if (!table) continue;
        suspects.push(wholeTable("drops", table, parts));
        if (!isCascade) continue;
        const others = await doomedWith(
          session,
          await findObjects(session, "pg_class", "to_regclass($1)", [sqlOf(table)]),
        );
        suspects.push(...others.filter(({ object }) => object !== sqlOf(table)));
      }
      return suspects;
    }
    case "OBJECT_SCHEMA":
      if (!isCascade) return [];
      return doomedWith(
        session,
        await findObjects(
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
        await findObjects(
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
        await findObjects(session, "pg_collation", "to_regcollation($1)", lists.map(dotted)),
      );
    case "OBJECT_EXTENSION":
      if (!isCascade) return [];
      return doomedWith(
        session,
        await findObjects(
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
    return doomedWith(
      session,
      await findObjects(session, "pg_type", "to_regtype($1)", [dotted(parts)]),
    );
  }
  if (alter.objtype !== "OBJECT_TABLE") return [];
  const table = await resolveTable(session, parts, names);
  if (!table) return [];
  const suspects: Suspect[] = [];
  for (const { name = "" } of dropped) {
    const column = columnNow(table, name, names);
    const [kept] = await session.query(
      `select from pg_attribute where attrelid = $1::regclass and attname = $2
       and attnum > 0 and not attisdropped and attgenerated = ''`,
      [sqlOf(table), column],
    );
    // A generated column holds nothing of its own; one that is missing fails later by itself.
    if (!kept) continue;
    const then = dotted(parts);
    suspects.push({
      ...wholeTable("drops", table, parts),
      object: `${sqlOf(table)}.${ident(column)}`,
      column,
      rows: `select from ${sqlOf(table)} where ${hasValue(ident(column))}`,
      rowsThen: `select from ${then} where ${hasValue(ident(name))}`,
    });
  }
  return suspects;
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
