/** How long work without a lock_timeout waits for others while it has nothing to lose. */
import { lockTimeout } from "../db/retry.ts";
import type { Session } from "../db/session.ts";
import { hasSqlState } from "../db/session.ts";
import type { Blocker, Watch, WatchReport } from "../db/watch.ts";

export interface PatienceOptions {
  readonly title: string;
  readonly session: Session;
  /** Longest wait in one go. */
  readonly budgetMs: number;
  readonly watch: (onReport: (report: WatchReport) => void) => Watch;
}

/**
 * Runs work that waits without a lock_timeout, and cancels it when it has waited longer than the
 * budget for the writers that were there before it. Once an index build has begun it is never given
 * up: those waits block nobody, and all its work would be lost.
 *
 * @throws PgwrightError `lock-timeout` naming who was waited for.
 */
export async function withPatience<T>(run: () => Promise<T>, options: PatienceOptions): Promise<T> {
  const { session, budgetMs } = options;
  let since: number | undefined;
  let inTheWay: readonly Blocker[] | undefined;
  const watching = options.watch((report) => {
    if (report.blockers.length === 0 || hasBegun(report)) {
      since = undefined;
      return;
    }
    since ??= performance.now();
    if (inTheWay || performance.now() - since < budgetMs) return;
    inTheWay = report.blockers;
    session.cancelRunning();
  });
  try {
    return await run();
  } catch (error) {
    if (!inTheWay || !hasSqlState(error, "57014")) throw error;
    const message = `${options.title} waited ${budgetMs / 1000} s for others to finish`;
    throw lockTimeout(message, inTheWay, error);
  } finally {
    await watching.stop();
  }
}

/** DROP INDEX and DETACH have no phases: they only wait, and the next run takes them up again. */
function hasBegun({ index }: WatchReport): boolean {
  return index !== null && !/^(?:initializing|waiting for writers before build)/.test(index.phase);
}
