/** Standbys that a backfill must not leave behind. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Session } from "../../db/session.ts";
import { PgwrightError } from "../../errors.ts";
import type { EventListener } from "../../events.ts";
import type { Backfill } from "./directive.ts";
import { refused } from "./key.ts";
import readLag from "./replica-lag.sql";

interface Lag {
  readonly lagMs: number | null;
  readonly standby: string | null;
  /** Standbys whose figures this role may not see. */
  readonly hidden: number;
  /** As SQL names it. */
  readonly role: string;
}

/**
 * Called once before anything is recorded, in the settings of the statement.
 *
 * @throws PgwrightError `backfill-refused` where a limit was set, and how far behind a standby is is hidden.
 */
export async function checkStandbys(
  backfill: Backfill,
  { session, title, events }: { session: Session; title: string; events: EventListener },
): Promise<void> {
  if (backfill.maxLagMs === 0) return;
  const lag = await session.one<Lag>(readLag);
  if (lag.hidden === 0) return;
  if (backfill.isLagAsked) throw hiddenFrom(lag);
  events({
    type: "notice",
    level: "warning",
    message: `${title}: the backfill waits for no standby, as how far behind they are is hidden from role ${lag.role}: GRANT pg_monitor TO ${lag.role};`,
  });
}

/** Waits between two batches. @throws PgwrightError as `checkStandbys`, and `interrupted`. */
export async function waitForStandbys(
  { maxLagMs, isLagAsked }: Backfill,
  {
    session,
    title,
    events,
    signal,
  }: {
    session: Session;
    title: string;
    events: EventListener;
    signal: AbortSignal | undefined;
  },
): Promise<void> {
  if (maxLagMs === 0) return;
  for (;;) {
    const lag = await session.one<Lag>(readLag);
    if (lag.hidden > 0 && isLagAsked) throw hiddenFrom(lag);
    const lagMs = lag.lagMs ?? 0;
    if (lagMs <= maxLagMs) return;
    const behind = `${(lagMs / 1000).toFixed(0)} s`;
    const detail = `backfill: waiting for ${lag.standby}, ${behind} behind`;
    events({ type: "step-progress", title, detail });
    await rest(1000, signal);
  }
}

function hiddenFrom({ hidden, role }: Lag): PgwrightError {
  const standbys = hidden === 1 ? "a standby follows" : `${hidden} standbys follow`;
  return refused(
    `it is to wait by max-lag, ${standbys}, and how far behind is hidden from role ${role}`,
    `have a superuser run \`GRANT pg_monitor TO ${role}\`, or take out \`max-lag\`, and nothing waits for standbys`,
  );
}

/** A pause that can be interrupted. */
export async function rest(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    if (milliseconds > 0) await sleep(milliseconds, undefined, signal ? { signal } : {});
    else signal?.throwIfAborted();
  } catch (cause) {
    throw new PgwrightError("interrupted", "interrupted between two batches of a backfill", {
      cause,
      hint: "`pgwright migrate` goes on behind the last batch",
    });
  }
}
