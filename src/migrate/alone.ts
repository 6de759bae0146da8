/**
 * Statements that PostgreSQL runs only outside a transaction. After a crash in the middle the
 * catalog tells how far most of them came; the rest can only be asked of a person.
 */
import { literal, qualified } from "../db/identifier.ts";
import type { Statement, Tree } from "../db/script.ts";
import type { Session } from "../db/session.ts";
import { allOf, as } from "../db/tree.ts";
import type { BuildTools } from "./index-build.ts";
import { buildIndex } from "./index-build.ts";
import findDetach from "./detach-state.sql";
import findLeftovers from "./reindex-leftovers.sql";
import { droppedNames, relationSql } from "./table-names.ts";

/** How a statement that was begun and did not report back is taken up again. */
export type Recovery =
  /** The catalog shows what happened. */
  | "probe"
  /** The journal says which batch was the last one. */
  | "batches"
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
  if ("DropStmt" in node) {
    if (isResumed && (await isDropped(node.DropStmt, tools))) return;
    const plain = await plainDrop(node.DropStmt, tools.session);
    if (plain !== undefined) {
      tools.say(`a partitioned index is dropped without CONCURRENTLY: ${plain}`);
      await tools.brief(plain);
      return;
    }
  }
  if (isResumed && "ReindexStmt" in node) await dropLeftovers(tools);
  if ("AlterTableStmt" in node && (await isDetached(node.AlterTableStmt, isResumed, tools))) return;
  tools.announce(statement.text);
  await tools.session.script(statement.text);
}

/**
 * DROP INDEX for an index of a partitioned table, which PostgreSQL refuses to drop concurrently; its
 * leaves' indexes go with it. Undefined for any other.
 */
export async function plainDrop(
  drop: Tree.DropStmt,
  session: Session,
): Promise<string | undefined> {
  const names = droppedNames(drop);
  const rows = await session.query(
    `select from pg_class where relkind = 'I' and oid in (${names.map((name) => `to_regclass(${literal(name)})`).join()})`,
  );
  if (rows.length === 0) return undefined;
  return `drop index ${drop.missing_ok ? "if exists " : ""}${names.join(", ")}`;
}

/** DROP INDEX CONCURRENTLY: done when the name is gone. An index half dropped is still there, invalid. */
async function isDropped(drop: Tree.DropStmt, tools: BuildTools): Promise<boolean> {
  for (const name of droppedNames(drop)) {
    const { exists } = await tools.session.one<{ exists: boolean }>(
      "select to_regclass($1) is not null as exists",
      [name],
    );
    if (exists) return false;
  }
  return true;
}

/** REINDEX CONCURRENTLY that was cut off leaves invalid copies named `…_ccnew` or `…_ccold`. */
async function dropLeftovers(tools: BuildTools): Promise<void> {
  const rows = await tools.session.query<{ schema: string; name: string }>(findLeftovers);
  for (const { schema, name } of rows) {
    const drop = `drop index concurrently ${qualified(schema, name)}`;
    tools.say(drop);
    await tools.session.script(drop);
  }
}

/**
 * DETACH PARTITION CONCURRENTLY has two phases; after a crash between them FINALIZE ends it. Two
 * tables that are not parent and partition are what a finished one leaves, or a mistake in the file
 * when it was never begun.
 */
async function isDetached(
  alter: Tree.AlterTableStmt,
  isResumed: boolean,
  tools: BuildTools,
): Promise<boolean> {
  const [command] = allOf(alter.cmds, "AlterTableCmd");
  const partition = as(command?.def, "PartitionCmd")?.name;
  if (command?.subtype !== "AT_DetachPartition" || !partition || !alter.relation) return false;
  const parentName = relationSql(alter.relation);
  const partitionName = relationSql(partition);
  const { bothExist, pending } = await tools.session.one<{
    bothExist: boolean;
    pending: boolean | null;
  }>(findDetach, [parentName, partitionName]);
  if (pending === null) return isResumed && bothExist;
  if (!pending) return false;
  await tools.brief(`alter table ${parentName} detach partition ${partitionName} finalize`);
  return true;
}
