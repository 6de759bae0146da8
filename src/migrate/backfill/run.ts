/** Runs an UPDATE or DELETE in batches by key, each in its own transaction together with its journal entry. */
import { literal } from "../../db/identifier.ts";
import type { Statement } from "../../db/script.ts";
import type { Session } from "../../db/session.ts";
import { PgwrightError } from "../../errors.ts";
import type { EventListener } from "../../events.ts";
import type { Backfill } from "./directive.ts";
import { narrowed, targetOf } from "./directive.ts";
import type { FoundKey, KeyColumn, RecordedKey } from "./key.ts";
import { namesOf, recordOf, refused } from "./key.ts";
import { behindSql, isExactSql, orderSql, textsSql, upToSql } from "./range.ts";
import { rest, waitForStandbys } from "./standbys.ts";

/** How far a backfill has come; stands in the journal as JSON. */
export interface Progress {
  /** Key of the last row that was looked at, as texts; null before the first. */
  readonly last: readonly string[] | null;
  /** Key of the last row there was when it began. */
  readonly end: readonly string[];
  /** Rows that were changed. */
  readonly rows: number;
  readonly batches: number;
  /** Not in the entries of earlier versions. */
  readonly key?: RecordedKey;
}

export interface BackfillTools {
  readonly session: Session;
  readonly title: string;
  readonly events: EventListener;
  readonly signal: AbortSignal | undefined;
  readonly key: FoundKey;
  /** Where it begins, or goes on; undefined for an empty table. */
  readonly from: Progress | undefined;
  /**
   * SQL for one batch: it writes a journal entry whose reason is `reason`, an SQL expression of text in
   * which `changed` is the number of rows.
   */
  journalled(reason: string): string;
  /** Tries again after a lock that was not to be had. */
  retrying<T>(attempt: () => Promise<T>): Promise<T>;
  /** Called for every batch that is committed. */
  committed(progress: Progress): void;
}

/**
 * Every row that the table has when the backfill begins is looked at exactly once: the journal
 * entry of a batch commits with it. Rows that come in behind the last one, or between keys that
 * are done, are left to whoever writes them.
 *
 * @throws PgwrightError `interrupted` between two batches; `backfill-refused` where a batch moves rows
 *   out of its range, or the key would not move on.
 */
export async function runBackfill(
  statement: Statement,
  backfill: Backfill,
  tools: BackfillTools,
): Promise<void> {
  const { session, title, events, key } = tools;
  const { batch, pauseMs } = backfill;
  let progress = tools.from;
  if (!progress) return; // an empty table
  const total = await estimate(session, key.table);
  while (progress.last === null || !isEnd(progress)) {
    await waitForStandbys(backfill, tools);
    const from: Progress = progress;
    progress = await tools.retrying(async () => {
      const upper = await upperKey(session, key, from, batch);
      return await runBatch(statement, from, upper, tools);
    });
    tools.committed(progress);
    events({
      type: "step-progress",
      title,
      done: Math.min(progress.batches * batch, total),
      total,
      detail: `backfill: ${progress.rows.toLocaleString("en-US")} rows changed in ${progress.batches} batches`,
    });
    await rest(pauseMs, tools.signal);
  }
}

/** One batch and its journal entry, in a transaction of their own. */
async function runBatch(
  statement: Statement,
  from: Progress,
  upper: readonly string[],
  { session, key, journalled }: BackfillTools,
): Promise<Progress> {
  const { columns } = key;
  const { name, assigned } = targetOf(statement);
  const range = [
    ...(from.last ? [behindSql(columns, name, from.last)] : []),
    upToSql(columns, name, upper),
  ].join(" and ");
  const next = { last: upper, end: from.end, batches: from.batches + 1, key: recordOf(key) };
  const reason = `(${literal(JSON.stringify(next))}::jsonb || jsonb_build_object('rows', ${from.rows} + changed))::text`;
  // Of an UPDATE it is the new key, behind BEFORE triggers and generated columns.
  const stays = assigned.length === 0 ? "true" : range;
  const sql = `with pgwright_changed as (${narrowed(statement, range)}
returning (${stays}) as stays),
  pgwright_counted as (select count(*) as changed, count(*) filter (where not stays) as moved from pgwright_changed),
  pgwright_journal as (${journalled(reason)} from pgwright_counted)
select changed::text as rows, moved::int as moved from pgwright_counted`;
  try {
    let changed = 0;
    let moved = 0;
    await session.script(`begin isolation level read committed;\n${sql}`, (row) => {
      changed = Number(row["rows"]);
      moved = Number(row["moved"]);
    });
    if (moved > 0) throw movedOut(moved, next.batches, columns);
    await session.script("commit");
    return { ...next, rows: from.rows + changed };
  } catch (error) {
    if (!session.isDead) await session.settle("rollback");
    throw error;
  }
}

function movedOut(moved: number, batch: number, key: readonly KeyColumn[]): PgwrightError {
  const rows = moved === 1 ? "1 row" : `${moved} rows`;
  const why = `${rows} of batch ${batch} got another (${namesOf(key)}), by which the rows are taken in order: a trigger changes it`;
  if (batch === 1) return refused(why);
  return refused(
    `${why}; that batch was rolled back`,
    "keep the trigger from that (`alter table … disable trigger …`), and `pgwright migrate` goes on behind the last batch",
  );
}

function isEnd({ last, end }: Progress): boolean {
  return last !== null && last.every((value, i) => value === end[i]);
}

/**
 * The last key there is now, which is where the work ends; undefined for an empty table.
 *
 * @throws PgwrightError `backfill-refused` where a key cannot be taken by its text.
 */
export async function beginBackfill(
  session: Session,
  key: FoundKey,
): Promise<Progress | undefined> {
  const { table, columns } = key;
  const end = await readTexts(
    session,
    columns,
    `from ${table} as t order by ${orderSql(columns, "t", " desc")} limit 1`,
  );
  return end && { last: null, end, rows: 0, batches: 0, key: recordOf(key) };
}

/** The key of the last row of the next batch. */
async function upperKey(
  session: Session,
  { table, columns }: FoundKey,
  { last, end }: Progress,
  batch: number,
): Promise<readonly string[]> {
  const conditions = [
    ...(last ? [behindSql(columns, "t", last)] : []),
    upToSql(columns, "t", end),
  ].join(" and ");
  const found = await readTexts(
    session,
    columns,
    `from ${table} as t where ${conditions} order by ${orderSql(columns, "t", "")} offset ${batch - 1} limit 1`,
  );
  if (last && found?.every((text, i) => text === last[i])) {
    throw refused(`(${namesOf(columns)}) does not move on behind a batch`, inDoubt);
  }
  return found ?? end;
}

/**
 * The key of one row. What is read is behind the last key, and its text means what was read: so each
 * batch moves on.
 */
async function readTexts(
  session: Session,
  key: readonly KeyColumn[],
  from: string,
): Promise<readonly string[] | undefined> {
  const rows: { texts: readonly (string | null)[]; is_exact: boolean | null }[] = [];
  const select = `select ${textsSql(key, "t")} as texts, ${isExactSql(key, "t")} as is_exact ${from}`;
  // A message of several statements is a transaction: the settings are the statement's again behind it.
  await session.script([...steadySettings, select].join(";\n"), (row) => {
    rows.push(row as (typeof rows)[number]);
  });
  const [row] = rows;
  if (!row) return undefined;
  const texts = row.texts.filter((text) => text !== null);
  if (texts.length < key.length) {
    throw refused(
      `(${namesOf(key)}) has NULL in a row although the catalog says NOT NULL; such rows would be left out`,
      inDoubt,
    );
  }
  if (row.is_exact !== true) {
    throw refused(`(${namesOf(key)}) is not read back as it is written`, inDoubt);
  }
  return texts;
}

const inDoubt =
  "look at the rows of that table; without `-- backfill:`, and before the first batch, the statement runs as a whole";

/** With these, the text of a value is exact and means the same under any others. */
const steadySettings = [
  "set local datestyle = 'ISO, YMD'",
  "set local intervalstyle = 'postgres'",
  "set local timezone = 'UTC'",
  "set local extra_float_digits = 1",
  "set local bytea_output = 'hex'",
];

/** For progress alone. */
async function estimate(session: Session, table: string): Promise<number> {
  const { rows } = await session.one<{ rows: string }>(
    `select greatest(0, sum(c.reltuples))::int8::text as rows
     from pg_class c where c.relkind = 'r' and c.oid in (
       select $1::regclass union select relid from pg_partition_tree($1::regclass))`,
    [table],
  );
  return Number(rows ?? 0);
}
