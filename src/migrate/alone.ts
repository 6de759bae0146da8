/**
 * Statements that PostgreSQL runs only outside a transaction. After a crash in the middle the
 * catalog tells how far most of them came; the rest can only be asked of a person.
 */
import { ident, qualified } from "../db/identifier.ts";
import type { Statement, Tree } from "../db/script.ts";
import { PgwrightError } from "../errors.ts";
import type { BuildTools } from "./index-build.ts";
import { buildIndex } from "./index-build.ts";
import findLeftovers from "./reindex-leftovers.sql";

/** How a statement that was begun and did not report back is taken up again. */
export type Recovery =
  /** The catalog shows what happened. */
  | "probe"
  /** Running it twice does no harm. */
  | "repeat"
  /** Nobody can tell: the journal entry stays open until `repair`. */
  | "journal";

/** Runs one such statement; `isResumed` says that an earlier run began it. */
export async function runAlone(
  statement: Statement,
  isResumed: boolean,
  tools: BuildTools,
): Promise<void> {
  const { node } = statement;
  if ("IndexStmt" in node) {
    await buildIndex(statement.text, isResumed, tools);
    return;
  }
  if (isResumed) {
    if ("DropStmt" in node && (await isDropped(node.DropStmt, tools))) return;
    if ("ReindexStmt" in node) await dropLeftovers(tools);
    if ("AlterTableStmt" in node && (await finishDetach(node.AlterTableStmt, tools))) return;
  }
  tools.announce(statement.text);
  await tools.session.script(statement.text);
}

/** DROP INDEX CONCURRENTLY: done when the name is gone. An index half dropped is still there, invalid. */
async function isDropped(drop: Tree.DropStmt, tools: BuildTools): Promise<boolean> {
  for (const object of drop.objects ?? []) {
    const names = namesOf(object);
    const name = names.map((part) => ident(part)).join(".");
    const [row] = await tools.session.query<{ exists: boolean }>(
      "select to_regclass($1) is not null as exists",
      [name],
    );
    if (row?.exists) return false;
  }
  return true;
}

function namesOf(object: Tree.Node): string[] {
  if (!("List" in object))
    throw new PgwrightError("internal", "DROP INDEX without a list of names");
  return (object.List.items ?? []).map((item) =>
    "String" in item ? (item.String.sval ?? "") : "",
  );
}

/** REINDEX CONCURRENTLY that was cut off leaves invalid copies named `…_ccnew` or `…_ccold`. */
async function dropLeftovers(tools: BuildTools): Promise<void> {
  const rows = await tools.session.query<{ schema: string; name: string }>(findLeftovers);
  for (const { schema, name } of rows) {
    const drop = `drop index concurrently ${qualified(schema, name)}`;
    tools.announce(drop);
    await tools.session.script(drop);
  }
}

/** DETACH PARTITION CONCURRENTLY has two phases; after a crash between them FINALIZE ends it. */
async function finishDetach(alter: Tree.AlterTableStmt, tools: BuildTools): Promise<boolean> {
  const command = alter.cmds?.[0];
  const definition = command && "AlterTableCmd" in command ? command.AlterTableCmd.def : undefined;
  const partition =
    definition && "PartitionCmd" in definition ? definition.PartitionCmd.name : undefined;
  if (!partition || !alter.relation) return false;
  const parentName = nameOf(alter.relation);
  const partitionName = nameOf(partition);
  const [row] = await tools.session.query<{ pending: boolean | null }>(
    `select (select inhdetachpending from pg_inherits
             where inhparent = to_regclass($1) and inhrelid = to_regclass($2)) as pending`,
    [parentName, partitionName],
  );
  if (row?.pending === null || row === undefined) return true;
  if (!row.pending) return false;
  const finalize = `alter table ${parentName} detach partition ${partitionName} finalize`;
  await tools.brief(finalize);
  return true;
}

function nameOf(relation: Tree.RangeVar): string {
  return relation.schemaname
    ? qualified(relation.schemaname, relation.relname ?? "")
    : ident(relation.relname ?? "");
}
