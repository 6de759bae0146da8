/** Brings the planned rows into their tables, in one transaction that the caller holds open. */
import { ident, literal, qualified } from "../db/identifier.ts";
import { isPostgresError, type Session } from "../db/session.ts";
import type { EventListener } from "../events.ts";
import { baseName, isPlainType } from "./base-type.ts";
import { prepareCandidates } from "./candidates.ts";
import { encode } from "./encode.ts";
import { addKeys, buildIndexes, type Late, nothingLate, removeLate } from "./late.ts";
import type { SeedPlan } from "./plan.ts";
import type { TableRows } from "./rows.ts";
import { Impossible } from "./scope.ts";
import { Settler } from "./settle.ts";
import { countRows, hasRows } from "./stored.ts";

export interface LoadedTable {
  readonly table: string;
  /** How many the table took. */
  readonly rows: number;
  /** How many were sent; more than it took where its triggers leave some out. */
  readonly sent: number;
  readonly durationMs: number;
  /** Nothing was sent: triggers of other tables had filled it. */
  readonly filledByTriggers: boolean;
}

/** Rows of one COPY: events of AFTER triggers, foreign keys among them, wait until it ends. */
const batchRows = 50_000;
/** Rows that the server judges at once. */
const judgedRows = 5000;
const pieceBytes = 64 * 1024;
/** What UTF-8 takes for one unit of UTF-16. */
const mostBytesOfUnit = 3;

/** @throws PostgresError; Impossible when rows cannot be drawn. */
export async function loadRows(
  session: Session,
  plan: SeedPlan,
  events: EventListener,
): Promise<LoadedTable[]> {
  const loaded: LoadedTable[] = [];
  // First of all, because counters of other tables depend on which parents the rows come to.
  for (const rows of plan.groups.flat()) await settleAll(session, rows, plan);
  for (const group of plan.groups) {
    if (group.length > 1) loaded.push(...(await loadCircle(session, group, events)));
    for (const rows of group.length > 1 ? [] : group) {
      const planned = plan.tables.find(({ table }) => table === rows.name);
      const late = planned ? { indexes: planned.lateIndexes, keys: planned.lateKeys } : nothingLate;
      try {
        loaded.push(await loadTable(session, rows, late, events));
      } catch (error) {
        throw explainMeeting(error, rows);
      }
    }
  }
  await moveSequences(session, plan);
  return loaded;
}

async function settleAll(session: Session, rows: TableRows, plan: SeedPlan): Promise<void> {
  const conditions = plan.settlers.get(rows);
  if (conditions === undefined) return;
  if (conditions.length > 0) await prepareCandidates(session, rows);
  const settler = new Settler(rows, conditions);
  try {
    for (let from = 0; from < rows.count; from += judgedRows) {
      await settler.settle(session, from, Math.min(rows.count, from + judgedRows));
    }
  } catch (error) {
    // Another table's trouble stays its own.
    if (!(error instanceof Impossible) || error.table !== undefined) throw error;
    throw new Impossible(`${rows.name}: ${error.message}`, { table: rows.name });
  }
}

async function loadTable(
  session: Session,
  rows: TableRows,
  late: Late,
  events: EventListener,
): Promise<LoadedTable> {
  const { table, name: title } = rows;
  const started = performance.now();
  const filledByTriggers = await hasGrown(session, rows);
  events({ type: "step-started", title });
  const isBare = !filledByTriggers && (await removeLate(session, table, late));
  if (!isBare && !filledByTriggers && late.indexes.length + late.keys.length > 0) {
    events({
      type: "notice",
      level: "info",
      message: `${title} or a table that it refers to is in use or has checks that wait for the commit: its keys and indexes stay in place, and its rows come more slowly`,
    });
  }
  let count = 0;
  if (!filledByTriggers) {
    const target = qualified(table.schema, table.name);
    count = await copyRows(session, rows, target, (done) =>
      events({
        type: "step-progress",
        title,
        done,
        total: rows.count,
        detail: speed(done, started),
      }),
    );
  }
  const sent = filledByTriggers ? 0 : rows.count;
  const taken = count === sent ? `${count} rows` : `${sent} rows sent, ${count} kept by triggers`;
  const detail = filledByTriggers ? "filled by triggers" : `${taken}, ${speed(sent, started)}`;
  events({ type: "step-finished", title, durationMs: performance.now() - started, detail });
  if (isBare) await addLate(session, late, events);
  const durationMs = performance.now() - started;
  return { table: title, rows: count, sent, durationMs, filledByTriggers };
}

/** Rows that an expression keeps apart: how is not read here, so the reason is that of the server. */
function explainMeeting(error: unknown, { name, table }: TableRows): unknown {
  if (!isPostgresError(error) || !["23505", "23P01"].includes(error.code)) return error;
  const { constraint_name: constraint, detail } = error;
  const expression =
    table.exclusions.find((one) => one.name === constraint)?.definition ??
    table.uniques.find((one) => one.name === constraint)?.expressions;
  if (typeof expression !== "string") return error;
  return new Impossible(
    `${name}: two of its rows meet in ${constraint} (${expression}), and how to keep them apart is not understood: ${detail ?? error.message}`,
  );
}

/** Since the plan was made, triggers of other tables wrote to it: they fill it, now as in the first run. */
async function hasGrown(session: Session, { table, present }: TableRows): Promise<boolean> {
  return present === undefined
    ? await hasRows(session, table)
    : (await countRows(session, table)) > present.count;
}

async function addLate(session: Session, late: Late, events: EventListener): Promise<void> {
  const steps = [
    { made: late.indexes, detail: "built", make: buildIndexes },
    { made: late.keys, detail: "checked", make: addKeys },
  ] as const;
  for (const { made, detail, make } of steps) {
    if (made.length === 0) continue;
    const title = made.map(({ name }) => name).join(", ");
    const started = performance.now();
    events({ type: "step-started", title });
    await make(session, late);
    events({ type: "step-finished", title, durationMs: performance.now() - started, detail });
  }
}

function speed(rows: number, started: number): string {
  const seconds = Math.max(0.001, (performance.now() - started) / 1000);
  return `${Math.round(rows / seconds)} rows/s`;
}

/** How many rows the target took: a BEFORE trigger that returns NULL leaves a row out. */
async function copyRows(
  session: Session,
  rows: TableRows,
  target: string,
  onProgress: (done: number) => void,
): Promise<number> {
  let taken = 0;
  if (rows.columns.length === 0) {
    // COPY wants a column; a table without any, or with nothing but defaults, still has rows.
    return await session.execute(
      `insert into ${target} select from generate_series(1, ${rows.count})`,
    );
  }
  const columns = rows.columns.map(({ column }) => ident(column.name)).join(", ");
  for (let from = 0; from < rows.count; from += batchRows) {
    const to = Math.min(rows.count, from + batchRows);
    taken += await session.copyIn(
      `copy ${target} (${columns}) from stdin`,
      linesOf(rows, from, to),
    );
    onProgress(to);
  }
  return taken;
}

/**
 * Lines of COPY's text format. A row is written to its place at once, which takes 16 MB less at the
 * peak than a piece that grows as one string (95 and 111 MB, 3,000,000 users).
 */
function* linesOf(rows: TableRows, from: number, to: number): Iterable<Buffer> {
  const cells = rows.columns.map(({ column, made }, n) => ({
    write: made.text,
    // What a seed file says may have blanks around it, which the type forgives.
    isPlain:
      rows.request?.columns[column.name]?.spec === undefined &&
      (made.isPlain === true || isPlainType(baseName(rows, column.name))),
    before: n === 0 ? "" : "\t",
  }));
  let piece = Buffer.allocUnsafe(pieceBytes);
  let end = 0;
  for (let row = from; row < to; row += 1) {
    let line = "";
    for (const { write, isPlain, before } of cells) {
      const value = write(row);
      line += before + (isPlain && value !== null ? value : encode(value));
    }
    line += "\n";
    const most = line.length * mostBytesOfUnit;
    if (most > piece.length - end) {
      if (end > 0) yield piece.subarray(0, end);
      piece = Buffer.allocUnsafe(Math.max(pieceBytes, most));
      end = 0;
    }
    end += piece.write(line, end);
  }
  if (end > 0) yield piece.subarray(0, end);
}

/**
 * Tables that refer to each other in a circle: one statement inserts into all of them. Foreign keys
 * are looked at when a statement ends, so none has to be NULL for a while or deferrable.
 */
async function loadCircle(
  session: Session,
  group: readonly TableRows[],
  events: EventListener,
): Promise<LoadedTable[]> {
  const title = group.map(({ name }) => name).join(", ");
  const started = performance.now();
  events({ type: "step-started", title });
  const parts: string[] = [];
  for (const [n, rows] of group.entries()) {
    const { table } = rows;
    const target = qualified(table.schema, table.name);
    const columns = rows.columns.map(({ column }) => ident(column.name)).join(", ");
    const place = `pg_temp.pgwright_circle_${n}`;
    await session.query(`drop table if exists ${place}`);
    await session.query(
      `create temporary table pgwright_circle_${n} on commit drop as select ${columns} from ${target} with no data`,
    );
    await copyRows(session, rows, place, () => {});
    parts.push(
      `part_${n} as (insert into ${target} (${columns}) overriding system value select ${columns} from ${place} returning 1)`,
    );
  }
  const counts = group.map((_, n) => `(select count(*) from part_${n})`);
  const { taken } = await session.one<{ taken: number[] }>(
    `with ${parts.join(",\n")}\nselect json_build_array(${counts.join(", ")}) as taken`,
  );
  const durationMs = performance.now() - started;
  events({ type: "step-finished", title, durationMs });
  return group.map((rows, n) => ({
    table: rows.name,
    rows: taken[n] ?? 0,
    sent: rows.count,
    durationMs,
    filledByTriggers: false,
  }));
}

/** Sequences of the filled columns go on behind the last value. */
async function moveSequences(session: Session, plan: SeedPlan): Promise<void> {
  for (const rows of plan.groups.flat()) {
    for (const { name, sequence } of rows.table.columns) {
      if (sequence === null || rows.count === 0) continue;
      await session.query(
        `select setval(${literal(sequence)}::regclass, greatest((select max(${ident(name)}) from ${qualified(rows.table.schema, rows.table.name)}), 1))`,
      );
    }
  }
}
