/** The session that changes a database: the only migrator there, under the right role. */
import type { LockHolder } from "../db/lock.ts";
import {
  describeHolder,
  lockKey,
  releaseSessionLock,
  takeSessionLock,
  takeTransactionLock,
} from "../db/lock.ts";
import { retryLocks } from "../db/retry.ts";
import type { Session } from "../db/session.ts";
import { watchBackend } from "../db/watch.ts";
import type { Watch, WatchReport } from "../db/watch.ts";
import { PgwrightError } from "../errors.ts";
import type { EventListener } from "../events.ts";
import type { Confinement } from "./confinement.ts";
import type { Frame } from "./frame.ts";
import { directFrame, pooledFrame, probeServer } from "./frame.ts";
import type { Keeper } from "./keeper.ts";
import type { Ledger } from "./ledger.ts";
import type { LedgerPlace } from "./ledger-place.ts";
import type { Author } from "./ledger-sql.ts";
import { readLedger } from "./ledger.ts";
import { makeReady } from "./make-ready.ts";
import { withPatience } from "./patience.ts";
import { namingServerErrors } from "./server-error.ts";

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
  /** Longest wait for one table lock; 0 is no limit. */
  readonly lockTimeoutMs: number;
  /** Over all tries for table locks of one transaction; 0 is a single try. */
  readonly lockBudgetMs: number;
  /** How long to wait for another migrator. */
  readonly lockWaitMs: number;
  /** 0 is no limit. */
  readonly statementTimeoutMs: number;
  /** The work is under the lock but no matter of the ledger's: neither it nor the role is made. */
  readonly withoutLedger?: boolean | undefined;
  readonly author: Author;
  /** Gives what keeps `policies/` true while files run; undefined where nothing is declared. */
  readonly loadKeeper?: ((events: EventListener) => Promise<Keeper | undefined>) | undefined;
  /** Of a throwaway database: what reaches beyond it does not run. */
  readonly confinement?: Confinement | undefined;
  readonly events: EventListener;
  readonly signal?: AbortSignal | undefined;
}

export interface Migrator {
  readonly session: Session;
  readonly options: MigratorOptions;
  /** True behind a transaction pooler: each file is exactly one transaction, nothing else. */
  readonly isPooled: boolean;
  readonly frame: Frame;
  /** Set before files run. */
  keeper: Keeper | undefined;
  /** How many transactions of migrations this run has committed; decides between exit 3 and 4. */
  committed: number;
  ledger(): Promise<Ledger>;
  /** Runs brief work that needs table locks, with timeout, retries and the blocker named. */
  retrying<T>(title: string, attempt: () => Promise<T>): Promise<T>;
  /** Runs concurrent `work`, whose waits have no timeout; its progress is shown. */
  watched<T>(title: string, work: () => Promise<T>): Promise<T>;
}

/**
 * Opens the worker session, becomes the only migrator, makes role and ledger ready, and runs
 * `work`. The lock is given back whatever happens; if the connection is lost it is gone with it.
 *
 * @throws PgwrightError `migration-lock`, those of `makeReady`, and whatever `work` throws.
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
    onWait: (holder: LockHolder | undefined) =>
      options.events({
        type: "notice",
        level: "info",
        message: `waiting for the migration lock held by ${describeHolder(holder)}`,
      }),
  };
  const run = async (frame: Frame, holder?: Session) =>
    namingServerErrors(async () => {
      const ledger = options.withoutLedger ? undefined : await makeReady(session, options);
      return work(createMigrator(session, options, frame, holder, ledger));
    });
  const server = await probeServer(session);
  if (session.server.isPooled) {
    const ownKey = lockKey(`${name} transaction`);
    await using holder = await options.open({ writes: true, direct: true });
    await takeTransactionLock(holder, key, lockOptions);
    try {
      // A predecessor that was killed has lost the lock; its last transaction may still be at work.
      await takeTransactionLock(session, ownKey, lockOptions);
      await session.settle("rollback");
      return await run(pooledFrame(options, server, ownKey), holder);
    } finally {
      if (!holder.isDead) await holder.settle("rollback");
    }
  }
  await takeSessionLock(session, key, lockOptions);
  try {
    const frame = directFrame(options, server);
    await session.script(frame.loneEnd.join(";\n"));
    return await run(frame);
  } finally {
    await releaseSessionLock(session, key);
  }
}

function createMigrator(
  session: Session,
  options: MigratorOptions,
  frame: Frame,
  holder: Session | undefined,
  read: Ledger | undefined,
): Migrator {
  let known = read;
  const watch = (
    title: string,
    lockTimeoutMs: number,
    onReport: (report: WatchReport) => void = () => {},
  ): Watch =>
    watchBackend({
      pid: session.server.pid,
      open: () => options.open({ writes: false, direct: true }),
      lockTimeoutMs,
      onReport: (report) => {
        reportProgress(options.events, title, report);
        onReport(report);
      },
      onTrouble: (message) => options.events({ type: "notice", level: "warning", message }),
    });
  return {
    session,
    options,
    isPooled: holder !== undefined,
    frame,
    keeper: undefined,
    committed: 0,
    async ledger() {
      const ledger = known ?? (await readLedger(session, options.ledger));
      known = undefined;
      return ledger;
    },
    retrying(title, attempt) {
      return retryLocks(
        () => {
          refuseWithoutLock(holder);
          return attempt();
        },
        {
          title,
          budgetMs: options.lockBudgetMs,
          events: options.events,
          signal: options.signal,
          watch: () => watch(title, options.lockTimeoutMs),
        },
      );
    },
    watched(title, run) {
      return withPatience(run, {
        title,
        session,
        budgetMs: Math.max(options.lockBudgetMs, options.lockTimeoutMs),
        watch: (onReport) => watch(title, 0, onReport),
      });
    },
  };
}

/** Behind a pooler the lock can be lost while the worker goes on: then another may be at work. */
function refuseWithoutLock(holder: Session | undefined): void {
  if (!holder?.isDead) return;
  throw new PgwrightError(
    "connection-lost",
    "the connection that held the migration lock was lost",
    { hint: "run the same command again; the pooler must not end idle transactions" },
  );
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
