/** The statements of a file with safe forms in their places, cut into transactions anew. */
import type { Statement } from "../../db/script.ts";
import { segment } from "../segment.ts";
import type { Run } from "../segment.ts";
import type { Rewriting } from "./rewriting.ts";
import { makeStatement } from "./rewriting.ts";

/** `runs` are those of the file; a transaction ends behind each statement that runs in its safe form. */
export function withRewritings(runs: readonly Run[], rewritings: readonly Rewriting[]): Run[] {
  const byStatement = new Map(rewritings.map((one) => [one.statement, one]));
  const made: Run[] = [];
  let block: Statement[] = [];
  const close = (endsBecause?: string) => {
    if (block.length > 0) {
      made.push({ kind: "block", statements: block, ...(endsBecause ? { endsBecause } : {}) });
    }
    block = [];
  };
  const place = (statement: Statement, { pieces }: Rewriting) => {
    for (const piece of pieces) {
      const one = makeStatement(statement, piece);
      if (piece.place === "apart" || piece.place === "alone") close();
      if (piece.place === "alone") made.push(...segment([one], true));
      else block.push(one);
    }
    if (pieces.some((piece) => piece.place !== "within")) close();
  };
  let number = 0;
  for (const run of runs) {
    const statements = run.kind === "alone" ? [run.statement] : run.statements;
    for (const statement of statements) {
      number += 1;
      const rewriting = byStatement.get(number);
      if (rewriting) place(statement, rewriting);
      else if (run.kind === "block") block.push(statement);
      else {
        close();
        made.push(run);
      }
    }
    if (run.kind === "block") close(run.endsBecause);
  }
  close();
  return made;
}
