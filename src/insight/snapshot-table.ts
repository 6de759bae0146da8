/** Snapshots in `pgwright.query_snapshots`, a table of the database itself. */
import { hasSqlState, type Session } from "../db/session.ts";
import { PgwrightError } from "../errors.ts";
import createSnapshots from "./create-snapshots.sql";
import { look } from "./look.ts";
import { findOwnTable, grantsOn, makeOwnTable } from "./own-table.ts";
import pruneSnapshots from "./prune-snapshots.sql";
import { type KeptEntry, type Snapshot, snapshotFormat, type SnapshotHead } from "./snapshot.ts";
import { unusable } from "./snapshot-file.ts";
import { ownMark } from "./text.ts";

const tableName = "query_snapshots";

export interface Keep {
  /** The newest; null is no limit. */
  readonly count: number | null;
  /** Null is no limit. */
  readonly ageMs: number | null;
}

export interface StoredSnapshot {
  readonly id: string;
  /** Of older ones, which had to go for it. */
  readonly pruned: number;
}

/**
 * Keeps it, and deletes what is beyond the limits, in one transaction. The table is made where it is
 * missing; members of `role`, which owns what migrations make, may write to it too.
 *
 * @throws PgwrightError `sql-failed` with the grants that are missing.
 */
export async function storeSnapshot(
  session: Session,
  { statements, ...head }: Snapshot,
  { keep, role }: { readonly keep: Keep; readonly role: string | undefined },
): Promise<StoredSnapshot> {
  await prepareTable(session, role);
  try {
    await session.script("begin isolation level read committed;\nset local lock_timeout = '1s'");
    const { id } = await session.one<{ id: string }>(
      `insert ${ownMark} into pgwright.${tableName} (taken_at, head, statements)
       values ($1::text::timestamptz, $2::text::json, $3::text::json) returning id::text as id`,
      [head.takenAt, JSON.stringify(head), JSON.stringify(statements)],
    );
    const gone = await session.query(pruneSnapshots, [
      keep.count === null ? null : String(keep.count),
      keep.ageMs === null ? null : `${keep.ageMs} milliseconds`,
    ]);
    await session.script("commit");
    return { id, pruned: gone.length };
  } catch (error) {
    if (!session.isDead) await session.settle("rollback");
    if (!hasSqlState(error, "55P03")) throw error;
    throw new PgwrightError("lock-timeout", `pgwright.${tableName} is locked exclusively`, {
      cause: error,
      hint: "nothing was kept; run the same command again when that is over",
    });
  }
}

async function prepareTable(session: Session, role: string | undefined): Promise<void> {
  const place = await findOwnTable(session, tableName, role);
  const { role: own } = session.server;
  const denied = (what: string, hint: string) =>
    new PgwrightError("sql-failed", `the role \`${own}\` may not ${what} pgwright.${tableName}`, {
      sqlstate: "42501",
      hint: `${hint}; without \`--table\` a file is written, which needs no right to write`,
    });
  if (place.hasTable) {
    if (place.canWrite) return;
    throw denied("write", grantsOn(place, own, "SELECT, INSERT, UPDATE, DELETE"));
  }
  const grants = await makeOwnTable(session, place, createSnapshots, role);
  if (grants !== undefined) throw denied("create", `a superuser can run: \`${grants}\``);
}

/**
 * Their ids and times, UTC and ISO 8601; empty where there is no table.
 *
 * @throws PgwrightError `snapshot-unusable` where this role may not read it: what it holds may be meant.
 */
export async function listStoredSnapshots(
  session: Session,
): Promise<{ readonly takenAt: string; readonly id: string }[]> {
  return await look(session, async () => {
    const place = await findOwnTable(session, tableName, undefined);
    if (!place.hasTable) return [];
    if (!place.canRead) {
      const { role } = session.server;
      throw new PgwrightError(
        "snapshot-unusable",
        `the role \`${role}\` may not read pgwright.${tableName}, where snapshots are kept`,
        { hint: `${grantsOn(place, role, "SELECT")}; or name a file` },
      );
    }
    return await session.query<{ takenAt: string; id: string }>(
      `select ${ownMark} id::text as id, to_char(taken_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "takenAt"
       from pgwright.${tableName} order by taken_at, id`,
    );
  });
}

/** @throws PgwrightError `snapshot-unusable`. */
export async function readStoredSnapshot(session: Session, id: string): Promise<Snapshot> {
  const known = await listStoredSnapshots(session);
  const [row] = await look(session, () =>
    known.length === 0
      ? []
      : session.query<{ head: SnapshotHead; statements: KeptEntry[] }>(
          `select ${ownMark} head, statements from pgwright.${tableName} where id = $1::text::bigint`,
          [id],
        ),
  );
  const shown = `table:${id}`;
  const [first] = known;
  const last = known.at(-1);
  if (row === undefined) {
    const what =
      first && last
        ? `pgwright.${tableName} has ${known.length}, from ${first.id} to ${last.id}`
        : `there is none in pgwright.${tableName}`;
    throw unusable(shown, what);
  }
  if (row.head.format !== snapshotFormat)
    throw unusable(shown, `it was written by another version of pgwright`);
  return { ...row.head, statements: row.statements };
}
