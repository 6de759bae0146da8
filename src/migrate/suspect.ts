/** Rows and values that a statement removes, also those that go with types, schemas and owners. */
import { ident } from "../db/identifier.ts";
import type { Session } from "../db/session.ts";
import { hasValue } from "../db/stored-value.ts";
import findDoomedByDrop from "./doomed-by-drop.sql";
import findDoomedByOwner from "./doomed-by-owner.sql";
import type { Table } from "./table-names.ts";
import { dotted, sqlOf } from "./table-names.ts";

/** What happens to the rows or values; reads on with `Suspect.object`. */
export type LossVerb = "drops" | "deletes from" | "empties" | "changes values of" | "overwrites";

/** A set of rows, or of values in a column, that a statement removes. */
export interface Suspect {
  readonly verb: LossVerb;
  /** For people: `app.users` or `app.users.middle_name`. */
  readonly object: string;
  /** The column whose values go, as it is called now; absent where whole rows go. */
  readonly column?: string;
  /** The table as it is called now, before the rollback. */
  readonly table: string;
  /** The table as the statement finds it, after the renames before it. */
  readonly tableThen: string;
  /** The rows that would be lost, now and then: `select from …`. */
  readonly rows: string;
  readonly rowsThen: string;
  /** A foreign table or a view: its rows are stored elsewhere, and its own size says nothing. */
  readonly isForeign: boolean;
  /** What brings it about where the statement does not name it: "ON DELETE CASCADE". */
  readonly by?: string;
  /** Conditions for a row `pgwright_t` of the table that is lost here: others lose the rest, or it stays. */
  readonly spared?: readonly string[];
  /** `rows` are all of the table: which of them go is not known before. */
  readonly isUpperBound?: boolean;
  /** The rows at most, `select from …`, where `rows` uses names that are not there yet. */
  readonly atMost?: string;
  /** Why nobody can tell which rows these are; then they are neither counted nor kept. */
  readonly untold?: string;
  /** For a column that gets another type: what is left to look at when the way back fails. */
  readonly conversion?: Conversion;
}

/** How values become those of another type; `Suspect.rows` are those that do not come back from it. */
export interface Conversion {
  /** Rows whose value becomes null, now and then: finding them needs no way back. */
  readonly nulls: string;
  readonly nullsThen: string;
  /** The column as the statement calls it. */
  readonly columnThen: string;
  /** `Suspect.rowsThen` around the name of the column's type, which may have been renamed by then. */
  readonly rowsAround: readonly [string, string];
}

/** Whatever goes with these objects, by what the catalog says depends on them. */
export async function doomedWith(
  session: Session,
  objects: readonly { readonly class: string; readonly oid: string }[],
): Promise<Suspect[]> {
  if (objects.length === 0) return [];
  const rows = await session.query<Table & { column: string | null }>(findDoomedByDrop, [
    `{${objects.map((object) => object.class).join()}}`,
    `{${objects.map((object) => object.oid).join()}}`,
  ]);
  return rows.map((row) => {
    const whole = wholeTable("drops", row, [row.schema, row.table]);
    if (row.column === null) return whole;
    const values = `${whole.rows} where ${hasValue(ident(row.column))}`;
    return {
      ...whole,
      object: `${whole.object}.${ident(row.column)}`,
      column: row.column,
      rows: values,
      rowsThen: values,
    };
  });
}

/** Catalog and oid of the objects that exist; `lookup` turns a name ($1) into an oid. */
export async function findObjects(
  session: Session,
  catalog: string,
  lookup: string,
  objects: readonly string[],
): Promise<{ class: string; oid: string }[]> {
  const found: { class: string; oid: string }[] = [];
  for (const name of objects) {
    const row = await session.one<{ class: string; oid: string | null }>(
      `select '${catalog}'::regclass::oid::text as class, ${lookup}::oid::text as oid`,
      [name],
    );
    if (row.oid !== null) found.push({ class: row.class, oid: row.oid });
  }
  return found;
}

/** What DROP OWNED BY these roles removes. */
export async function doomedByOwners(
  session: Session,
  roles: readonly string[],
): Promise<Suspect[]> {
  const objects = await session.query<{ class: string; oid: string }>(findDoomedByOwner, [
    textArray(roles),
  ]);
  return doomedWith(session, objects);
}

export function wholeTable(verb: LossVerb, table: Table, partsThen: readonly string[]): Suspect {
  const now = sqlOf(table);
  const then = dotted(partsThen);
  return {
    verb,
    object: now,
    table: now,
    tableThen: then,
    rows: `select from ${now}`,
    rowsThen: `select from ${then}`,
    isForeign: table.kind === "f" || table.kind === "v",
  };
}

/** DELETE and UPDATE take single rows: readers need not be locked out. */
export function takesSingleRows({ verb }: Suspect): boolean {
  return verb === "deletes from" || verb === "overwrites";
}

/** Rows that are deleted are a part of those that go with the table. */
export function reachOfSuspect(suspect: Suspect): number {
  return takesSingleRows(suspect) && suspect.column === undefined ? 0 : 1;
}

/** Equal for suspects of which one may take what the other does. */
export function partOf({ object, spared = [] }: Suspect): string {
  return [object, ...spared].join("\n");
}

/** The suspect as far as these conditions hold for its rows `pgwright_t`, now and by then. */
export function sparing(
  suspect: Suspect,
  now: readonly string[],
  then: readonly string[] = [],
): Suspect {
  const { table, tableThen, rows, rowsThen } = suspect;
  return {
    ...suspect,
    rows: rowsWhere(table, rows, now),
    rowsThen: rowsWhere(tableThen, rowsThen, then),
    spared: [...(suspect.spared ?? []), ...now],
  };
}

function rowsWhere(table: string, rows: string, conditions: readonly string[]): string {
  if (conditions.length === 0) return rows;
  const isWhole = rows === `select from ${table}`;
  const place = `(pgwright_t.tableoid, pgwright_t.ctid) in (${placesOf(rows)}\n)`;
  return `select from ${table} as pgwright_t where ${[...(isWhole ? [] : [place]), ...conditions].join(" and ")}`;
}

/** Table and place of each of these rows (`select from …`): what tells them apart within a transaction. */
export function placesOf(rows: string): string {
  return rows.replace(/^select\b/i, "select tableoid, ctid");
}

/** The rows of either, where both are of one table or one column. */
export function uniteSuspects(one: Suspect, other: Suspect): Suspect {
  const either = (table: string, rows: readonly string[]) => {
    const places = rows.map(
      (part) => `(pgwright_m.tableoid, pgwright_m.ctid) in (${placesOf(part)})`,
    );
    return `select from ${table} as pgwright_m where ${places.join(" or ")}`;
  };
  const most = (suspect: Suspect) => suspect.atMost ?? suspect.rows;
  return {
    ...one,
    rows: either(one.table, [one.rows, other.rows]),
    rowsThen: either(one.tableThen, [one.rowsThen, other.rowsThen]),
    isUpperBound: one.isUpperBound === true || other.isUpperBound === true,
    ...(one.atMost === undefined && other.atMost === undefined
      ? {}
      : { atMost: either(one.table, [most(one), most(other)]) }),
  };
}

/** An array literal of texts. */
function textArray(values: readonly string[]): string {
  return `{${values.map((value) => `"${value.replaceAll(/["\\]/g, "\\$&")}"`).join()}}`;
}
