/** The session that changes a database: the only migrator there, under the right role. */
import { protect } from "../database/protection.ts";
import { ident } from "../db/identifier.ts";
import {
  describeHolder,
  lockKey,
  releaseSessionLock,
  takeSessionLock,
  takeTransactionLock,
} from "../db/lock.ts";
import { ensureRole } from "../db/role.ts";
import type { Session } from "../db/session.ts";
import { hasSqlState } from "../db/session.ts";
import { retryLocks } from "../db/retry.ts";
import { watchBackend } from "../db/watch.ts";
import type { Watch, WatchReport } from "../db/watch.ts";
import { PgwrightError } from "../errors.ts";
import type { EventListener } from "../events.ts";
import type { Ledger, LedgerPlace } from "./ledger.ts";
import type { Author } from "./ledger-sql.ts";
import { readLedger } from "./ledger.ts";
import { createLedgerSql } from "./ledger-sql.ts";
import { settingsSql, watchClientSql } from "./transaction.ts";

/** Opens one more connection to the database that is migrated. */
export type Open = (need: {
  readonly writes: boolean;
  readonly direct?: boolean;
}) => Promise<Session>;

export interface MigratorOptions {
  readonly open: Open;
  readonly ledger: LedgerPlace;
  /** Role that migrations run as; undefined is the connected one. */
  readonly role: string | undefined;
  /** The environment says `protected: true`: the database is marked. */
  readonly isProtected: boolean;
  readonly lockTimeoutMs: number;
  /** Over all tries for table locks of one transaction. */
  readonly lockBudgetMs: number;
  /** How long to wait for another migrator. */
  readonly lockWaitMs: number;
  readonly statementTimeoutMs: number;
  readonly author: Author;
  readonly events: EventListener;
  readonly signal?: AbortSignal | undefined;
}

export interface Migrator {
  readonly session: Session;
  readonly options: MigratorOptions;
  /** True behind a transaction pooler: each file is exactly one transaction, nothing else. */
  readonly isPooled: boolean;
  /** Statements that begin every transaction. */
  readonly prefix: readonly string[];
  /** Statements that begin work outside a transaction, after RESET ALL. */
  readonly sessionSettings: readonly string[];
  /** How many transactions this run has committed; decides between exit 3 and 4. */
  committed: number;
  ledger(): Promise<Ledger>;
  /** Runs brief work that needs table locks, with timeout, retries and the blocker named. */
  retrying<T>(title: string, attempt: () => Promise<T>): Promise<T>;
  /** Runs `work` while its index build's progress is shown. */
  watched<T>(title: string, work: () => Promise<T>): Promise<T>;
}

/**
 * Opens the worker session, becomes the only migrator, makes role and ledger ready, and runs
 * `work`. The lock is given back whatever happens; if the connection is lost it is gone with it.
 */
export async function withMigrator<T>(
  options: MigratorOptions,
  work: (migrator: Migrator) => Promise<T>,
): Promise<T> {
  const name = `migrate ${options.ledger.schema}.${options.ledger.table}`;
  const key = lockKey(name);
  await using session = await options.open({ writes: true, direct: true });
  const lockOptions = {
    budgetMs: options.lockWaitMs,
    signal: options.signal,
    onWait: (holder: Parameters<typeof describeHolder>[0]) =>
      options.events({
        type: "notice",
        level: "info",
        message: `waiting for the migration lock held by ${describeHolder(holder)}`,
      }),
  };
  if (session.server.isPooled) {
    await using holder = await options.open({ writes: true, direct: true });
    await takeTransactionLock(holder, key, lockOptions);
    const migrator = createMigrator(session, options, {
      watchesClient: false,
      // Behind a pooler the lock is held on another connection: a killed predecessor's last
      // transaction may still run, so each transaction also takes a lock of its own.
      pooledKey: lockKey(`${name} transaction`),
    });
    await makeReady(migrator);
    const result = await work(migrator);
    if (!holder.isDead) await holder.settle("rollback");
    return result;
  }
  const watchesClient = await watchClient(session);
  await takeSessionLock(session, key, lockOptions);
  try {
    const migrator = createMigrator(session, options, { watchesClient, pooledKey: undefined });
    await makeReady(migrator);
    return await work(migrator);
  } finally {
    await releaseSessionLock(session, key);
  }
}

/**
 * Asks the server to notice a killed client: without it an orphaned index build goes on to its
 * end, holding the lock.
 */
async function watchClient(session: Session): Promise<boolean> {
  try {
    await session.query(watchClientSql);
    return true;
  } catch (error) {
    // 22023: the server's platform cannot watch sockets (Windows). The lock still protects the work.
    if (hasSqlState(error, "22023")) return false;
    throw error;
  }
}

function createMigrator(
  session: Session,
  options: MigratorOptions,
  lock: { watchesClient: boolean; pooledKey: string | undefined },
): Migrator {
  const { pooledKey, watchesClient } = lock;
  const prefix = [
    ...settingsSql({
      role: options.role,
      lockTimeoutMs: options.lockTimeoutMs,
      statementTimeoutMs: options.statementTimeoutMs,
      isPooled: pooledKey !== undefined,
      watchesClient,
    }),
    ...(pooledKey === undefined
      ? []
      : [`do 'begin perform pg_advisory_xact_lock(${pooledKey}); end'`]),
  ];
  const watch = (onReport: (report: WatchReport) => void): Watch =>
    watchBackend(
      session.server.pid,
      () => options.open({ writes: false, direct: true }),
      onReport,
      (message) => options.events({ type: "notice", level: "warning", message }),
    );
  return {
    session,
    options,
    isPooled: pooledKey !== undefined,
    prefix,
    sessionSettings: watchesClient ? [watchClientSql] : [],
    committed: 0,
    ledger: () => readLedger(session, options.ledger),
    retrying(title, attempt) {
      return retryLocks(attempt, {
        title,
        budgetMs: options.lockBudgetMs,
        events: options.events,
        signal: options.signal,
        watch: () => watch((report) => reportProgress(options.events, title, report)),
      });
    },
    async watched(title, run) {
      const watching = watch((report) => reportProgress(options.events, title, report));
      try {
        return await run();
      } finally {
        await watching.stop();
      }
    },
  };
}

function reportProgress(events: EventListener, title: string, report: WatchReport): void {
  if (report.index) {
    const { phase, done, total, waitsFor } = report.index;
    events({
      type: "step-progress",
      title,
      ...(total > 0 ? { done, total } : {}),
      detail: waitsFor === null ? phase : `${phase}, waiting for pid ${waitsFor}`,
    });
  } else if (report.blockers.length > 0) {
    const pids = report.blockers.map((blocker) => blocker.pid).join(", ");
    events({ type: "step-progress", title, detail: `waiting for pid ${pids}` });
  }
}

/** Creates role and ledger where they are missing. */
async function makeReady(migrator: Migrator): Promise<void> {
  const { session, options } = migrator;
  if (options.role !== undefined) await ensureRole(session, options.role, options.events);
  if (options.isProtected) await protect(session, null);
  const ledger = await readLedger(session, options.ledger);
  if (ledger.exists) return;
  const statements = createLedgerSql(options.ledger, options.role);
  try {
    await session.script(`begin;\n${statements.join(";\n")};\ncommit`);
  } catch (error) {
    if (!session.isDead) await session.settle("rollback");
    if (hasSqlState(error, "42501")) {
      throw new PgwrightError(
        "ledger-denied",
        `role \`${session.server.role}\` may not create the ledger in schema \`${options.ledger.schema}\`: ${(error as Error).message}`,
        {
          cause: error,
          hint: `have the schema's owner run: grant create on schema ${ident(options.ledger.schema)} to ${ident(session.server.role)}`,
        },
      );
    }
    throw error;
  }
  migrator.committed += 1;
}
