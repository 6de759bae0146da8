/** Runs the steps of a policy plan as they stand: each unit one transaction, each step as its role. */
import { ident } from "../../src/db/identifier.ts";
import type { Session } from "../../src/db/session.ts";
import type { PolicyStep } from "../../src/policies/step.ts";

export async function runSteps(session: Session, steps: readonly PolicyStep[]): Promise<void> {
  let unit: string | undefined;
  try {
    for (const step of steps) {
      if (step.unit !== unit) {
        if (unit !== undefined) await session.query("commit");
        await session.query("begin");
        unit = step.unit;
      }
      await session.query(step.role === null ? "reset role" : `set local role ${ident(step.role)}`);
      await session.query(step.sql);
    }
    if (unit !== undefined) await session.query("commit");
  } catch (error) {
    await session.settle("rollback");
    throw error;
  }
}
