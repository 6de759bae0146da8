/** Brings the planned rows into their tables, in one transaction that the caller holds open. */
import { ident, literal, qualified } from "../db/identifier.ts";
import type { Session } from "../db/session.ts";
import type { EventListener } from "../events.ts";
import { prepareCandidates } from "./candidates.ts";
import { encode } from "./encode.ts";
import { buildIndexes, type LateIndex, removeIndexes } from "./late-indexes.ts";
import type { SeedPlan } from "./plan.ts";
import type { TableRows } from "./rows.ts";
import { Settler } from "./settle.ts";
import { hasRows } from "./stored.ts";

export interface LoadedTable {
  readonly table: string;
  readonly rows: number;
  readonly durationMs: number;
  /** Nothing was sent: triggers of other tables had filled it. */
  readonly filledByTriggers: boolean;
}

/** Rows of one COPY: events of AFTER triggers, foreign keys among them, wait until it ends. */
const batchRows = 50_000;
/** Rows that the server judges at once. */
const judgedRows = 5000;
const pieceLength = 64 * 1024;

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
      loaded.push(await loadTable(session, rows, planned?.lateIndexes ?? [], events));
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
  for (let from = 0; from < rows.count; from += judgedRows) {
    await settler.settle(session, from, Math.min(rows.count, from + judgedRows));
  }
}

async function loadTable(
  session: Session,
  rows: TableRows,
  indexes: readonly LateIndex[],
  events: EventListener,
): Promise<LoadedTable> {
  const { table, name: title } = rows;
  const started = performance.now();
  const filledByTriggers = rows.first === 0 && (await hasRows(session, table));
  events({ type: "step-started", title });
  const isBare = !filledByTriggers && (await removeIndexes(session, table, indexes));
  if (!filledByTriggers) {
    const target = qualified(table.schema, table.name);
    await copyRows(session, rows, target, (done) =>
      events({
        type: "step-progress",
        title,
        done,
        total: rows.count,
        detail: speed(done, started),
      }),
    );
  }
  const count = filledByTriggers ? 0 : rows.count;
  const detail = filledByTriggers
    ? "filled by triggers"
    : `${count} rows, ${speed(count, started)}`;
  events({ type: "step-finished", title, durationMs: performance.now() - started, detail });
  if (isBare) await buildLate(session, indexes, events);
  const durationMs = performance.now() - started;
  return { table: title, rows: count, durationMs, filledByTriggers };
}

async function buildLate(
  session: Session,
  indexes: readonly LateIndex[],
  events: EventListener,
): Promise<void> {
  const title = indexes.map(({ name }) => name).join(", ");
  const started = performance.now();
  events({ type: "step-started", title });
  await buildIndexes(session, indexes);
  events({
    type: "step-finished",
    title,
    durationMs: performance.now() - started,
    detail: "built",
  });
}

function speed(rows: number, started: number): string {
  const seconds = Math.max(0.001, (performance.now() - started) / 1000);
  return `${Math.round(rows / seconds)} rows/s`;
}

async function copyRows(
  session: Session,
  rows: TableRows,
  target: string,
  onProgress: (done: number) => void,
): Promise<void> {
  const columns = rows.columns.map(({ column }) => ident(column.name)).join(", ");
  for (let from = 0; from < rows.count; from += batchRows) {
    const to = Math.min(rows.count, from + batchRows);
    await session.copyIn(`copy ${target} (${columns}) from stdin`, linesOf(rows, from, to));
    onProgress(to);
  }
}

function* linesOf(rows: TableRows, from: number, to: number): Iterable<Buffer> {
  const cells = rows.columns.map(({ made }, n) => ({
    write: made.text,
    isPlain: made.isPlain === true,
    before: n === 0 ? "" : "\t",
  }));
  let text = "";
  for (let row = from; row < to; row += 1) {
    for (const { write, isPlain, before } of cells) {
      const value = write(row);
      text += before + (isPlain && value !== null ? value : encode(value));
    }
    text += "\n";
    if (text.length >= pieceLength) {
      yield Buffer.from(text);
      text = "";
    }
  }
  if (text !== "") yield Buffer.from(text);
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
  const inserts: string[] = [];
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
    inserts.push(
      `insert into ${target} (${columns}) overriding system value select ${columns} from ${place}`,
    );
  }
  const last = inserts.pop() ?? "";
  const before = inserts.map((insert, n) => `part_${n} as (${insert})`);
  await session.execute(`with ${before.join(",\n")}\n${last}`);
  const durationMs = performance.now() - started;
  events({ type: "step-finished", title, durationMs });
  return group.map((rows) => ({
    table: rows.name,
    rows: rows.count,
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
