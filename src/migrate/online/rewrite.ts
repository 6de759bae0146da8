/** The safe form of one statement, whatever it is. */
import type { Statement } from "../../db/script.ts";
import { ScriptError, parseScript } from "../../db/script.ts";
import { as } from "../../db/tree.ts";
import { effectsOf } from "../../locks/effects-of.ts";
import { isAtLeast } from "../../locks/mode.ts";
import { noSafeForm, rewriteAlter } from "./alter.ts";
import { rewriteCreateIndex, rewriteDropIndex, rewriteReindex } from "./indexes.ts";
import type { Verdict } from "./rewriting.ts";
import type { Surroundings } from "./surroundings.ts";

/**
 * Pure. What a statement does to tables that the same run creates needs no safe form: nobody else uses
 * them yet.
 */
export function rewrite(statement: Statement, around: Surroundings): Verdict {
  const verdict = judge(statement, around);
  const isReadable = verdict.pieces?.every(({ sql }) => isOneStatement(sql)) ?? true;
  return isReadable ? verdict : { kept: ["the statement could not be taken apart"] };
}

function isOneStatement(sql: string): boolean {
  try {
    return parseScript(sql).length === 1;
  } catch (error) {
    if (error instanceof ScriptError) return false;
    throw error;
  }
}

function judge(statement: Statement, around: Surroundings): Verdict {
  const { node } = statement;
  const index = as(node, "IndexStmt");
  if (index) return rewriteCreateIndex(statement, index, around);
  const drop = as(node, "DropStmt");
  if (drop) return rewriteDropIndex(drop, around);
  const reindex = as(node, "ReindexStmt");
  if (reindex) return rewriteReindex(statement, reindex, around);
  const alter = as(node, "AlterTableStmt");
  if (alter) return rewriteAlter(statement, alter, around);
  return { kept: blocksForLong(statement, around) ? [noSafeForm] : [] };
}

/** It works through a table that is there while others cannot write it. */
function blocksForLong(statement: Statement, { model }: Surroundings): boolean {
  const isThere = (name: string) => model.table(name)?.isNew === false;
  return effectsOf(statement, model).some(
    ({ table, lock, work, other }) =>
      (work !== "none" && isAtLeast(lock, "SHARE") && isThere(table)) ||
      (other?.work !== undefined &&
        other.work !== "none" &&
        isAtLeast(other.lock, "SHARE") &&
        isThere(other.table)),
  );
}
