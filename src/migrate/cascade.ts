/** What foreign keys take along when rows are deleted: rows by ON DELETE CASCADE, values by SET NULL and SET DEFAULT. */
import { ident } from "../db/identifier.ts";
import type { Statement } from "../db/script.ts";
import type { Session } from "../db/session.ts";
import { allOf, as } from "../db/tree.ts";
import { hasValue } from "../db/stored-value.ts";
import findCascading from "./cascading-keys.sql";
import type { Suspect } from "./suspect.ts";
import { placesOf, wholeTable } from "./suspect.ts";
import type { Names, Table } from "./table-names.ts";
import { columnThen, partsOf, resolveTable, sqlOf, tableThen } from "./table-names.ts";

/** A foreign key that acts when rows of the parent are deleted, or when what it refers to changes. */
export interface Key extends Table {
  readonly name: string;
  /** `c` CASCADE, `n` SET NULL, `d` SET DEFAULT. */
  readonly action: "c" | "n" | "d";
  readonly parentSchema: string;
  readonly parentTable: string;
  readonly parentKind: string;
  readonly columns: readonly string[];
  readonly parents: readonly string[];
  /** Of SET NULL and SET DEFAULT: the columns that are set. */
  readonly emptied: readonly string[];
}

const actions = { c: "ON DELETE CASCADE", n: "ON DELETE SET NULL", d: "ON DELETE SET DEFAULT" };

/**
 * Rows and values that go with the rows which `root` deletes, in every table that they reach. `gone`
 * names tables, columns and constraints that earlier statements of the rollback have dropped.
 */
export async function doomedByCascade(
  session: Session,
  root: Suspect,
  names: Names,
  gone: ReadonlySet<string>,
): Promise<Suspect[]> {
  if (root.verb !== "deletes from" || root.isForeign) return [];
  const found = await session.query<Key>(findCascading, [root.table]);
  const keys = found.filter((key) => !isGone(key, gone));
  const { now, later } = namingsOf(names);
  const suspects = new Map<string, Suspect>();
  for (const key of keys) {
    const whole = wholeTable("deletes from", key, [key.schema, key.table]);
    const base = { ...whole, tableThen: later.table(key), by: actions[key.action] };
    if (key.action === "c") {
      if (suspects.has(base.object)) continue;
      suspects.set(base.object, {
        ...base,
        rows: deletedRows(key, keys, root.rows, root.table, now),
        rowsThen: deletedRows(key, keys, root.rowsThen, root.table, later),
      });
      continue;
    }
    for (const column of key.emptied) {
      const object = `${base.object}.${ident(column)}`;
      suspects.set(`${object}\n${key.name}`, {
        ...base,
        verb: "overwrites",
        object,
        column,
        rows: emptiedRows(key, column, keys, root.rows, now),
        rowsThen: emptiedRows(key, column, keys, root.rowsThen, later),
      });
    }
  }
  return [...suspects.values()];
}

/** The constraint that a statement drops, as `gone` names it. */
export async function findDroppedConstraints(
  session: Session,
  { node }: Statement,
  names: Names,
): Promise<string[]> {
  const alter = as(node, "AlterTableStmt");
  const dropped = allOf(alter?.cmds, "AlterTableCmd").filter(
    ({ subtype }) => subtype === "AT_DropConstraint",
  );
  if (dropped.length === 0) return [];
  const table = await resolveTable(session, partsOf(alter?.relation), names);
  return table ? dropped.map(({ name = "" }) => constraintKey(table, name)) : [];
}

function constraintKey(table: Table, name: string): string {
  return `${sqlOf(table)}\n${name}`;
}

/** True for a key that earlier statements of the rollback have dropped, with its table or a column or alone. */
export function isGone(key: Key, gone: ReadonlySet<string>): boolean {
  return (
    gone.has(sqlOf(key)) ||
    gone.has(constraintKey(key, key.name)) ||
    key.columns.some((column) => gone.has(`${sqlOf(key)}.${ident(column)}`))
  );
}

/** How tables and columns are called: before the rollback, or by the time of the statement. */
export interface Naming {
  table(table: Table): string;
  column(table: Table, column: string): string;
}

export function namingsOf(names: Names): { readonly now: Naming; readonly later: Naming } {
  return {
    now: { table: sqlOf, column: (_table, column) => column },
    later: {
      table: (table) => tableThen(table, names),
      column: (table, column) => columnThen(table, column, names),
    },
  };
}

/** Rows of the table of `key` among the doomed; those that the statement itself names count with it. */
function deletedRows(
  key: Key,
  keys: readonly Key[],
  root: string,
  rootTable: string,
  naming: Naming,
): string {
  const others = sqlOf(key) === rootTable ? "" : `\nexcept ${placesOf(root)}`;
  return `select from ${naming.table(key)} as pgwright_x where (pgwright_x.tableoid, pgwright_x.ctid) in (
${doomedSql(keys, root, naming)}
select t, c from pgwright_doomed${others})`;
}

/** Rows that stay and have a value in `column`, which goes with the row that they refer to. */
function emptiedRows(
  key: Key,
  column: string,
  keys: readonly Key[],
  root: string,
  naming: Naming,
): string {
  const value = `pgwright_x.${ident(naming.column(key, column))}`;
  return `select from ${naming.table(key)} as pgwright_x where ${hasValue(value)} and (pgwright_x.tableoid, pgwright_x.ctid) in (
${doomedSql(keys, root, naming)}
select pgwright_e.ct, pgwright_e.cc from pgwright_doomed join (${pairsSql(key, naming)}) as pgwright_e on pgwright_e.pt = t and pgwright_e.pc = c
except select t, c from pgwright_doomed)`;
}

/**
 * All rows that go, by table and place. The keys are one relation of pairs, as a recursive query may
 * name itself but once, and the server is free to join either way round.
 */
function doomedSql(keys: readonly Key[], root: string, naming: Naming): string {
  const pairs = keys.filter(({ action }) => action === "c").map((key) => pairsSql(key, naming));
  if (pairs.length === 0) return `with pgwright_doomed (t, c) as (${placesOf(root)})`;
  return `with recursive pgwright_doomed (t, c) as (
  (${placesOf(root)})
  union
  select pgwright_e.ct, pgwright_e.cc from pgwright_doomed join (
    ${pairs.join("\n    union all\n    ")}
  ) as pgwright_e on pgwright_e.pt = t and pgwright_e.pc = c
)`;
}

/** Places of parents and of the rows that refer to them. */
export function pairsSql(key: Key, naming: Naming): string {
  const parent = { schema: key.parentSchema, table: key.parentTable, kind: key.parentKind };
  const on = key.columns.map((column, i) => {
    const there = naming.column(parent, key.parents[i] ?? "");
    return `pgwright_c.${ident(naming.column(key, column))} = pgwright_p.${ident(there)}`;
  });
  // A key knows nothing of children by inheritance, but all of partitions.
  const only = (kind: string) => (kind === "p" ? "" : "only ");
  return `select pgwright_p.tableoid as pt, pgwright_p.ctid as pc, pgwright_c.tableoid as ct, pgwright_c.ctid as cc from ${only(key.parentKind)}${naming.table(parent)} as pgwright_p join ${only(key.kind)}${naming.table(key)} as pgwright_c on ${on.join(" and ")}`;
}
