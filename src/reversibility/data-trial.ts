/** One migration tried with rows in the tables: are they still there after its rollback? */
import type { Session } from "../db/session.ts";
import type { MigrationFile } from "../migrate/file.ts";
import type { Open } from "../migrate/migrator.ts";
import type { Allowances } from "./allowances.ts";
import { readAllowances } from "./allowances.ts";
import type { Filling, FillOptions, KeptTable } from "./fill.ts";
import { fillTables } from "./fill.ts";
import type { NewRows } from "./new-rows.ts";
import { tryNewRows } from "./new-rows.ts";
import type { RowChange, TableSum } from "./rows.ts";
import { compareRows, sumRows } from "./rows.ts";
import listSequences from "./sequences.sql";
import type { Failure, Ways } from "./trial.ts";
import { markTime } from "./special-rows.ts";
import { applyOne, attempt, undoOne } from "./trial.ts";
import type { Write } from "./unmet-writes.ts";
import { watchWrites } from "./unmet-writes.ts";
import { makeUnusualTexts } from "./unusual-texts.ts";

export interface DataTrial {
  /** Rows that were there before the migration. */
  readonly rows: number;
  /** How they were made; null where no table was there to be filled. */
  readonly filling: Filling | null;
  /** Tables that migrations have written rows into, and that could not get others. */
  readonly kept?: readonly KeptTable[];
  /** Columns in some of whose rows there are texts as only tables in use have them. */
  readonly unusual?: readonly string[];
  /** Why the tables could not be filled; the rest is not tried then. */
  readonly unfilled?: string;
  readonly upFailure?: Failure;
  readonly downFailure?: Failure;
  readonly againFailure?: Failure;
  /** What became of the rows; undefined where the rollback was not reached. */
  readonly changes?: readonly RowChange[];
  /** Writes of its sections that met none of the rows: of them the trial tells nothing. */
  readonly unmet?: readonly Write[];
  /** Rows written after the migration; undefined where it could not be applied again. */
  readonly newRows?: NewRows;
}

export interface SectionWrites {
  readonly up: readonly Write[];
  readonly down: readonly Write[];
  /** Tables whose rows decide what both write. */
  readonly from: readonly string[];
}

/**
 * Fills the tables, then up, down, up; then more rows, down, up.
 *
 * @param open of a copy in which everything before the migration is applied.
 * @throws PgwrightError for everything but sections and rows that the server refuses.
 */
export async function tryWithRows(
  ways: Ways,
  open: Open,
  file: MigrationFile,
  writes: SectionWrites,
  options: FillOptions,
): Promise<DataTrial> {
  const { role } = options;
  const filled = await withSession(open, async (session) => {
    const tables = await sumRows(session, options.ledger, role);
    if (tables.length === 0) return { filling: null, kept: [], unusual: [] };
    const fresh = await markTime(session);
    const made = await fillTables(session, tables, options);
    if ("reason" in made) return made;
    return { ...made, unusual: await makeUnusualTexts(session, writes.from, fresh, options) };
  });
  if ("reason" in filled) return { rows: 0, filling: null, unfilled: filled.reason };
  const before = await withSession(open, (session) => readState(session, options));
  const rows = before.tables.reduce((sum, table) => sum + table.rows, 0);
  const base = { rows, filling: filled.filling, kept: filled.kept, unusual: filled.unusual };
  const up = await watchWrites(open, role, writes.up, () =>
    attempt(() => applyOne(ways, open, file)),
  );
  if (up.result) return { ...base, upFailure: up.result };
  const down = await watchWrites(open, role, writes.down, () => attempt(() => undoOne(ways, open)));
  if (down.result) return { ...base, downFailure: down.result };
  const now = await withSession(open, (session) => readState(session, options, before.tables));
  const changes = [
    ...compareRows(before.tables, now.tables, options.log),
    ...compareSequences(before, now),
  ];
  const againFailure = await attempt(() => applyOne(ways, open, file));
  if (againFailure) {
    return { ...base, changes, unmet: [...up.unmet, ...down.unmet], againFailure };
  }
  const newRows = await tryNewRows(ways, open, file, {
    ...options,
    unmet: down.unmet,
    before: before.tables,
    allowed: before.allowed,
    undone: now.tables,
  });
  const known = new Set(changes.map(({ object }) => object));
  // What the rows before it have lost is told already.
  const own = newRows.changes.filter(({ object }) => !known.has(object));
  return {
    ...base,
    changes,
    unmet: [...up.unmet, ...newRows.unmet],
    newRows: { ...newRows, changes: own },
  };
}

interface State {
  /** Not read of a state that is only compared. */
  readonly allowed: readonly Allowances[];
  readonly tables: readonly TableSum[];
  /** Values by name; null for one never used. */
  readonly sequences: ReadonlyMap<string, string | null>;
}

async function readState(
  session: Session,
  { ledger, role }: FillOptions,
  wanted?: readonly TableSum[],
): Promise<State> {
  const sequences = await session.query<SequenceState>(listSequences, [
    ledger.schema,
    ledger.table,
  ]);
  const values = new Map<string, string | null>();
  for (const { sequence, value, step } of sequences) {
    const used = value ?? (wanted && (await valueBefore(session, sequence, step)));
    values.set(sequence, used ?? null);
  }
  return {
    allowed: wanted ? [] : await readAllowances(session, ledger),
    tables: await sumRows(session, ledger, role, wanted),
    sequences: values,
  };
}

interface SequenceState {
  readonly sequence: string;
  /** Given last; null where it was set and has given none since. */
  readonly value: string | null;
  readonly step: string;
}

/** The value as if it had been given: the next one is what `RESTART WITH` says. */
async function valueBefore(session: Session, sequence: string, step: string): Promise<string> {
  const { next } = await session.one<{ next: string }>(
    `select last_value::text as next from ${sequence}`,
  );
  return String(BigInt(next) - BigInt(step));
}

/** A sequence that begins again gives numbers that rows have already. */
function compareSequences(before: State, now: State): RowChange[] {
  return [...before.sequences].flatMap(([object, had]): RowChange[] => {
    const has = now.sequences.get(object);
    if (had === null || has === undefined || has === null) return [];
    if (BigInt(has) >= BigInt(had)) return [];
    const text = `sequence ${object} stood at ${had} and stands at ${has}: it gives numbers a second time`;
    return [{ kind: "values-lost", object, text }];
  });
}

async function withSession<T>(open: Open, work: (session: Session) => Promise<T>): Promise<T> {
  await using session = await open({ writes: true, direct: true });
  return await work(session);
}
