/** Runs the statements of a repair, or prints them. */
import { ident } from "../db/identifier.ts";
import type { Migrator } from "../migrate/migrator.ts";
import { runTransaction } from "../migrate/transaction.ts";
import type { RepairStep } from "./repair-step.ts";

/** One step with its progress. @throws PostgresError as the server sent it; PgwrightError `lock-timeout`. */
export async function runStep(migrator: Migrator, step: RepairStep): Promise<void> {
  const { options } = migrator;
  const [title] = step.sql;
  const startedAt = performance.now();
  options.events({ type: "step-started", title });
  try {
    if (step.kind === "concurrent") await runConcurrent(migrator, step, title);
    else await runBrief(migrator, step);
  } catch (error) {
    options.events({ type: "step-failed", title, durationMs: performance.now() - startedAt });
    throw error;
  }
  migrator.committed += 1;
  options.events({ type: "step-finished", title, durationMs: performance.now() - startedAt });
}

/** Without a lock_timeout, which would leave an invalid index; the client's budget ends the wait. */
export async function runConcurrent(
  migrator: Migrator,
  { role, tablespace }: Pick<RepairStep, "role" | "tablespace">,
  sql: string,
): Promise<void> {
  const { session, frame } = migrator;
  const settings = settingsOf({ role, tablespace }, "SET");
  try {
    await migrator.watched(sql, async () => {
      await session.script([...frame.lone(true), ...settings].join(";\n"));
      await session.script(sql);
    });
  } finally {
    if (!session.isDead) await session.settle(frame.loneEnd.join(";\n"));
  }
}

async function runBrief(migrator: Migrator, step: RepairStep): Promise<void> {
  const before = [...migrator.frame.transaction, ...settingsOf(step, "SET LOCAL")];
  await migrator.retrying(step.sql[0], () =>
    runTransaction(migrator.session, { before, statements: [], after: step.sql }),
  );
}

function settingsOf(
  { role, tablespace }: Pick<RepairStep, "role" | "tablespace">,
  set: "SET" | "SET LOCAL",
): string[] {
  return [
    ...(role === null ? [] : [`${set} ROLE ${ident(role)}`]),
    ...(tablespace === null ? [] : [`${set} default_tablespace = ${ident(tablespace)}`]),
  ];
}

/** As a script to be run by hand: what is concurrent stands outside of transactions. */
export function printSteps(steps: readonly RepairStep[]): string {
  return steps
    .map((step) => {
      const comment = `-- ${step.index}: ${step.why}`;
      if (step.kind === "brief") {
        const body = [
          "BEGIN",
          "SET LOCAL lock_timeout = '1s'",
          ...settingsOf(step, "SET LOCAL"),
          ...step.sql,
          "COMMIT",
        ];
        return `${comment}\n${body.join(";\n")};`;
      }
      const settings = settingsOf(step, "SET");
      const reset = [
        ...(step.role === null ? [] : ["RESET ROLE"]),
        ...(step.tablespace === null ? [] : ["RESET default_tablespace"]),
      ];
      return `${comment}\n${[...settings, ...step.sql, ...reset].join(";\n")};`;
    })
    .join("\n\n");
}
