/** SQL that puts kept rows back. */
import { ident, literal } from "../../db/identifier.ts";
import { alwaysSql, castSql, insertFromKept } from "./assign-sql.ts";
import { matchSql } from "./keep-sql.ts";
import { rowNote, takenNote } from "./note-sql.ts";
import type { Kept } from "./shape.ts";
import { keptTable, keptText, rowText } from "./shape.ts";

/** Of rows that are there already, those with the same key become what was kept; none is removed. */
export function rowsBackSql(whole: readonly Kept[], made: ReadonlySet<string>): string[] {
  const isMade = ({ shape }: Kept) => shape.key !== null && made.has(shape.table);
  const always = [
    ...new Map(
      whole.filter(isMade).map(({ shape }) => [shape.table, alwaysSql(shape, shape.columns)]),
    ).values(),
  ];
  const parts = whole.flatMap((one, i) => {
    const { key } = one.shape;
    if (!key) return [insertCounted(one, i)];
    return isMade(one) ? overMade(one, key, i) : overKey(one, key, i);
  });
  return [
    ...always.flatMap(({ before }) => before),
    `with ${parts.join(",\n  ")}
  select 0 into pgwright_left`,
    ...always.flatMap(({ after }) => after),
  ];
}

function insertSql({ shape }: Kept, i: number, source: string, where: string): string {
  return `i${i} as (${insertFromKept(shape)} from ${source} where ${where} order by pgwright_k.pgwright_row)`;
}

const fromKept = ({ id }: Kept) => `${keptTable(id)} as pgwright_k`;

const isThere = ({ shape }: Pick<Kept, "shape">, where: string) =>
  `exists (select from ${shape.table} as pgwright_t where ${where})`;

/** Without a key: as many of those alike as are missing. */
function insertCounted(one: Kept, i: number): string {
  const { table, columns } = one.shape;
  const names = columns.map(({ name }) => name);
  const text = rowText("pgwright_t", columns);
  const numbered = `(select pgwright_n.*, row_number() over (partition by ${keptText("pgwright_n", names)} order by pgwright_n.pgwright_row) as pgwright_nth from ${keptTable(one.id)} as pgwright_n) as pgwright_k`;
  const there = `select ${text} as l, row_number() over (partition by ${text}) as n from ${table} as pgwright_t`;
  return insertSql(
    one,
    i,
    numbered,
    `not exists (select from (${there}) as pgwright_e where pgwright_e.l = ${keptText("pgwright_k", names)} and pgwright_e.n = pgwright_k.pgwright_nth)`,
  );
}

/** The conditions for a row that the migration makes again, equal in any unique key to the one that was kept. */
function madeSql({ shape }: Pick<Kept, "shape">, key: readonly string[]) {
  const match = matchSql(key, key);
  // All rows of a table that was dropped are newer; in one that stayed, those of this transaction.
  const isNew = shape.kind === "rows" ? "true" : "pgwright_t.xmin = pg_current_xact_id()::xid";
  return { own: `${isNew} and ${isSame(shape, key)}`, older: `not (${isNew}) and ${match}` };
}

function isSame({ uniques }: Kept["shape"], key: readonly string[]): string {
  const same = (uniques ?? [key]).map((names) => `(${matchSql(names, names)})`);
  return `(${same.join(" or ")})`;
}

/** Such a row becomes the one that was kept. */
function overMade(one: Kept, key: readonly string[], i: number): string[] {
  const match = matchSql(key, key);
  const { own, older } = madeSql(one, key);
  return [
    insertSql(one, i, fromKept(one), `not ${isThere(one, match)} and not ${isThere(one, own)}`),
    updateRowsSql(one, i, one.shape.columns, `${own} and not ${isThere(one, older)}`),
  ];
}

/** The condition for a row `pgwright_t` that becomes the kept one; none does where it is undefined. */
export function becomesSql(
  one: Pick<Kept, "id" | "shape">,
  key: readonly string[],
  isMade: boolean,
): string | undefined {
  if (!isMade) return one.shape.kind === "rows" ? matchSql(key, key) : undefined;
  const { own, older } = madeSql(one, key);
  return `${own} and not ${isThere(one, older)}`;
}

/**
 * The same by hand, when the migration is long done: a row becomes the kept one if it is still as the
 * migration left it. Any other that is in the way is newer, and a unique index says so; but for one
 * that was there before, which stays.
 */
export function rowsByHandSql(whole: readonly Kept[]): string[] {
  const keyed = whole.filter(({ shape }) => shape.key !== null);
  const always = [
    ...new Map(keyed.map(({ shape }) => [shape.table, alwaysSql(shape, shape.columns)])).values(),
  ];
  const parts = whole.flatMap((one, i) => {
    const { key, columns } = one.shape;
    if (!key) return [insertCounted(one, i)];
    const becomes = `${isSame(one.shape, key)} and pgwright_k.pgwright_noted = ${rowNote(columns)}`;
    const stays = `coalesce(pgwright_k.pgwright_noted = ${literal(takenNote)}, false) and ${isThere(one, matchSql(key, key))}`;
    return [
      insertSql(one, i, fromKept(one), `not ${isThere(one, becomes)} and not (${stays})`),
      updateRowsSql(one, i, columns, becomes),
    ];
  });
  return [
    ...always.flatMap(({ before }) => before),
    `with ${parts.join(",\n  ")}
  select 0 into pgwright_left`,
    ...always.flatMap(({ after }) => after),
  ];
}

function overKey(one: Kept, key: readonly string[], i: number): string[] {
  const { shape } = one;
  const match = matchSql(key, key);
  const missing = insertSql(one, i, fromKept(one), `not ${isThere(one, match)}`);
  const set = shape.columns.filter(({ name, isAlways }) => !isAlways && !key.includes(name));
  if (shape.kind === "deleted" || set.length === 0) return [missing];
  return [missing, updateRowsSql(one, i, set, match)];
}

function updateRowsSql(
  one: Kept,
  i: number,
  columns: Kept["shape"]["columns"],
  where: string,
): string {
  const assign = columns.map((column) => `${ident(column.name)} = ${castSql(column)}`).join(", ");
  return `u${i} as (update ${one.shape.table} as pgwright_t set ${assign} from ${fromKept(one)} where ${where})`;
}
