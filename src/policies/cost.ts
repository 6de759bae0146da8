/** What the steps of a plan lock, by the one table of facts, and how large those tables are. */
import { countOf, formatBytes } from "../db/amount.ts";
import { loadParser, parseScript } from "../db/script.ts";
import type { Session } from "../db/session.ts";
import { readModel } from "../locks/catalog.ts";
import { effectsOf } from "../locks/effects-of.ts";
import { learn } from "../locks/learn.ts";
import type { LockedTable } from "../locks/locked.ts";
import { lockedTables } from "../locks/locked.ts";
import type { PolicyStep } from "./step.ts";

/** The steps with their `locks`, each judged after those before it: a partition that one creates is new to the next. */
export async function withLocks(
  session: Session,
  steps: readonly PolicyStep[],
): Promise<PolicyStep[]> {
  if (steps.length === 0) return [];
  await loadParser();
  const model = await readModel(session);
  return steps.map((step) => {
    const statements = parseScript(step.sql);
    const locks = statements.flatMap((statement) => {
      const found = lockedTables(effectsOf(statement, model), model);
      learn(model, statement);
      return found;
    });
    return { ...step, locks };
  });
}

const works = {
  none: "",
  scan: " and reads the whole table",
  index: " and builds an index",
  rewrite: " and writes the table anew",
} as const;

/** "takes ACCESS EXCLUSIVE on app.orders, 1,200 rows, 96.0 kB, and reads the whole table" */
export function describeLocks(locks: readonly LockedTable[]): string {
  return `takes ${locks
    .map(({ table, lock, work, rows, bytes }) => {
      const size =
        bytes === null || bytes === 0
          ? ""
          : `, ${rows === null ? "unknown rows" : countOf(rows, "row")}, ${formatBytes(bytes)}`;
      return `${lock} on ${table}${size}${size !== "" && work !== "none" ? "," : ""}${works[work]}`;
    })
    .join("; ")}`;
}
