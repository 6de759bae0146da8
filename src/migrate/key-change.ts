/** What foreign keys change along when an UPDATE changes what they refer to: ON UPDATE CASCADE, SET NULL, SET DEFAULT. */
import { ident } from "../db/identifier.ts";
import type { Session } from "../db/session.ts";
import { hasValue } from "../db/stored-value.ts";
import type { Key, Naming } from "./cascade.ts";
import { isGone, namingsOf, pairsSql } from "./cascade.ts";
import type { Suspect } from "./suspect.ts";
import { placesOf, wholeTable } from "./suspect.ts";
import type { Names } from "./table-names.ts";
import findUpdating from "./updating-keys.sql";

/** Rows, `select from …`, as they are found before the rollback and by the time of the statement. */
interface Rows {
  readonly now: string;
  readonly later: string;
}

/** A column in which a statement changes values. */
export interface Change {
  /** As SQL, by its name of now. */
  readonly table: string;
  readonly column: string;
  /** Rows whose value becomes another. */
  readonly changed: Rows;
  /** Those of them whose value is in no other column afterwards. */
  readonly lost: Rows;
}

const actions = { c: "ON UPDATE CASCADE", n: "ON UPDATE SET NULL", d: "ON UPDATE SET DEFAULT" };

/**
 * Values that change with those which an UPDATE changes, over any number of tables. A key that CASCADEs
 * writes what the row it refers to has got: where that one keeps its old value beside the new one, nothing is
 * lost of it. SET NULL and SET DEFAULT lose which row it was.
 */
export async function doomedByKeyChange(
  session: Session,
  changes: readonly Change[],
  names: Names,
  gone: ReadonlySet<string>,
): Promise<Suspect[]> {
  const namings = namingsOf(names);
  const suspects: Suspect[] = [];
  // A circle of keys ends where it comes to the same column again.
  const seen = new Set<string>();
  let level = changes;
  while (level.length > 0) {
    const next: Change[] = [];
    for (const table of new Set(level.map((change) => change.table))) {
      const ofTable = level.filter((change) => change.table === table);
      const keys = await session.query<Key>(findUpdating, [table]);
      for (const key of keys.filter((one) => !isGone(one, gone))) {
        for (const { column, sources } of reachedBy(key, ofTable)) {
          const whole = wholeTable("overwrites", key, [key.schema, key.table]);
          const object = `${whole.object}.${ident(column)}`;
          const mark = `${object}\n${key.name}`;
          if (seen.has(mark) || gone.has(object)) continue;
          seen.add(mark);
          const rowsOf = (of: "changed" | "lost"): Rows => ({
            now: followedRows(
              key,
              column,
              sources.map((one) => one[of].now),
              namings.now,
            ),
            later: followedRows(
              key,
              column,
              sources.map((one) => one[of].later),
              namings.later,
            ),
          });
          const changed = rowsOf("changed");
          const lost = key.action === "c" ? rowsOf("lost") : changed;
          next.push({ table: whole.table, column, changed, lost });
          suspects.push({
            ...whole,
            tableThen: namings.later.table(key),
            by: actions[key.action],
            object,
            column,
            rows: lost.now,
            rowsThen: lost.later,
            atMost: `select from ${whole.table} where ${hasValue(ident(column))}`,
          });
        }
      }
    }
    level = next;
  }
  return suspects;
}

/** The columns that the key writes to, each with the changes that bring it about. */
function reachedBy(
  { action, columns, parents }: Key,
  changes: readonly Change[],
): { column: string; sources: Change[] }[] {
  const reached = columns.map((column, i) => ({
    column,
    sources: changes.filter((one) =>
      // All columns of the key are set when one changes; CASCADE writes those that do.
      action === "c" ? one.column === parents[i] : parents.includes(one.column),
    ),
  }));
  return reached.filter(({ sources }) => sources.length > 0);
}

/** Rows that refer to any of these, and have a value in the column. */
function followedRows(
  key: Key,
  column: string,
  sources: readonly string[],
  naming: Naming,
): string {
  const places = sources.map((rows) => placesOf(rows)).join("\nunion\n");
  const value = `pgwright_x.${ident(naming.column(key, column))}`;
  return `select from ${naming.table(key)} as pgwright_x where ${hasValue(value)} and (pgwright_x.tableoid, pgwright_x.ctid) in (
with pgwright_changed (t, c) as (${places}\n)
select pgwright_e.ct, pgwright_e.cc from pgwright_changed join (${pairsSql(key, naming)}) as pgwright_e on pgwright_e.pt = t and pgwright_e.pc = c)`;
}
