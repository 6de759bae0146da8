/** Runs trials as other roles and tells what came of each. */
import { isPostgresError, type Session } from "../../db/session.ts";
import { PgwrightError } from "../../errors.ts";
import type { EventListener } from "../../events.ts";
import probeSql from "./probe.sql";

export interface Probe {
  /** Role as it is called, not as SQL. */
  readonly role: string;
  /** Value for the setting that carries the identity; undefined leaves it as it is. */
  readonly identity: string | undefined;
  readonly sql: string;
  readonly row?: string | undefined;
}

/** `done`: it met a row, or a constraint after the policies; `nothing`: no error and no row. */
export type Outcome = "done" | "nothing" | "denied" | `error ${string}`;

// Each is a subtransaction; a batch of this size takes well under a second and can be interrupted.
const batchSize = 250;

/**
 * Runs the probes in their order inside the open transaction; each is undone before the next.
 *
 * @throws PgwrightError `sql-failed`, `lock-timeout` when the server refuses what is no matter of rights.
 */
export async function runProbes(
  session: Session,
  setting: string,
  probes: readonly Probe[],
  events: EventListener,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const title = "trying rights";
  const started = performance.now();
  events({ type: "step-started", title });
  for (let from = 0; from < probes.length; from += batchSize) {
    const batch = probes.slice(from, from + batchSize).map(({ identity, row, ...probe }) => ({
      ...probe,
      ...(identity === undefined ? {} : { identity, setting }),
      ...(row === undefined ? {} : { row }),
    }));
    try {
      await session.query("SELECT set_config('pgwright.probes', $1, true)", [
        JSON.stringify(batch),
      ]);
      await session.script(probeSql);
    } catch (error) {
      throw describeFailure(error);
    }
    const { found } = await session.one<{ found: string }>(
      "SELECT current_setting('pgwright.outcomes') AS found",
    );
    const texts = JSON.parse(found) as string[];
    outcomes.push(...texts.map((text) => readOutcome(text)));
    events({ type: "step-progress", title, done: outcomes.length, total: probes.length });
  }
  const detail = `${probes.length} probes`;
  events({ type: "step-finished", title, durationMs: performance.now() - started, detail });
  return outcomes;
}

function readOutcome(text: string): Outcome {
  if (text.startsWith("=")) return text === "=0" ? "nothing" : "done";
  if (text === "42501") return "denied";
  return text.startsWith("23") ? "done" : `error ${text}`;
}

function describeFailure(error: unknown): unknown {
  if (!isPostgresError(error)) return error;
  const isLock = error.code === "55P03";
  return new PgwrightError(
    isLock ? "lock-timeout" : "sql-failed",
    `the rights could not be tried: ${error.message}`,
    {
      cause: error,
      sqlstate: error.code,
      hint: isLock
        ? "somebody works with these tables; run it on a copy, or on an empty database with the same migrations and policies"
        : (error.hint ??
          (error.where === undefined ? undefined : `while ${error.where.split("\n")[0]}`)),
      notes: ["everything was rolled back"],
    },
  );
}
