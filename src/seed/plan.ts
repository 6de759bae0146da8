/** What a seed would do, decided before a row is written. */
import { type Location, PgwrightError } from "../errors.ts";
import type { Session } from "../db/session.ts";
import { alignStored } from "./align.ts";
import { type Condition, judge, prepareCandidates } from "./candidates.ts";
import { type Catalog, nameOf, type Table } from "./catalog.ts";
import { predicateOf } from "./base-type.ts";
import { makeColumn } from "./column.ts";
import type { Dictionary } from "./dictionary.ts";
import {
  fewestRows,
  findLate,
  type Late,
  type LateIndex,
  type LateKey,
  nothingLate,
} from "./late.ts";
import { orderTables } from "./order.ts";
import { type Present, readPresent } from "./present.ts";
import type { SeedRequest } from "./request.ts";
import { TableRows, type World } from "./rows.ts";
import { fitRoom } from "./room.ts";
import { Impossible } from "./scope.ts";
import { Settler } from "./settle.ts";
import { joinSources, type Source, storedSource } from "./source.ts";
import { hasRows, readStored } from "./stored.ts";

export interface PlannedTable {
  /** `schema.name`. */
  readonly table: string;
  readonly rows: number;
  /** Bytes of the rows as COPY sends them, estimated from a sample. */
  readonly bytes: number;
  readonly columns: readonly { readonly name: string; readonly how: string }[];
  /** The server judges every row, because a sample failed these checks. */
  readonly judgedBy: readonly string[];
  /** Partial unique indexes that are kept as if they were about every row: only the server knows which. */
  readonly keptFully: readonly string[];
  /** A small scale left fewer rows per parent than asked for: as many as a unique key allows. */
  readonly perParent: { readonly asked: number; readonly most: number } | null;
  /** Indexes that are taken away while the rows are written, and built after them. */
  readonly lateIndexes: readonly LateIndex[];
  /** Foreign keys that are taken away while the rows are written, and checked for all of them at once. */
  readonly lateKeys: readonly LateKey[];
}

export interface SeedPlan {
  /** In the order of loading; a group of several is a circle of foreign keys. */
  readonly groups: readonly (readonly TableRows[])[];
  readonly tables: readonly PlannedTable[];
  /** Tables with rows that are left as they are. */
  readonly kept: readonly string[];
  readonly settlers: ReadonlyMap<TableRows, readonly Condition[]>;
}

export interface Choice {
  /** `schema.name`; empty means all. */
  readonly tables: readonly string[];
  /** Tables with rows get more: all of them, or these, `schema.name`. */
  readonly append: boolean | ReadonlySet<string>;
  /** Where the files name tables and columns. */
  readonly places?: ReadonlyMap<string, Location>;
}

type Places = NonNullable<Choice["places"]>;

interface Problem {
  readonly message: string;
  readonly at: Location | undefined;
}

const sampleRows = 200;

/**
 * Plans within the open transaction of the session; only temporary tables are written.
 *
 * @throws PgwrightError `relation-unknown`, `seed-impossible` with every table that cannot be filled.
 */
export async function planSeed(
  session: Session,
  catalog: Catalog,
  request: SeedRequest,
  words: Dictionary,
  choice: Choice,
): Promise<SeedPlan> {
  const { filled, kept, rowsIn } = await chooseFilled(session, catalog, request, choice);
  const stored = new Map<string, Source>();
  const present = new Map<string, Present>();
  for (const table of catalog.tables) {
    if (!rowsIn.has(table)) continue;
    if (filled.includes(table)) {
      present.set(table.oid, await readPresent(session, table, request.asOf));
    }
    const columns = referredColumns(catalog, table);
    if (columns.length === 0) continue;
    const source = storedSource(
      await readStored(session, table, columns),
      request.asOf - 730 * 86_400,
    );
    stored.set(table.oid, source);
  }
  const redraws = { count: 0 };
  const common = { catalog, request, words, redraws, makeColumn };
  const made = new Map<string, TableRows>();
  const sources = await alignStored(
    catalog,
    stored,
    (table) => referredColumns(catalog, table),
    common,
    () => session.breathe(),
  );
  const before = new Map(sources);
  const order = orderTables(filled);
  const groupOf = new Map(order.flatMap((group, n) => group.map(({ oid }) => [oid, n] as const)));
  const world: World = {
    ...common,
    source: (oid) => sources.get(oid),
    rows: (oid) => made.get(oid),
    isTogether: (oid, other) => groupOf.has(oid) && groupOf.get(oid) === groupOf.get(other),
  };
  for (const table of filled) {
    const rows = new TableRows(table, world, present.get(table.oid));
    made.set(table.oid, rows);
    const stays = before.get(table.oid);
    sources.set(table.oid, stays ? joinSources(stays, rows) : rows);
  }
  const groups = order.map((group) => group.flatMap(({ oid }) => made.get(oid) ?? []));
  const alone = new Set(groups.flatMap((group) => (group.length === 1 ? group : [])));
  const planned = await describeTables(session, groups.flat(), alone, choice.places ?? new Map());
  return { groups, ...planned, kept: kept.map(nameOf) };
}

/** Which tables get rows, which have some and keep them, and all that have any. */
export async function chooseFilled(
  session: Session,
  catalog: Catalog,
  request: SeedRequest,
  choice: Choice,
): Promise<{ filled: Table[]; kept: Table[]; rowsIn: Set<Table> }> {
  const chosen = chooseTables(catalog, choice.tables);
  const filled: Table[] = [];
  const kept: Table[] = [];
  const rowsIn = new Set<Table>();
  for (const table of catalog.tables) {
    const isFilled = await hasRows(session, table);
    if (isFilled) rowsIn.add(table);
    if (!chosen.includes(table) || request.tables[nameOf(table)]?.rows === 0) continue;
    const isAppended =
      typeof choice.append === "boolean" ? choice.append : choice.append.has(nameOf(table));
    if (!isFilled || isAppended) filled.push(table);
    else kept.push(table);
  }
  return { filled, kept, rowsIn };
}

/** @throws PgwrightError `relation-unknown` for names that are no table, or several. */
export function chooseTables(catalog: Catalog, names: readonly string[]): readonly Table[] {
  if (names.length === 0) return catalog.tables;
  return names.map((name) => {
    const found = catalog.tables.filter((table) => [nameOf(table), table.name].includes(name));
    const [table] = found;
    if (table && found.length === 1) return table;
    throw new PgwrightError(
      "relation-unknown",
      found.length > 1
        ? `\`${name}\` names several tables`
        : `there is no table \`${name}\` to fill`,
      {
        hint: found.length > 1 ? `write one of ${found.map(nameOf).join(", ")}` : undefined,
      },
    );
  });
}

function referredColumns(catalog: Catalog, table: Table): string[] {
  const keys = catalog.tables.flatMap(({ foreignKeys }) =>
    foreignKeys.filter(({ target }) => target === table.oid),
  );
  return [...new Set(keys.flatMap(({ targetColumns }) => targetColumns))].toSorted();
}

async function describeTables(
  session: Session,
  all: readonly TableRows[],
  alone: ReadonlySet<TableRows>,
  places: Places,
) {
  const problems: Problem[] = [];
  const tables: PlannedTable[] = [];
  const settlers = new Map<TableRows, readonly Condition[]>();
  // Numbers of rows first: where there cannot be as many, nothing else is worth saying.
  for (const rows of all) {
    try {
      await session.breathe();
      // In a circle, others count on the number.
      if (rows.count > 0 && alone.has(rows)) await fitRoom(session, rows);
    } catch (error) {
      problems.push(reasonOf(error, rows, places));
    }
  }
  refuse(problems);
  const isLarge = (rows: TableRows) =>
    alone.has(rows) && rows.first === 0 && rows.count >= fewestRows;
  const late = all.some(isLarge) ? await findLate(session) : undefined;
  for (const rows of all) {
    const ofTable = isLarge(rows) ? late?.get(rows.table.oid) : undefined;
    try {
      const conditions = await findDoubtful(session, rows);
      if (conditions.length > 0 || rows.keys.some(({ kind }) => kind === "watched")) {
        settlers.set(rows, conditions);
      }
      tables.push(describeTable(rows, conditions, ofTable ?? nothingLate));
    } catch (error) {
      problems.push(reasonOf(error, rows, places));
    }
  }
  refuse(problems);
  return { tables, settlers };
}

/** @throws what is not about filling a table. */
function reasonOf(error: unknown, { name }: TableRows, places: Places): Problem {
  if (error instanceof Impossible) {
    const { table = name, column } = error;
    const at = column === undefined ? undefined : places.get(`${table}.${column}`);
    return { message: `${table}: ${error.message}`, at: at ?? places.get(table) };
  }
  // Too deep a recursion means that keys need each other in a circle that has no beginning.
  if (error instanceof RangeError && /call stack/.test(error.message)) {
    const message = `${name}: its foreign keys form a circle in which each key is made of the next`;
    return { message, at: places.get(name) };
  }
  throw error;
}

function refuse(all: readonly Problem[]): void {
  const problems = [...new Set(all.map(({ message }) => message))];
  if (problems.length === 0) return;
  throw new PgwrightError(
    "seed-impossible",
    `${problems.length === 1 ? "a table" : `${problems.length} tables`} cannot be filled; nothing was written`,
    {
      at: all.find(({ at }) => at !== undefined)?.at,
      notes: problems,
      hint: "say in a file of seeds/ how such a column is filled, or give the table `rows: 0`",
    },
  );
}

function describeTable(
  rows: TableRows,
  conditions: readonly Condition[],
  late: Late,
): PlannedTable {
  return {
    table: rows.name,
    rows: rows.count,
    bytes: estimateBytes(rows),
    columns: rows.columns.map(({ column, made }) => ({ name: column.name, how: made.how })),
    judgedBy: conditions.map(({ name }) => name),
    keptFully: rows.table.uniques.flatMap((key) =>
      key.predicate !== null && predicateOf(rows, key) === undefined
        ? [`${key.name} (${key.predicate})`]
        : [],
    ),
    perParent: boundOf(rows),
    lateIndexes: late.indexes,
    lateKeys: late.keys,
  };
}

function boundOf({ family }: TableRows): PlannedTable["perParent"] {
  if (!family || family.wanted === family.most) return null;
  return { asked: family.wanted, most: family.most };
}

/** Conditions that a sample of the rows fails; they are asked for every row. */
async function findDoubtful(session: Session, rows: TableRows): Promise<Condition[]> {
  const count = Math.min(rows.count, sampleRows);
  if (count === 0) return [];
  // Spread over the whole table: bounds are met at its end.
  const step = rows.count / count;
  const numbers = Array.from({ length: count }, (_, n) => Math.floor(n * step));
  const conditions = await prepareCandidates(session, rows);
  const { refused } = await judge(session, rows, conditions, numbers);
  const failed = new Set([...refused.values()].flat());
  const doubtful = conditions.filter(({ name }) => failed.has(name));
  if (doubtful.length > 0) {
    // Whether drawing again helps is known before anything is written.
    const trial = new Settler(rows, conditions);
    await trial.settle(session, 0, count);
    rows.redraws.forget();
  }
  // A row that is drawn again for one of them may fail another.
  return doubtful.length > 0 ? conditions : [];
}

function estimateBytes(rows: TableRows): number {
  const count = Math.min(rows.count, 50);
  let bytes = 0;
  for (let row = 0; row < count; row += 1) {
    for (const { made } of rows.columns) bytes += (made.text(row)?.length ?? 2) + 1;
  }
  return count === 0 ? 0 : Math.round((bytes / count) * rows.count);
}
