/** One refresh: a transaction that also records it. */
import { ident } from "../../db/identifier.ts";
import { retryLocks } from "../../db/retry.ts";
import type { Session } from "../../db/session.ts";
import { watchBackend } from "../../db/watch.ts";
import type { Sources } from "./catalog.ts";
import { readSources } from "./catalog.ts";
import findHolder from "./holder.sql";
import { beginning, lockNumbers, refreshing, whySkipped } from "./plan-refresh.ts";
import type { PlannedRefresh } from "./plan-refresh.ts";
import record from "./record.sql";
import recordFailed from "./record-failed.sql";
import recordUnchanged from "./record-unchanged.sql";
import { analyseAfter } from "./analyse.ts";
import { refuseRefresh } from "./refusal.ts";
import type { RefreshOptions } from "./refresh.ts";

export type Outcome =
  | {
      readonly state: "refreshed";
      /** What the view holds now; null where this role may not count it. */
      readonly rows: number | null;
      /** Of a concurrent refresh, which writes only the difference. */
      readonly added: number | null;
      readonly removed: number | null;
    }
  | { readonly state: "skipped"; readonly reason: string }
  /** Somebody else refreshes it at this moment. */
  | { readonly state: "busy"; readonly reason: string };

/**
 * Refreshes one view, or tells why it need not be, in one transaction under the view's advisory lock.
 * Nothing remains of one that fails: readers go on seeing what was there.
 *
 * @throws PostgresError as the server sent it; PgwrightError `refresh-refused`, `lock-timeout`,
 * `relation-unknown`, `connection-lost`, `interrupted`.
 */
export async function refreshOne(
  session: Session,
  planned: PlannedRefresh,
  options: RefreshOptions & { readonly isRecorded: boolean },
): Promise<Outcome> {
  const { view } = planned.matview;
  const outcome = await retryLocks(() => attempt(session, planned, options), {
    title: `refresh of ${view}`,
    budgetMs: options.lockBudgetMs,
    events: options.events,
    signal: options.signal,
    watch: () =>
      watchBackend({
        pid: session.server.pid,
        open: () => options.open({ writes: false, direct: true }),
        lockTimeoutMs: options.lockTimeoutMs,
        onReport: () => {},
        onTrouble: (message) => options.events({ type: "notice", level: "warning", message }),
      }),
  });
  // Counters are handed over by and by; whoever asks whether this view has changed is to know now.
  await session.query("select pg_stat_force_next_flush()");
  if (outcome.state === "refreshed") await analyseAfter(session, planned, outcome, options);
  return outcome;
}

async function attempt(
  session: Session,
  planned: PlannedRefresh,
  options: RefreshOptions & { readonly isRecorded: boolean },
): Promise<Outcome> {
  const { oid } = planned.matview;
  try {
    await session.script(beginning(planned, options).join(";\n"));
    const { isFree } = await session.one<{ isFree: boolean }>(
      `select pg_try_advisory_xact_lock(${lockNumbers(planned.matview)}) as "isFree"`,
    );
    if (!isFree) {
      const reason = await describeHolder(session, oid);
      await session.script("rollback");
      return { state: "busy", reason };
    }
    // Before the refresh takes its snapshot: what is counted now is in it.
    const sources = await readSources(session, oid);
    refuseRefresh(planned.matview, sources);
    const skip = whySkipped(planned, sources, options.choice);
    if (skip) {
      if (skip.isUnchanged && options.isRecorded) {
        await session.query(recordUnchanged, [oid, upstreamOf(sources)]);
      }
      await session.script("commit");
      return { state: "skipped", reason: skip.reason };
    }
    await session.script(refreshing(planned).join(";\n"));
    const rows = await countRows(session, planned);
    if (planned.matview.access === "assume") await session.script("reset role");
    if (options.isRecorded) await recordRefresh(session, planned, sources, rows);
    await session.script("commit");
    return { state: "refreshed", ...rows };
  } catch (error) {
    if (!session.isDead) await session.settle("rollback");
    throw error;
  }
}

/** Writes down a failure, on a session that is out of its transaction again. */
export async function recordFailure(
  session: Session,
  { matview: { schema, name, oid }, mode }: PlannedRefresh,
  failure: { readonly sqlstate: string | null; readonly message: string; readonly ms: number },
): Promise<void> {
  await session.query(recordFailed, [
    schema,
    name,
    oid,
    mode === "concurrent",
    `${Math.round(failure.ms)} milliseconds`,
    failure.sqlstate,
    failure.message,
  ]);
}

async function recordRefresh(
  session: Session,
  { matview: { schema, name, oid }, mode }: PlannedRefresh,
  sources: Sources,
  { rows, added, removed }: Rows,
): Promise<void> {
  const text = (value: number | null) => (value === null ? null : String(value));
  await session.query(record, [
    schema,
    name,
    oid,
    mode === "concurrent",
    text(rows),
    text(added),
    text(removed),
    JSON.stringify(sources.fingerprint),
    upstreamOf(sources),
  ]);
}

function upstreamOf({ matviews }: Sources): string {
  return JSON.stringify(matviews.map(({ oid }) => oid));
}

interface Rows {
  readonly rows: number | null;
  readonly added: number | null;
  readonly removed: number | null;
}

/**
 * The transaction's own counters: a plain refresh inserts all rows anew, a concurrent one deletes
 * and inserts those that differ, and leaves the total to be counted.
 */
async function countRows(
  session: Session,
  { mode, matview: { oid, schema, name, canCount } }: PlannedRefresh,
): Promise<Rows> {
  const { inserted, deleted } = await session.one<{ inserted: number; deleted: number }>(
    `select pg_stat_get_xact_tuples_inserted(${oid})::float8 as inserted,
            pg_stat_get_xact_tuples_deleted(${oid})::float8 as deleted`,
  );
  if (mode === "plain") return { rows: inserted, added: null, removed: null };
  if (!canCount) return { rows: null, added: inserted, removed: deleted };
  const { rows } = await session.one<{ rows: number }>(
    `select count(*)::float8 as rows from ${ident(schema)}.${ident(name)}`,
  );
  return { rows, added: inserted, removed: deleted };
}

async function describeHolder(session: Session, oid: string): Promise<string> {
  const [holder] = await session.query<{
    pid: number;
    application: string;
    role: string;
    seconds: number;
  }>(findHolder, [oid]);
  if (!holder) return "another session refreshes it";
  const { pid, application, role, seconds } = holder;
  const name = application === "" ? "" : ` (${application})`;
  return `pid ${pid}${name}, role ${role}, refreshes it since ${Math.round(seconds)} s`;
}
