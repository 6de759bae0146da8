/** What follows the rows: sequences, keys and indexes, views, statistics; and the count of what is there. */
import { formatCount } from "../../db/amount.ts";
import { retryLocks } from "../../db/retry.ts";
import { isPostgresError, type Session } from "../../db/session.ts";
import { watchBackend } from "../../db/watch.ts";
import { PgwrightError } from "../../errors.ts";
import type { EventListener } from "../../events.ts";
import type { DumpAroundRows, Piece } from "../../schema/around-rows.ts";
import { settings } from "../../schema/layout.ts";
import { pieceSql } from "./marker.ts";
import type { Open } from "./open.ts";
import type { CopiedTable } from "./pace.ts";
import type { Source } from "./source.ts";
import type { CopyTable } from "./table.ts";
import type { Unit } from "./unit.ts";

/** Sets what the schema's statements depend on, as its dump does; and gives back what rows need. */
export async function withDumpSettings(session: Session, work: () => Promise<void>): Promise<void> {
  await session.script([...settings, "row_security = on"].map((one) => `set ${one}`).join("; "));
  await work();
  await session.script("reset search_path; set row_security = off");
}

/**
 * Makes objects of the schema; an extension that the target's template brought along is there.
 *
 * @throws PgwrightError `copy-failed` naming the object.
 */
export async function makePieces(session: Session, pieces: readonly Piece[]): Promise<void> {
  const rows = await session.query<{ name: string }>(
    "select format('extension %I', extname) as name from pg_extension",
  );
  const present = new Set(rows.map(({ name }) => name));
  for (const { label, statements } of pieces) {
    const needed = present.has(label) ? statements.slice(1) : statements;
    if (needed.length === 0) continue;
    await naming(label, () => session.script(needed.join(";\n")));
  }
}

/** The pieces of the phase `objects`, each in a transaction that also notes that it is done. */
export interface Ending {
  readonly label: string;
  readonly sql: string;
}

/** All that follows the rows, in order: what a resumed run counts through. */
export async function planEnding(source: Source): Promise<Ending[]> {
  const { schema } = source;
  return [
    ...schema.after.map(asEnding),
    ...(await setSequences(source.session, schema)),
    ...schema.materialized.map((name) => ({
      label: `materialized view ${name}`,
      sql: `refresh materialized view ${name};`,
    })),
    ...schema.last.map(asEnding),
  ];
}

function asEnding({ label, statements }: Piece): Ending {
  return { label, sql: statements.map((statement) => `${statement};`).join("\n") };
}

async function setSequences(session: Session, { sequences }: DumpAroundRows): Promise<Ending[]> {
  const endings: Ending[] = [];
  for (const name of sequences) {
    const { sql } = await session.one<{ sql: string }>(
      `select format('select pg_catalog.setval(%L, %s, %L);', $1::text, last_value, is_called) as sql from ${name}`,
      [name],
    );
    endings.push({ label: `value of sequence ${name}`, sql });
  }
  return endings;
}

/** How long somebody who looks into the target may hold up one piece; what was copied took longer. */
const lockBudgetMs = 5 * 60_000;

interface EndingRun {
  /** How many of them an earlier run has made. */
  readonly done: number;
  readonly openTarget: Open;
  readonly events: EventListener;
  readonly signal: AbortSignal | undefined;
}

/**
 * Makes what is left of them, each again where a visitor's lock was in the way.
 *
 * @throws PgwrightError `copy-failed` naming the object, `lock-timeout` naming the visitor too.
 */
export async function runEnding(
  session: Session,
  endings: readonly Ending[],
  { done, openTarget, events, signal }: EndingRun,
): Promise<void> {
  const { lockTimeoutMs } = await session.one<{ lockTimeoutMs: number }>(
    `select setting::int as "lockTimeoutMs" from pg_settings where name = 'lock_timeout'`,
  );
  const watch = () =>
    watchBackend({
      pid: session.server.pid,
      open: () => openTarget({ writes: false, signal }),
      lockTimeoutMs,
      onReport: () => {},
      onTrouble: (message) => events({ type: "notice", level: "warning", message }),
    });
  await withDumpSettings(session, async () => {
    for (const [index, { label, sql }] of endings.entries()) {
      if (index < done) continue;
      events({
        type: "step-progress",
        title: "keys, indexes and views",
        done: index,
        total: endings.length,
        detail: label,
      });
      const make = () => inTransaction(session, `${sql}\n${pieceSql(index + 1)};`);
      const title = `\`${label}\` of the target`;
      await naming(label, () =>
        retryLocks(make, { budgetMs: lockBudgetMs, watch, events, signal, title }),
      );
    }
  });
}

async function inTransaction(session: Session, sql: string): Promise<void> {
  try {
    await session.script(`begin;\n${sql}\ncommit`);
  } catch (error) {
    if (!session.isDead) await session.settle("rollback");
    throw error;
  }
}

/**
 * Counts the tables, except where a transaction of this run has emptied one and filled it with one
 * COPY: that COPY has said how many rows there are.
 *
 * @param fresh The units that this run has carried.
 * @throws PgwrightError `copy-failed` where it does not hold what the source sent.
 */
export async function compareCounts(
  session: Session,
  tables: readonly CopyTable[],
  fresh: readonly Unit[],
  copied: readonly CopiedTable[],
): Promise<void> {
  const alone = new Set(fresh.flatMap(({ isAlone, table }) => (isAlone ? [table.into] : [])));
  const expected = new Map<string, number>();
  for (const [index, { into }] of tables.entries()) {
    expected.set(into, (expected.get(into) ?? 0) + (copied[index]?.rows ?? 0));
  }
  const wrong: string[] = [];
  for (const [name, rows] of expected) {
    if (alone.has(name)) continue;
    const isOwn = tables.some((table) => table.id === name);
    const { count } = await session.one<{ count: number }>(
      `select count(*)::float8 as count from ${isOwn ? "only " : ""}${name}`,
    );
    if (count !== rows) {
      wrong.push(`${name}: ${formatCount(rows)} rows were sent, ${formatCount(count)} are there`);
    }
  }
  if (wrong.length > 0) {
    throw new PgwrightError("copy-failed", "the target does not hold what was sent", {
      notes: wrong,
    });
  }
}

/** The planner's statistics, made of masked rows alone. */
export async function analyze(session: Session): Promise<void> {
  await naming("statistics", () => session.script("analyze"));
}

async function naming<T>(label: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isPostgresError(error)) throw error;
    throw new PgwrightError(
      "copy-failed",
      `\`${label}\` could not be made in the target: ${error.message}`,
      {
        sqlstate: error.code,
        // The detail of a key that is not unique quotes the row; so would the error as the cause.
        notes: error.code.startsWith("23") || error.detail === undefined ? [] : [error.detail],
        hint:
          error.hint ??
          (error.code === "53100"
            ? "its disk is full: make room, then run the command again"
            : undefined),
      },
    );
  }
}
