/** A second pair of eyes on a backend that is busy: who blocks it, how far its index build is. */
import { setTimeout as sleep } from "node:timers/promises";
import findBlockers from "./blockers.sql";
import type { Session } from "./session.ts";

export interface Blocker {
  readonly pid: number;
  readonly application: string;
  readonly role: string;
  /** As in pg_stat_activity: "idle in transaction". */
  readonly state: string;
  readonly query: string;
  /** Age of its transaction. */
  readonly seconds: number;
}

export interface WatchReport {
  readonly blockers: readonly Blocker[];
  readonly index: {
    readonly phase: string;
    readonly done: number;
    readonly total: number;
    readonly waitsFor: number | null;
  } | null;
}

export interface Watch {
  /** The blockers seen last; a lock timeout ends the wait, so they must be remembered. */
  lastBlockers(): readonly Blocker[];
  stop(): Promise<void>;
}

/** A statement that answers faster than this is never looked at, so no second connection is opened. */
const firstLookMs = 300;
const everyMs = 400;

/**
 * Watches the backend `pid` from another connection until stopped. The connection is opened only
 * when the work lasts. A watcher that cannot connect or loses its connection says so once and the
 * work goes on: it only observes.
 */
export function watchBackend(
  pid: number,
  open: () => Promise<Session>,
  onReport: (report: WatchReport) => void,
  onTrouble: (message: string) => void,
): Watch {
  const controller = new AbortController();
  let blockers: readonly Blocker[] = [];
  const running = (async () => {
    await sleep(firstLookMs, undefined, { signal: controller.signal });
    await using session = await open();
    while (!controller.signal.aborted) {
      const { report } = await session.one<{ report: WatchReport }>(findBlockers, [pid]);
      if (report.blockers.length > 0) blockers = report.blockers;
      onReport(report);
      await sleep(everyMs, undefined, { signal: controller.signal });
    }
  })().catch((error: unknown) => {
    if (!controller.signal.aborted) {
      onTrouble(
        `cannot watch pid ${pid} for blockers: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  });
  return {
    lastBlockers: () => blockers,
    async stop() {
      controller.abort();
      await running;
    },
  };
}

/**
 * A blocker in one line. Its query is shown up to the first quote: what follows may be a value.
 */
export function describeBlocker(blocker: Blocker): string {
  const name = blocker.application === "" ? "" : ` (${blocker.application})`;
  const query = blocker.query.split(/['"$]/, 1)[0]?.replaceAll(/\s+/g, " ").trim().slice(0, 60);
  return `pid ${blocker.pid}${name}, role ${blocker.role}, ${blocker.state}, transaction open for ${Math.round(blocker.seconds)} s${query ? `: ${query}…` : ""}`;
}
