/** Runs an UPDATE or DELETE in batches by key, each in its own transaction together with its journal entry. */
import { setTimeout as sleep } from "node:timers/promises";
import { ident, literal } from "../../db/identifier.ts";
import type { Statement } from "../../db/script.ts";
import type { Session } from "../../db/session.ts";
import { PgwrightError } from "../../errors.ts";
import type { EventListener } from "../../events.ts";
import { relationSql } from "../table-names.ts";
import type { Backfill } from "./directive.ts";
import { narrowed, targetOf } from "./directive.ts";
import findKey from "./key.sql";
import readLag from "./replica-lag.sql";

/** How far a backfill has come; stands in the journal as JSON. */
export interface Progress {
  /** Key of the last row that was looked at, as texts; null before the first. */
  readonly last: readonly string[] | null;
  /** Key of the last row there was when it began. */
  readonly end: readonly string[];
  /** Rows that were changed. */
  readonly rows: number;
  readonly batches: number;
}

export interface BackfillTools {
  readonly session: Session;
  readonly title: string;
  readonly events: EventListener;
  readonly signal: AbortSignal | undefined;
  readonly key: readonly KeyColumn[];
  /** What an earlier run has left, if this one takes it up. */
  readonly before: Progress | undefined;
  /**
   * SQL for one batch: `change` is the statement with RETURNING. It writes a journal entry whose
   * reason is `reason`, an SQL expression of text in which `changed` is the number of rows.
   */
  journalled(reason: string): string;
  /** Tries again after a lock that was not to be had. */
  retrying<T>(attempt: () => Promise<T>): Promise<T>;
  /** Called for every batch that is committed. */
  committed(): void;
}

export interface KeyColumn {
  readonly name: string;
  readonly type: string;
}

/**
 * Every row that the table has when the backfill begins is looked at exactly once: the journal
 * entry of a batch commits with it. Rows that come in behind the last one, or between keys that
 * are done, are left to whoever writes them.
 *
 * @throws PgwrightError `interrupted` between two batches.
 */
export async function runBackfill(
  statement: Statement,
  { batch, pauseMs, maxLagMs }: Backfill,
  tools: BackfillTools,
): Promise<void> {
  const { session, title, events } = tools;
  const { relation, name } = targetOf(statement);
  const table = relationSql(relation);
  const { key } = tools;
  let progress = tools.before ?? (await begin(session, table, key));
  if (!progress) return; // an empty table
  const total = await estimate(session, table);
  const place = keyTuple(key, name);
  while (progress.last === null || !isEnd(progress)) {
    await waitForStandbys(maxLagMs, tools);
    const from: Progress = progress;
    progress = await tools.retrying(async () => {
      const upper = await upperKey(session, table, key, from, batch);
      const range = [
        ...(from.last ? [`${place} > ${valueTuple(key, from.last)}`] : []),
        `${place} <= ${valueTuple(key, upper)}`,
      ].join(" and ");
      const next = { last: upper, end: from.end, batches: from.batches + 1 };
      const reason = `(${literal(JSON.stringify(next))}::jsonb || jsonb_build_object('rows', ${from.rows} + changed))::text`;
      const { rows } = await session.one<{ rows: string }>(
        `with pgwright_changed as (${narrowed(statement, range)}\nreturning 1),
  pgwright_counted as (select count(*) as changed from pgwright_changed),
  pgwright_journal as (${tools.journalled(reason)} from pgwright_counted)
select changed::text as rows from pgwright_counted`,
      );
      return { ...next, rows: from.rows + Number(rows) };
    });
    tools.committed();
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

function isEnd({ last, end }: Progress): boolean {
  return last !== null && last.every((value, i) => value === end[i]);
}

/**
 * By what the rows are taken in order. Asked before anything is journalled, so that a refusal
 * leaves a file that may be changed.
 *
 * @throws PgwrightError `backfill-refused` where the table has no key or the statement changes it.
 */
export async function readKey(
  session: Session,
  statement: Statement,
): Promise<readonly KeyColumn[]> {
  const { relation, assigned } = targetOf(statement);
  const table = relationSql(relation);
  const { key } = await session.one<{ key: readonly KeyColumn[] | null }>(findKey, [table]);
  if (key === null) {
    throw refused(
      `${table} has no primary key, and no unique index over columns that are NOT NULL`,
    );
  }
  const changed = key.find(({ name }) => assigned.includes(name));
  if (changed)
    throw refused(
      `the statement changes ${ident(changed.name)}, by which the rows are taken in order`,
    );
  return key;
}

function refused(why: string): PgwrightError {
  return new PgwrightError("backfill-refused", `the backfill cannot be run in batches: ${why}`, {
    hint: "take out `-- backfill:`, and the statement runs as a whole",
  });
}

/** The last key there is now; undefined for an empty table. */
async function begin(
  session: Session,
  table: string,
  key: readonly KeyColumn[],
): Promise<Progress | undefined> {
  const [found] = await session.query<{ key: readonly string[] }>(
    `select ${textsSql(key)} as key from ${table} order by ${orderSql(key, " desc")} limit 1`,
  );
  return found && { last: null, end: found.key, rows: 0, batches: 0 };
}

/** The key of the last row of the next batch. */
async function upperKey(
  session: Session,
  table: string,
  key: readonly KeyColumn[],
  { last, end }: Progress,
  batch: number,
): Promise<readonly string[]> {
  const place = keyTuple(key, "t");
  const conditions = [
    `${place} <= ${valueTuple(key, end)}`,
    ...(last ? [`${place} > ${valueTuple(key, last)}`] : []),
  ];
  const [found] = await session.query<{ key: readonly string[] }>(
    `select ${textsSql(key)} as key from ${table} as t where ${conditions.join(" and ")}
     order by ${orderSql(key, "")} offset ${batch - 1} limit 1`,
  );
  return found?.key ?? end;
}

function textsSql(key: readonly KeyColumn[]): string {
  return `json_build_array(${key.map(({ name }) => `${ident(name)}::text`).join(", ")})`;
}

function orderSql(key: readonly KeyColumn[], direction: string): string {
  return key.map(({ name }) => `${ident(name)}${direction}`).join(", ");
}

function keyTuple(key: readonly KeyColumn[], alias: string): string {
  return `(${key.map(({ name }) => `${ident(alias)}.${ident(name)}`).join(", ")})`;
}

function valueTuple(key: readonly KeyColumn[], values: readonly string[]): string {
  return `(${key.map(({ type }, i) => `${literal(values[i] ?? null)}::${type}`).join(", ")})`;
}

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

async function waitForStandbys(
  maxLagMs: number,
  { session, title, events, signal }: BackfillTools,
): Promise<void> {
  if (maxLagMs === 0) return;
  for (let waits = 0; ; waits += 1) {
    const { lagMs, standby, hidden } = await session.one<{
      lagMs: number | null;
      standby: string | null;
      hidden: number;
    }>(readLag);
    if (hidden > 0 && waits === 0) {
      events({
        type: "step-progress",
        title,
        detail:
          "backfill: standbys are there, but how far behind they are is hidden: grant pg_monitor to see it",
      });
    }
    if ((lagMs ?? 0) <= maxLagMs) return;
    const behind = `${((lagMs ?? 0) / 1000).toFixed(0)} s`;
    events({
      type: "step-progress",
      title,
      detail: `backfill: waiting for ${standby}, ${behind} behind`,
    });
    await rest(1000, signal);
  }
}

async function rest(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    if (milliseconds > 0) await sleep(milliseconds, undefined, signal ? { signal } : {});
    else signal?.throwIfAborted();
  } catch (cause) {
    throw new PgwrightError("interrupted", "interrupted between two batches of a backfill", {
      cause,
      hint: "`pgwright migrate` goes on behind the last batch",
    });
  }
}
