/** What ends with its transaction or its session while statements of the same file are still to come. */
import type { Statement } from "../db/script.ts";
import { as } from "../db/tree.ts";
import { isMadeTemporary, relationMadeBy } from "../locks/statement-names.ts";
import type { Surroundings, Verdict } from "./check.ts";
import { isLocalSetting } from "./session-setting.ts";

/** SET LOCAL of most settings is repeated behind a cut; a lock, and what a block of code sets, is not. */
export function findLostSetting(
  statement: Statement,
  { runs, run }: Surroundings,
): Verdict | undefined {
  const words = firstWords(statement.text);
  const next = behind(run, runs);
  if (as(statement.node, "DoStmt")) return next && findLostInBlock(statement, next);
  const set = as(statement.node, "VariableSetStmt");
  if (set && set.is_local !== true) return undefined;
  if (run.kind === "alone") {
    return {
      severity: "warning",
      message: `\`${words}\` has no effect outside a transaction`,
      hint: isLocalSetting(statement)
        ? "use SET, or leave out `transaction:false`; until then pgwright has it hold to the end of the file"
        : "leave out `transaction:false`",
    };
  }
  // Behind an earlier cut, and with something to act on, it is meant for the transaction it is in.
  const isForOwn = runs.indexOf(run) > 0 && run.statements.at(-1)?.node !== statement.node;
  if (next === undefined || isForOwn || isLocalSetting(statement)) return undefined;
  return {
    severity: "warning",
    message: `\`${words}\` ends with its transaction, before ${placed(next)}`,
    hint: "repeat it below, or split the file",
  };
}

function findLostInBlock({ text }: Statement, next: Statement): Verdict | undefined {
  // A block that says it twice gives back what was there.
  if (text.match(/\bset_config\s*\(\s*'search_path'/gi)?.length !== 1) return undefined;
  return {
    severity: "error",
    message: `what \`${firstWords(text)}\` sets ends before ${placed(next)}`,
    hint: "say it with SET or SELECT set_config(…) outside of the block, which are repeated in each transaction of the file; or split the file",
  };
}

/** A temporary table that is gone makes a name mean the table of that name in a schema. */
export function findLostTemporary(
  statement: Statement,
  { runs, run }: Surroundings,
): Verdict | undefined {
  const next = behind(run, runs);
  if (next === undefined || !makesTemporary(statement)) return undefined;
  const words = firstWords(statement.text);
  const hint = "make it an ordinary table that the file drops in the end, or split the file";
  return endsWithTransaction(statement)
    ? {
        severity: "error",
        message: `what \`${words}\` makes is gone or empty before ${placed(next)}`,
        hint,
      }
    : {
        severity: "warning",
        message: `what \`${words}\` makes is gone if the file is interrupted at ${placed(next)} or behind it, and then nothing takes it up again`,
        hint,
      };
}

/** It makes a temporary table, view or sequence; of a block of code, as far as its words tell. */
export function makesTemporary({ node, text }: Statement): boolean {
  return as(node, "DoStmt")
    ? /\b(?:create\s+(?:(?:local|global)\s+)?|into\s+)temp(?:orary)?\b|\bpg_temp\./i.test(text)
    : isMadeTemporary(relationMadeBy(node));
}

/** ON COMMIT DROP, or DELETE ROWS. */
function endsWithTransaction({ node, text }: Statement): boolean {
  if (as(node, "DoStmt")) return /\bon\s+commit\s+(?:drop|delete)\b/i.test(text);
  const into = as(node, "CreateTableAsStmt")?.into ?? as(node, "SelectStmt")?.intoClause;
  const action = as(node, "CreateStmt")?.oncommit ?? into?.onCommit;
  return action === "ONCOMMIT_DROP" || action === "ONCOMMIT_DELETE_ROWS";
}

/** The first statement that runs in a later transaction. */
function behind(run: Surroundings["run"], runs: Surroundings["runs"]): Statement | undefined {
  const next = runs[runs.indexOf(run) + 1];
  return next?.kind === "alone" ? next.statement : next?.statements[0];
}

const placed = ({ text }: Statement) => `\`${firstWords(text)}\``;

/** The beginning of a statement on one line, for messages. */
export function firstWords(text: string): string {
  const line = text.replace(/\s+/g, " ");
  const characters = [...line];
  return characters.length <= 50 ? line : `${characters.slice(0, 49).join("")}…`;
}
