/** `audit undo`: what was recorded, backwards. */
import type { Session } from "../../db/session.ts";
import { retryLocks, type RetryOptions } from "../../db/retry.ts";
import { PgwrightError } from "../../errors.ts";
import type { AuditTable } from "./catalog.ts";
import { nameOf, readTables } from "./catalog.ts";
import type { Entry, EntryFilter } from "./entries.ts";
import { beginReading, findLog, readEntries } from "./entries.ts";
import { joinMoves } from "./moves.ts";
import { combine } from "./net-effect.ts";
import type { DeclaredAudit } from "./read.ts";
import type { Sameness } from "./sameness.ts";
import { readSameness } from "./sameness.ts";
import type { UniqueKey } from "./unique-clash.ts";
import { orderByUnique, readUniqueKeys } from "./unique-clash.ts";
import { explainFailure } from "./undo-failure.ts";
import { describeRow, findChanged, findReferring } from "./undo-conflicts.ts";
import type { ForeignKey } from "./undo-order.ts";
import { orderTables, readForeignKeys } from "./undo-order.ts";
import { composeReplay, needsReplay, prepareReplay } from "./undo-replay.ts";
import type { PreparedRow } from "./undo-row.ts";
import { prepareRow } from "./undo-row.ts";
import { composeScript } from "./undo-script.ts";
import type { UndoStatement } from "./undo-statements.ts";
import { composeStatements } from "./undo-statements.ts";

/** Which changes: transactions, or all of an actor since a time, or the last one of a row. */
export interface UndoSelection {
  readonly xids?: readonly string[] | undefined;
  readonly table?: string | undefined;
  readonly key?: string | undefined;
  readonly actor?: string | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

export interface UndoOptions {
  readonly log: string;
  /** Where it says so, bookkeeping columns may have changed since. */
  readonly declared: DeclaredAudit | undefined;
  readonly role: string | undefined;
  /** Leaves rows in conflict as they are, instead of refusing. */
  readonly skipConflicts: boolean;
}

export interface UndoPlan {
  /** Entries of the log that are undone. */
  readonly entries: number;
  readonly statements: readonly UndoStatement[];
  /** The same for psql: begin to commit, with the checks; empty without statements. */
  readonly script: string;
  readonly counts: { readonly insert: number; readonly update: number; readonly delete: number };
  /** Rows that are left as they are, with the reason. */
  readonly skipped: readonly string[];
  /** What is restored only in part, or goes along. */
  readonly notes: readonly string[];
}

/**
 * What would undo the selected changes. Reads only.
 *
 * @throws PgwrightError `undo-refused` with every conflict, unless `skipConflicts`; `usage` for a
 * selection that says too little.
 */
export async function planUndo(
  session: Session,
  selection: UndoSelection,
  options: UndoOptions,
): Promise<UndoPlan> {
  const role = await beginReading(session, options.role, ["set transaction read only"]);
  try {
    return await compose(session, selection, { ...options, role }, false);
  } finally {
    if (!session.isDead) await session.settle("rollback");
  }
}

export interface UndoResult {
  /** Transaction that undid: `audit undo --xid` takes it back. */
  readonly xid: string;
}

/**
 * Runs exactly what `plan` says, in one transaction, after the rows were locked and looked at again.
 * With `retry`, again where a lock was not to be had; without, that is the end.
 *
 * @throws PgwrightError `undo-refused`, `lock-timeout`; then nothing was changed.
 */
export async function applyUndo(
  session: Session,
  plan: UndoPlan,
  selection: UndoSelection,
  options: UndoOptions & {
    readonly lockTimeoutMs: number;
    readonly retry?: Omit<RetryOptions, "title">;
  },
): Promise<UndoResult> {
  const once = () => runUndo(session, plan, selection, options);
  try {
    return await (options.retry
      ? retryLocks(once, { ...options.retry, title: "the undo" })
      : once());
  } catch (error) {
    throw await explainFailure(session, error, {
      filter: filterOf(selection),
      log: options.log,
      role: options.role,
      notes: plan.notes.filter((note) => note.includes("has no column")),
    });
  }
}

async function runUndo(
  session: Session,
  plan: UndoPlan,
  selection: UndoSelection,
  options: UndoOptions & { readonly lockTimeoutMs: number },
): Promise<UndoResult> {
  const role = await beginReading(session, options.role, [
    `set local lock_timeout = ${options.lockTimeoutMs}`,
  ]);
  try {
    const again = await compose(session, selection, { ...options, role }, true);
    if (textOf(again) !== textOf(plan)) throw changedMeanwhile("the rows or the log changed");
    for (const { sql, rows } of plan.statements) {
      const count = await session.execute(sql);
      if (rows !== null && count !== rows) {
        throw changedMeanwhile(`a statement found ${count} rows instead of ${rows}: ${sql}`);
      }
    }
    const { xid } = await session.one<{ xid: string }>("select pg_current_xact_id()::text as xid");
    await session.query("commit");
    return { xid };
  } catch (error) {
    if (!session.isDead) await session.settle("rollback");
    throw error;
  }
}

/** The statements that change something. */
export function textOf(plan: UndoPlan): string {
  return plan.statements.map(({ sql }) => `${sql};\n`).join("");
}

function changedMeanwhile(what: string): PgwrightError {
  return new PgwrightError("undo-refused", `${what} while the undo was being made`, {
    notes: ["nothing was changed"],
    hint: "run the same command again",
  });
}

async function compose(
  session: Session,
  selection: UndoSelection,
  options: Omit<UndoOptions, "role"> & { readonly role: string | null },
  locks: boolean,
): Promise<UndoPlan> {
  const log = await findLog(session, options.log);
  const entries = (await readEntries(session, log, filterOf(selection))).toReversed();
  if (log.isTimedByTransaction) requireOneTime(entries, selection.xids ?? []);
  const names = new Set(entries.map(({ table }) => table));
  const known = (await readTables(session)).filter((table) => names.has(nameOf(table)));
  const byName = new Map(known.map((table) => [nameOf(table), table]));
  const byOid = new Map(known.map((table) => [table.oid, table]));
  const obstacles = listObstacles(entries, byName);
  const usable = entries.filter(
    ({ operation, table }) => operation !== "TRUNCATE" && byName.has(table),
  );
  const oids = known.map(({ oid }) => oid);
  const keys = await readForeignKeys(session, oids);
  const uniques = await readUniqueKeys(session, oids);
  const sameness = await readSameness(session, usable, byName, uniques, keys);
  const moved = joinMoves(usable, byName, options.declared);
  const { rows, unknown } = combine(moved, byName, sameness.own);
  obstacles.push(...unknown);
  const prepared = rows.map((row) => prepareRow(row, options.declared));
  const conflicts = await findChanged(session, prepared, locks);
  for (const row of prepared) {
    const [obstacle] = row.obstacles;
    if (obstacle !== undefined) conflicts.set(row, obstacle);
  }
  const possible = prepared.filter((row) => !conflicts.has(row));
  const referring = await findReferring(session, possible, keys, byOid);
  for (const [row, why] of referring.conflicts) conflicts.set(row, why);
  const left = [...obstacles, ...[...conflicts].map(([row, why]) => `${describeRow(row)}: ${why}`)];
  if (left.length > 0 && !options.skipConflicts) throw refuse(left, entries.length);
  const final = prepared.filter((row) => !conflicts.has(row));
  const statements = composeUndo(final, keys, uniques, byOid, options.declared, sameness);
  const count = (kind: string) =>
    final.filter(({ row, values }) => row.kind === kind && (kind !== "update" || values.size > 0))
      .length;
  return {
    entries: entries.length,
    statements,
    script: composeScript(options.role, final, referring.references, statements),
    counts: { insert: count("insert"), update: count("update"), delete: count("delete") },
    skipped: left,
    notes: [...new Set([...final.flatMap(({ notes }) => notes), ...referring.notes])],
  };
}

function composeUndo(
  rows: readonly PreparedRow[],
  keys: readonly ForeignKey[],
  uniques: readonly UniqueKey[],
  tables: ReadonlyMap<string, AuditTable>,
  declared: DeclaredAudit | undefined,
  sameness: Sameness,
): UndoStatement[] {
  const order = orderTables([...tables.keys()], keys);
  if (!needsReplay(rows, keys, sameness.widest)) {
    const ordered = orderByUnique(rows, uniques, sameness.widest);
    return composeStatements(ordered.rows, tables, order, keys, ordered.deletesFirst);
  }
  const steps = prepareReplay(rows, keys, order.tables, declared, sameness.own);
  const obstacles = steps.flatMap((step) =>
    step.obstacles.map((why) => `${describeRow(step)}: ${why}`),
  );
  if (obstacles.length > 0) throw refuse(obstacles, steps.length);
  return composeReplay(steps, keys);
}

function filterOf({ xids, table, key, actor, since, until }: UndoSelection): EntryFilter {
  if (xids && xids.length > 0) return { xids, table, key, actor, since, until };
  if (actor !== undefined && since !== undefined) return { table, key, actor, since, until };
  if (table !== undefined && key !== undefined && since === undefined) {
    return { table, key, actor, until, limit: 1 };
  }
  throw new PgwrightError("usage", "what is to be undone is not said", {
    hint: "give --xid, or --table and --key for the last change of a row, or --actor and --since",
  });
}

/** A log that came from another cluster may hold the number of a transaction twice. */
function requireOneTime(entries: readonly Entry[], xids: readonly string[]): void {
  for (const xid of xids) {
    const times = [
      ...new Set(entries.filter((entry) => entry.xid === xid).map(({ at }) => at)),
    ].toSorted();
    if (times.length > 1) {
      throw new PgwrightError(
        "usage",
        `there are ${times.length} transactions ${xid} in the log, as it holds changes of more than one cluster`,
        {
          notes: times.map((time) => `${xid} of ${time}`),
          hint: "choose one by time with --since and --until",
        },
      );
    }
  }
}

function listObstacles(
  entries: readonly Entry[],
  tables: ReadonlyMap<string, AuditTable>,
): string[] {
  const truncated = new Set(
    entries.filter(({ operation }) => operation === "TRUNCATE").map(({ table }) => table),
  );
  const gone = new Set(entries.map(({ table }) => table).filter((table) => !tables.has(table)));
  return [
    ...[...truncated].map(
      (table) => `TRUNCATE of ${table} cannot be undone: the log does not hold its rows`,
    ),
    ...[...gone].map((table) => `there is no table ${table} any more`),
  ];
}

function refuse(conflicts: readonly string[], entries: number): PgwrightError {
  const most = 50;
  const rest = conflicts.length - most;
  // What the log does not hold, no other undo brings back.
  const isMissing = conflicts.every((conflict) => conflict.includes(" needs a value, which is "));
  return new PgwrightError(
    "undo-refused",
    `${conflicts.length === 1 ? "one thing stands" : `${conflicts.length} things stand`} against undoing ${entries === 1 ? "this change" : `these ${entries} changes`}; nothing was changed`,
    {
      notes: [...conflicts.slice(0, most), ...(rest > 0 ? [`… and ${rest} more`] : [])],
      hint: isMissing
        ? "insert these rows by hand with a value for the column (`pgwright audit log --table … --key …` shows the rest), or leave them as they are with --skip-conflicts"
        : "undo what came later first (`pgwright audit log --table … --key …` shows it), or leave these rows as they are with --skip-conflicts",
      result: { conflicts },
    },
  );
}
