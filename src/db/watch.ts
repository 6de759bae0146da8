/** A second pair of eyes on a backend that is busy: who blocks it, how far its index build is. */
import { setTimeout as sleep } from "node:timers/promises";
import { PgwrightError } from "../errors.ts";
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
  /** Looks again after `rest`. */
  wake(): void;
  /** Stops looking, and keeps the connection: pg_blocking_pids() halts the lock manager briefly. */
  rest(): void;
  stop(): Promise<void>;
}

export interface WatchOptions {
  /** Backend to look at. */
  readonly pid: number;
  readonly open: () => Promise<Session>;
  /** Longest single wait for a lock; 0 is none. */
  readonly lockTimeoutMs: number;
  readonly onReport: (report: WatchReport) => void;
  readonly onTrouble: (message: string) => void;
}

/** A statement that answers faster than this is never looked at, so no second connection is opened. */
const firstLookMs = 300;
const everyMs = 400;

/**
 * Watches a backend from another connection until stopped. The connection is opened only when the
 * work lasts. A watcher that cannot connect or loses its connection says so once and the work goes
 * on: it only observes.
 */
export function watchBackend(options: WatchOptions): Watch {
  const { pid, lockTimeoutMs } = options;
  const controller = new AbortController();
  const { signal } = controller;
  let blockers: readonly Blocker[] = [];
  let isResting = false;
  // Three looks within one wait for a lock: the first may come before the connection stands.
  const within = (milliseconds: number) =>
    lockTimeoutMs === 0 ? milliseconds : Math.max(10, Math.min(milliseconds, lockTimeoutMs / 3));
  const running = (async () => {
    await sleep(within(firstLookMs), undefined, { signal });
    await using session = await options.open();
    while (!signal.aborted) {
      if (!isResting) {
        const { report } = await session.one<{ report: WatchReport }>(findBlockers, [pid]);
        if (report.blockers.length > 0) blockers = report.blockers;
        if (!signal.aborted && !isResting) options.onReport(report);
      }
      await sleep(within(everyMs), undefined, { signal });
    }
  })().catch((error: unknown) => {
    // Ctrl-C ends the work itself, which reports it.
    const isInterrupted = error instanceof PgwrightError && error.code === "interrupted";
    if (!signal.aborted && !isInterrupted) {
      options.onTrouble(
        `cannot watch pid ${pid} for blockers: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  });
  return {
    lastBlockers: () => blockers,
    wake() {
      isResting = false;
    },
    rest() {
      isResting = true;
    },
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
