/** The lock on work that concerns the whole cluster: roles. */
import { lockKey, releaseSessionLock, takeSessionLock } from "../db/lock.ts";
import type { Session } from "../db/session.ts";
import { PgwrightError } from "../errors.ts";
import type { ApplyPoliciesOptions } from "./apply.ts";

/**
 * Roles belong to the cluster, and advisory locks to a database: so the lock is taken in the
 * maintenance database. Where that cannot be had, the retries have to do.
 */
export async function underClusterLock<T>(
  {
    openMaintenance,
    events,
    lockWaitMs,
    signal,
  }: Pick<ApplyPoliciesOptions, "openMaintenance" | "events" | "lockWaitMs" | "signal">,
  work: () => Promise<T>,
): Promise<T> {
  let session: Session;
  try {
    session = await openMaintenance();
  } catch (error) {
    if (!(error instanceof PgwrightError) || error.exit !== 3) throw error;
    events({
      type: "notice",
      level: "info",
      message: `work on roles is not serialised across databases: ${error.message}`,
    });
    return work();
  }
  await using holder = session;
  // Behind a transaction pooler a session lock excludes nobody; the retries have to do there too.
  if (holder.server.isPooled) return await work();
  const key = lockKey("roles");
  await takeSessionLock(holder, key, {
    budgetMs: lockWaitMs,
    signal,
    onWait: () =>
      events({
        type: "notice",
        level: "info",
        message: "waiting for another database's work on roles",
      }),
  });
  try {
    return await work();
  } finally {
    await releaseSessionLock(holder, key);
  }
}
