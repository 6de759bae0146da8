/** `rollback --keep-data`: which of the losses can be kept, and the SQL that keeps them. */
import { ident, splitName } from "../../db/identifier.ts";
import type { Statement } from "../../db/script.ts";
import type { Session } from "../../db/session.ts";
import type { Examination, Lost } from "../data-loss.ts";
import type { Run } from "../segment.ts";
import { separatedPairs } from "../heirs.ts";
import { partOf, reachOfSuspect, takesSingleRows } from "../suspect.ts";
import type { Table } from "../table-names.ts";
import { columnThen, dotted, sqlOf } from "../table-names.ts";
import describeTable from "./describe-table.sql";
import { keepSql, noteAfterSql } from "./keep-sql.ts";
import type { KeptFrom } from "./origin-sql.ts";
import { notePositionsSql, prunePositionsSql } from "./positions-sql.ts";
import type { KeptColumn, Shape } from "./shape.ts";
import { steadyZone } from "./shape.ts";

/** One loss that is none: its rows or values stand in a table of ours. */
export interface Keep {
  readonly id: number;
  /** "app.users.last_name" */
  readonly object: string;
  readonly shape: Shape;
}

export interface KeepPlan {
  readonly keeps: readonly Keep[];
  /** SQL that keeps, right before a statement and in its transaction. */
  readonly before: ReadonlyMap<Statement, readonly string[]>;
  /** SQL that keeps the positions of sequences, for the beginning of each transaction. */
  readonly positions: string;
  /** SQL for the last transaction of the rollback. */
  readonly after: readonly string[];
  /** What is lost all the same, with the reason why it cannot be kept. */
  readonly lost: readonly { readonly lost: Lost; readonly why: string }[];
}

interface Described {
  readonly kind: string;
  readonly hasHeirs: boolean;
  /** The nearest first. `stays`: still its parent by the time of the loss. */
  readonly parents: readonly (Table & { readonly stays: boolean })[];
  readonly columns: readonly {
    readonly name: string;
    readonly type: string;
    readonly isAlways: boolean;
    readonly xml: KeptColumn["xml"] | null;
    /** By a foreign key. */
    readonly isReferred: boolean;
    readonly refers: boolean;
    readonly sequence: string | null;
  }[];
  readonly key: readonly string[] | null;
  readonly uniques: readonly (readonly string[])[];
  readonly publications: readonly { readonly name: string; readonly isByName: boolean }[];
}

/** Who keeps, for which migration. */
export interface KeepFor {
  readonly from: KeptFrom;
  /** Number of the first table that is free. */
  readonly firstId: number;
}

/**
 * Data are kept at the beginning of the transaction that loses them, when everything still has the
 * names and the content that it will have again once the migration is applied. So what an earlier
 * transaction of the same rollback renames or takes away cannot be kept.
 */
export async function planKeep(
  session: Session,
  runs: readonly Run[],
  examination: Examination,
  { from, firstId }: KeepFor,
): Promise<KeepPlan> {
  const keeps: Keep[] = [];
  const before = new Map<Statement, string[]>();
  const after: string[] = [];
  const lost: { lost: Lost; why: string }[] = [];
  const sequences = new Set<string>();
  for (const group of inOrder(grouped(examination.lost), examination.lost)) {
    const [one] = group;
    if (!one) continue;
    const { suspect, statement } = one;
    // What goes with its table is kept with it.
    if (suspect.column !== undefined && (await goesWhole(session, suspect.table, examination))) {
      continue;
    }
    const start = startOf(runs, statement);
    // What takes single rows is kept with what others take of the same.
    const together = new Set(
      group.filter((other) => takesSingleRows(other.suspect)).map((other) => other.suspect.object),
    );
    const made = [
      ...group,
      ...examination.lost.filter(
        (other) => takesSingleRows(other.suspect) && together.has(other.suspect.object),
      ),
    ].some((other) => isTooLate(runs, startOf(runs, other.statement), examination))
      ? "an earlier transaction of the rollback has changed names or data"
      : await shapeOf(session, group, examination);
    if (typeof made === "string" || !start) {
      const why = typeof made === "string" ? made : "it is in no transaction";
      lost.push(...group.map((other) => ({ lost: other, why })));
      continue;
    }
    const object = group.map((other) => other.suspect.object).join(", ");
    const keep: Keep = { id: firstId + keeps.length, object, shape: made.shape };
    keeps.push(keep);
    const sql = keepSql(keep, suspect, made.sequences, from);
    before.set(start, [...(before.get(start) ?? []), ...sql]);
    for (const sequence of made.sequences.values()) sequences.add(sequence);
    after.push(...noteAfterSql(keep));
  }
  return {
    keeps,
    before,
    positions: notePositionsSql(from, [...sequences]),
    after: [...after, prunePositionsSql(from)],
    lost,
  };
}

/**
 * Columns of one table belong together: rows that have no key are told apart by what stays of them,
 * and each must get all of its values back. What is lost twice is kept once, the whole before a part.
 */
function grouped(lost: readonly Lost[]): Lost[][] {
  const groups = new Map<string, Map<string, Lost>>();
  for (const one of lost) {
    const { column, object, table } = one.suspect;
    const key = column === undefined ? partOf(one.suspect) : `columns of ${table}`;
    const group = groups.get(key) ?? new Map<string, Lost>();
    const other = group.get(object);
    if (!other || reachOfSuspect(one.suspect) > reachOfSuspect(other.suspect))
      group.set(object, one);
    groups.set(key, group);
  }
  return [...groups.values()].map((group) => [...group.values()]);
}

/**
 * In the order in which they are put back: a value that a key has changed along (`by`) refers to one that must
 * be there before it, and that may have been changed along by another key.
 */
function inOrder(groups: readonly Lost[][], lost: readonly Lost[]): Lost[][] {
  const placeOf = (group: readonly Lost[]) => {
    const { table } = group[0]?.suspect ?? {};
    return lost.findLastIndex(
      ({ suspect }) => suspect.table === table && suspect.by?.startsWith("ON UPDATE") === true,
    );
  };
  return groups.toSorted((one, other) => placeOf(one) - placeOf(other));
}

/** True for a table that is dropped, or a part of one that is. */
async function goesWhole(
  session: Session,
  table: string,
  { dropped, names }: Examination,
): Promise<boolean> {
  if (dropped.has(table)) return true;
  const { parents } = await describe(session, table, [], names);
  return parents.some((parent) => parent.stays && dropped.has(sqlOf(parent)));
}

/**
 * The table through which rows come back: of a partition that is dropped along with what it is a part of, the
 * whole, as the migration may make other partitions, or none of that name.
 */
function wayBack(table: string, { parents }: Described, { dropped }: Examination): string {
  const gone = (one: Table) => dropped.has(sqlOf(one));
  if (!dropped.has(table) && !parents.some((one) => one.stays && gone(one))) return table;
  const root = parents.findLast((one) => one.kind === "p" && gone(one));
  return root ? sqlOf(root) : table;
}

/** The first statement of the transaction that a statement runs in. */
function startOf(runs: readonly Run[], statement: Statement): Statement | undefined {
  for (const run of runs) {
    if (run.kind === "alone") {
      if (run.statement === statement) return statement;
    } else if (run.statements.includes(statement)) {
      return run.statements[0];
    }
  }
  return undefined;
}

/** True when a transaction before the one of `start` has renamed or lost anything. */
function isTooLate(
  runs: readonly Run[],
  start: Statement | undefined,
  { lost, renaming }: Examination,
): boolean {
  const changing = new Set([...renaming, ...lost.map(({ statement }) => statement)]);
  for (const run of runs) {
    const statements = run.kind === "alone" ? [run.statement] : run.statements;
    if (start && statements.includes(start)) return false;
    if (statements.some((statement) => changing.has(statement))) return true;
  }
  return false;
}

interface Made {
  readonly shape: Shape;
  /** Sequences by column, as SQL. */
  readonly sequences: ReadonlyMap<string, string>;
}

/** What to keep of a loss, or why nothing can be kept. */
async function shapeOf(
  session: Session,
  group: readonly Lost[],
  examination: Examination,
): Promise<Made | string> {
  const { lost, names } = examination;
  const suspects = group.map(({ suspect }) => suspect);
  const [suspect] = suspects;
  if (suspect?.untold !== undefined) return "it is not known which rows those are";
  if (!suspect || suspect.isForeign) return "its rows are stored elsewhere";
  const going = lost
    .filter((other) => other.suspect.table === suspect.table)
    .flatMap((other) => other.suspect.column ?? []);
  const own = await describe(session, suspect.table, going, names);
  const table =
    suspect.column === undefined ? wayBack(suspect.table, own, examination) : suspect.table;
  const described = table === suspect.table ? own : await describe(session, table, going, names);
  if (described.hasHeirs) return "it has children by inheritance";
  const { columns, key } = described;
  const isDropped = suspect.column === undefined && suspect.verb === "drops";
  const publication = described.publications.find(({ isByName }) => !(isByName && isDropped));
  // What stands in a row that is there comes back by UPDATE; rows without a key are only inserted.
  if (publication && (key || suspect.column !== undefined)) {
    return `publication ${ident(publication.name)} has the table, which has no replica identity, so PostgreSQL refuses the UPDATE that puts it back (\`alter table ${suspect.table} replica identity full\` mends that)`;
  }
  const kept = columns.filter(
    ({ name }) => suspect.column === undefined || suspects.some(({ column }) => column === name),
  );
  const shape = {
    table,
    columns: kept.map(({ name, type, isAlways, xml }) => ({
      name,
      type,
      isAlways,
      ...(xml ? { xml } : {}),
    })),
    key,
    others: [],
    after: null,
    zone: steadyZone,
  } as const;
  const sequences = new Map(
    kept.flatMap(({ name, sequence }) => (sequence === null ? [] : [[name, sequence]])),
  );
  if (suspect.column === undefined) {
    const rows = { ...shape, uniques: described.uniques };
    if (suspect.verb === "drops") return { shape: { ...rows, kind: "rows" }, sequences };
    if (suspect.isUpperBound !== true) return { shape: { ...rows, kind: "deleted" }, sequences };
    if (!key)
      return "which rows go is not known before, and the table has no key to tell afterwards";
    const left = nameAfter(suspect.table, key, names);
    return { shape: { ...rows, kind: "deleted", after: left }, sequences };
  }
  const others = columns.map(({ name }) => name).filter((name) => !going.includes(name));
  const after = key && nameAfter(suspect.table, key, names);
  const followed = suspects.flatMap(({ by, column }) =>
    by === "ON UPDATE CASCADE" && column !== undefined ? [column] : [],
  );
  return {
    shape: {
      ...shape,
      kind: "values",
      others: key ? [] : others,
      ...(!key && followed.length > 0 ? { followed } : {}),
      ...(kept.some(({ isReferred }) => isReferred) && !kept.some(({ refers }) => refers)
        ? { isReferred: true }
        : {}),
      after,
    },
    sequences,
  };
}

/** Table and key by the names that they have at the end of the rollback. */
function nameAfter(
  now: string,
  key: readonly string[],
  names: Examination["names"],
): NonNullable<Shape["after"]> {
  const [schema = "", table = ""] = splitName(now) ?? [];
  const known = { schema, table, kind: "" };
  const renamed = names.tables.findLast((entry) => sqlOf(entry) === now);
  return {
    table: renamed ? dotted([renamed.schemaThen, renamed.tableThen]) : now,
    key: key.map((name) => columnThen(known, name, names)),
  };
}

async function describe(
  session: Session,
  table: string,
  going: readonly string[],
  names: Examination["names"],
): Promise<Described> {
  await session.script("begin read only; set local search_path = ''");
  try {
    return await session.one<Described>(describeTable, [
      table,
      JSON.stringify(going),
      separatedPairs(names),
    ]);
  } finally {
    if (!session.isDead) await session.settle("rollback");
  }
}
