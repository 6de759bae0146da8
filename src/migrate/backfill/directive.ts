/** `-- backfill:` before an UPDATE or DELETE: the statement runs in batches, each in its own transaction. */
import { readPieces } from "../../db/lexer.ts";
import type { Statement, Tree } from "../../db/script.ts";
import { scanTokens } from "../../db/script.ts";
import { allOf, as } from "../../db/tree.ts";

/** How a statement is cut into batches. */
export interface Backfill {
  /** Rows of the table that a batch looks at. */
  readonly batch: number;
  /** Rest between two batches. */
  readonly pauseMs: number;
  /** A standby that is further behind stops the work until it has caught up. 0: none does. */
  readonly maxLagMs: number;
  /** `max-lag` is written: where it cannot be kept, nothing runs. */
  readonly isLagAsked: boolean;
  /** What is wrong with the directive or its statement; such a file is refused. */
  readonly mistake?: string;
}

const usual: Backfill = { batch: 10_000, pauseMs: 0, maxLagMs: 10_000, isLagAsked: false };

/** The directive in the comments between two statements; undefined where there is none. */
export function findBackfill(between: string, statement: Statement): Backfill | undefined {
  const comment = readPieces(between)
    .filter(({ kind }) => kind === "comment")
    .map(({ start, end }) => between.slice(start, end))
    .findLast((text) => /^--[ \t]*backfill\b/.test(text));
  if (comment === undefined) return undefined;
  const [, list] = /^--[ \t]*backfill:?[ \t]*(.*?)[ \t]*$/.exec(comment) ?? [];
  let found = usual;
  for (const word of (list ?? "").split(/[ \t,]+/).filter(Boolean)) {
    const [, name, amount, unit = ""] =
      /^(batch|pause|max-lag)=([0-9]{1,7})(ms|s|)$/.exec(word) ?? [];
    const number = Number(amount) * (unit === "s" ? 1000 : 1);
    if (name === "batch" && unit === "" && number > 0) found = { ...found, batch: number };
    else if (name === "pause" && unit !== "") found = { ...found, pauseMs: number };
    else if (name === "max-lag" && unit !== "") {
      found = { ...found, maxLagMs: number, isLagAsked: true };
    } else {
      const mistake = `\`${word}\` is no option of a backfill: batch=10000, pause=100ms, max-lag=10s`;
      return { ...found, mistake };
    }
  }
  const mistake = findMistake(statement);
  return mistake === undefined ? found : { ...found, mistake };
}

function findMistake({ node }: Statement): string | undefined {
  const update = as(node, "UpdateStmt");
  const remove = as(node, "DeleteStmt");
  const change = update ?? remove;
  if (!change) return "only an UPDATE or DELETE can be run in batches";
  if (change.withClause) return "a statement with WITH cannot be run in batches";
  if (change.returningClause) return "a statement with RETURNING cannot be run in batches";
  if (change.relation?.inh === false)
    return "UPDATE ONLY and DELETE FROM ONLY cannot be run in batches";
  if ((update?.fromClause ?? remove?.usingClause) !== undefined) {
    return "a statement with FROM or USING cannot be run in batches: use a subquery";
  }
  if (as(change.whereClause, "CurrentOfExpr")) return "WHERE CURRENT OF cannot be run in batches";
  return undefined;
}

/** The table of the statement, and how its columns are named in it. */
export function targetOf({ node }: Statement): {
  readonly relation: Tree.RangeVar | undefined;
  readonly name: string;
  /** Columns that get values. */
  readonly assigned: readonly string[];
} {
  const update = as(node, "UpdateStmt");
  const relation = update?.relation ?? as(node, "DeleteStmt")?.relation;
  return {
    relation,
    name: relation?.alias?.aliasname ?? relation?.relname ?? "",
    assigned: allOf(update?.targetList, "ResTarget").map(({ name = "" }) => name),
  };
}

/** The statement for one batch: with a condition more. */
export function narrowed({ text }: Statement, condition: string): string {
  const bytes = Buffer.from(text);
  let depth = 0;
  for (const token of scanTokens(text)) {
    if (token.text === "(" || token.text === "[") depth += 1;
    else if (token.text === ")" || token.text === "]") depth -= 1;
    else if (depth === 0 && token.isKeyword && token.text.toLowerCase() === "where") {
      const head = bytes.subarray(0, token.start).toString();
      // The line break ends a comment.
      return `${head}where (${bytes.subarray(token.end).toString()}\n) and ${condition}`;
    }
  }
  return `${text}\nwhere ${condition}`;
}
