import { ident } from "../../db/identifier.ts";
import { inShort } from "../../db/sql-text.ts";
import { allOf } from "../../db/tree.ts";
import type { Effect } from "../../locks/effect.ts";
import { nodeOf } from "../rule.ts";
import type { Judgement, LintRule, Step } from "../rule.ts";
import { describeBlock, sqlName } from "../say.ts";

export const rewriteTable: LintRule = {
  name: "rewrite-table",
  severity: "error",
  summary: "SET LOGGED, SET TABLESPACE and SET ACCESS METHOD write the whole table, or index, anew",
  why: "Table and indexes are copied under ACCESS EXCLUSIVE, and with SET LOGGED all of it goes through the WAL. So it is with a new expression of a stored generated column. SET TABLESPACE of an index locks the index alone, for which every query of its table waits; ALL IN TABLESPACE locks one after the other, and holds all of them to the end.",
  safe: "-- a new table in the right place, rows copied in batches, then the names exchanged",
  kinds: ["AlterTableMoveAllStmt"],
  facts: ["set-logged", "set-tablespace", "set-access-method", "set-expression", "move-index"],
  judge: (step) => [...moveOfAll(step), ...step.effects.flatMap((effect) => ofOne(effect, step))],
};

const inTime =
  "do it in a maintenance window, or copy the rows in batches into a new table and exchange the names";

function ofOne(effect: Effect, step: Step): Judgement[] {
  const { model, statement } = step;
  const command = `\`${inShort(statement.text)}\``;
  if (effect.fact === "move-index") {
    const table = model.index(effect.table)?.table;
    const moves = allOf(nodeOf(step, "AlterTableStmt")?.cmds, "AlterTableCmd");
    const to = moves.find(({ subtype }) => subtype === "AT_SetTableSpace")?.name ?? "";
    return [
      {
        ...(table === undefined ? { object: effect.table } : { table, isBySize: true }),
        message: `${command}: the index is copied under ${effect.lock}, for which every query of its table waits`,
        hint: `\`REINDEX (CONCURRENTLY, TABLESPACE ${ident(to)}) INDEX ${sqlName(effect.table)};\`, which builds it there beside reads and writes`,
      },
    ];
  }
  if (!rewriteTable.facts?.includes(effect.fact)) return [];
  return [
    {
      table: effect.table,
      isBySize: true,
      message: `${command}: ${describeBlock(effect)}`,
      hint: inTime,
    },
  ];
}

/** Which tables those are, only a catalog tells, and none of them is new. */
function moveOfAll(step: Step): Judgement[] {
  const move = nodeOf(step, "AlterTableMoveAllStmt");
  if (!move) return [];
  const isOfIndexes = move.objtype === "OBJECT_INDEX";
  return [
    {
      object: move.orig_tablespacename ?? "",
      message: `\`${inShort(step.statement.text)}\`: all of them are copied under ACCESS EXCLUSIVE, and every lock is held to the end`,
      hint: isOfIndexes
        ? "one by one, `REINDEX … CONCURRENTLY` with TABLESPACE among its options builds an index there beside reads and writes"
        : inTime,
    },
  ];
}
