/** The migration lock: one migrator at a time per (database, ledger table). */
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { PgwrightError } from "../errors.ts";
import findLockHolder from "./lock-holder.sql";
import type { Session } from "./session.ts";

export interface LockHolder {
  readonly pid: number;
  readonly application: string;
  readonly role: string;
  readonly client: string;
  /** Seconds since that backend connected. */
  readonly seconds: number;
}

export interface LockOptions {
  /** Milliseconds to try before giving up with `migration-lock`. */
  readonly budgetMs: number;
  /** Called when someone else holds it, each time the holder changes. */
  readonly onWait: (holder: LockHolder | undefined) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The advisory key of a name, a signed 64-bit number as text. Advisory locks are per database
 * already, so the name needs to hold only what tells projects inside one database apart.
 */
export function lockKey(name: string): string {
  return createHash("sha256").update(`pgwright ${name}`).digest().readBigInt64BE(0).toString();
}

/**
 * Takes the session-level lock on the session that does the work, so that lock and work die
 * together. It polls pg_try_advisory_lock in autocommit: a backend blocked inside
 * pg_advisory_lock() holds a snapshot that CREATE INDEX CONCURRENTLY waits for, a deadlock.
 *
 * @throws PgwrightError `migration-lock` naming the holder when the budget is spent.
 */
export async function takeSessionLock(
  session: Session,
  key: string,
  options: LockOptions,
): Promise<void> {
  await poll(session, key, options, async () => {
    const row = await session.one<{ got: boolean }>(
      "select pg_try_advisory_lock($1::bigint) as got",
      [key],
    );
    return row.got;
  });
}

/** Gives the session-level lock back. A dead session has given it back already. */
export async function releaseSessionLock(session: Session, key: string): Promise<void> {
  if (session.isDead) return;
  try {
    // After a failure a transaction may still be open, and there the unlock would be refused.
    await session.settle(`rollback; select pg_advisory_unlock(${key})`);
  } catch (error) {
    // Its connection broke just now, and the lock went with it.
    if (!session.isDead) throw error;
  }
}

/**
 * Behind a transaction pooler a session lock would land on a shared backend and exclude nobody
 * (two clients held the same one through PgBouncer 1.18). There the lock is transaction-level: one
 * short transaction per try, and the winner keeps its transaction open, idle, at READ COMMITTED.
 * Such a transaction holds neither an xid nor a snapshot, so it delays neither vacuum nor
 * CREATE INDEX CONCURRENTLY.
 */
export async function takeTransactionLock(
  session: Session,
  key: string,
  options: LockOptions,
): Promise<void> {
  const begin = [
    "begin isolation level read committed",
    "set local idle_in_transaction_session_timeout = 0",
    ...(session.server.versionNumber >= 170000 ? ["set local transaction_timeout = 0"] : []),
  ].join(";\n");
  await poll(session, key, options, async () => {
    await session.script(begin);
    const row = await session.one<{ got: boolean }>(
      "select pg_try_advisory_xact_lock($1::bigint) as got",
      [key],
    );
    if (!row.got) await session.settle("rollback");
    return row.got;
  });
}

/** Says who holds the lock with this key, in words for people. */
export function describeHolder(holder: LockHolder | undefined): string {
  if (holder === undefined) return "a session that just ended, or one this role may not see";
  const name = holder.application === "" ? "no application name" : `\`${holder.application}\``;
  return `pid ${holder.pid} (${name}, role ${holder.role}, from ${holder.client}, connected ${Math.round(holder.seconds)} s ago)`;
}

async function poll(
  session: Session,
  key: string,
  options: LockOptions,
  tryOnce: () => Promise<boolean>,
): Promise<void> {
  try {
    await pollUntil(session, key, options, tryOnce);
  } catch (cause) {
    // In the pause or in one of the short statements between.
    if (!options.signal?.aborted) throw cause;
    throw new PgwrightError("interrupted", "interrupted while waiting for the migration lock", {
      cause,
    });
  }
}

async function pollUntil(
  session: Session,
  key: string,
  options: LockOptions,
  tryOnce: () => Promise<boolean>,
): Promise<void> {
  const deadline = performance.now() + options.budgetMs;
  let pause = 25;
  let lastPid: number | undefined;
  for (;;) {
    if (await tryOnce()) return;
    const [holder] = await session.query<LockHolder>(findLockHolder, [key]);
    if (holder?.pid !== lastPid) {
      lastPid = holder?.pid;
      options.onWait(holder);
    }
    const left = deadline - performance.now();
    if (left <= 0) {
      throw new PgwrightError(
        "migration-lock",
        `another process holds the migration lock: ${describeHolder(holder)}`,
        {
          hint: `wait for it to finish${holder ? `, or end it with \`select pg_terminate_backend(${holder.pid})\`` : ""}; \`--lock-wait <seconds>\` waits longer`,
        },
      );
    }
    // Jitter keeps fifty waiting migrators from asking in step.
    const delay = Math.min(pause * (0.5 + Math.random()), left);
    await sleep(delay, undefined, options.signal ? { signal: options.signal } : {});
    pause = Math.min(pause * 1.5, 1000);
  }
}
