/** Retrying work that did not get a table lock, so that others are never blocked for long. */
import { setTimeout as sleep } from "node:timers/promises";
import { PgwrightError } from "../errors.ts";
import type { EventListener } from "../events.ts";
import { hasSqlState } from "./session.ts";
import type { Blocker, Watch } from "./watch.ts";
import { describeBlocker } from "./watch.ts";

export interface RetryOptions {
  /** Milliseconds from the first failure on; 0 is a single try. */
  readonly budgetMs: number;
  /** Starts watching for the blocker. */
  readonly watch: () => Watch;
  readonly events: EventListener;
  readonly signal?: AbortSignal | undefined;
  /** "003_add_sessions.sql", for messages. */
  readonly title: string;
}

/**
 * Runs `attempt` again after lock_timeout (55P03) or a deadlock (40P01), with a growing, jittered
 * pause in which the lock queue drains: a waiting ACCESS EXCLUSIVE request blocks every later
 * reader, so a short timeout and a pause beat a long wait. `attempt` must have rolled back.
 *
 * The budget counts from the first failure, so that long work before the lock is not held against
 * it; 0 is a single try.
 *
 * @throws PgwrightError `lock-timeout` naming the blocker when the budget is spent.
 */
export async function retryLocks<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  const watch = options.watch();
  let deadline: number | undefined;
  try {
    for (let tries = 1; ; tries += 1) {
      watch.wake();
      try {
        return await attempt();
      } catch (error) {
        if (!hasSqlState(error, "55P03", "40P01")) throw error;
        watch.rest();
        const blockers = watch.lastBlockers();
        const now = performance.now();
        deadline ??= now + options.budgetMs;
        const left = deadline - now;
        if (left <= 0) {
          const over = tries === 1 ? "1 try" : `${tries} tries over ${options.budgetMs / 1000} s`;
          throw lockTimeout(`${options.title} did not get its lock in ${over}`, blockers, error);
        }
        const pause = Math.min(500 * 1.6 ** (tries - 1), 60_000) * (0.5 + Math.random());
        options.events({
          type: "notice",
          level: "info",
          message: `${options.title}: no lock, try ${tries}${blockers.length > 0 ? `; blocked by ${blockers.map(describeBlocker).join("; ")}` : ""}; again in ${(Math.min(pause, left) / 1000).toFixed(1)} s, ${Math.ceil(left / 1000)} s left`,
        });
        await pauseFor(Math.min(pause, left), options.signal);
      }
    }
  } finally {
    await watch.stop();
  }
}

async function pauseFor(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(milliseconds, undefined, signal ? { signal } : {});
  } catch (cause) {
    throw new PgwrightError("interrupted", "interrupted while waiting for a lock", { cause });
  }
}

/** The error that names who was in the way. */
export function lockTimeout(
  message: string,
  blockers: readonly Blocker[],
  cause: unknown,
): PgwrightError {
  const [first] = blockers;
  return new PgwrightError("lock-timeout", message, {
    cause,
    notes: blockers.map((blocker) => `blocked by ${describeBlocker(blocker)}`),
    hint: first
      ? `end the blocker (\`select pg_terminate_backend(${first.pid})\`) or wait for it, then run the same command again`
      : "run the same command again when the database is quieter",
  });
}
