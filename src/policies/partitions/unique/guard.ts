/**
 * The guard of a key that no unique index can keep across partitions, because such an index must
 * hold the partition key: a table with the values as primary key, written by a trigger.
 */
import { ident, literal, qualified } from "../../../db/identifier.ts";
import { hasValue } from "../../../db/stored-value.ts";
import { defaultName } from "../../../schema/default-name.ts";

/** Columns whose values, taken together, may occur once in the whole table. */
export interface UniqueKey {
  readonly columns: readonly string[];
  /** How values are compared: as they are, or in lower case. */
  readonly key: "exact" | "lower";
}

export interface GuardedColumn {
  readonly name: string;
  readonly type: string;
  /** Quoted; null where it is the database's, or none. */
  readonly collation: string | null;
  /** A composite type, or a domain over one. */
  readonly isComposite: boolean;
  /** text, varchar, citext, … */
  readonly isText: boolean;
}

export interface Guard {
  readonly key: UniqueKey;
  readonly schema: string;
  /** One name for the guard's table, its function and its trigger. */
  readonly name: string;
  /** The same as SQL, with the schema. */
  readonly id: string;
  /** `app.users`, quoted. */
  readonly table: string;
  /** Marks table and function as ours; see guarded-table.sql. */
  readonly comment: string;
  readonly createTable: string;
  readonly body: string;
  readonly createFunction: string;
  readonly createTrigger: string;
  readonly backfill: string;
  /** Rows: how many values occur more than once (`values`), in how many rows (`rows`). */
  readonly countDuplicates: string;
  /** For a person: lists them. */
  readonly listDuplicates: string;
  /** Columns of the guard's table. */
  readonly columns: readonly string[];
}

export interface GuardOptions {
  readonly schema: string;
  readonly table: string;
  readonly key: UniqueKey;
  readonly columns: readonly GuardedColumn[];
  readonly primaryKey: readonly string[];
  /** Names in the schema that the primary key of a new guard cannot have. */
  readonly takenNames: ReadonlySet<string>;
}

/** `<table>_<columns>_guard`, shortened as PostgreSQL shortens names. */
export function guardName(table: string, { columns }: UniqueKey): string {
  return defaultName(table, columns.join("_"), "guard");
}

/** "(email)", "lower of (email)": for people. */
export function describeKey({ columns, key }: UniqueKey): string {
  return `${key === "lower" ? "lower " : ""}(${columns.map(ident).join(", ")})`;
}

/**
 * Everything that makes a guard. As a unique constraint does, it leaves out rows with a null among
 * the columns. The primary key bears the name that UNIQUE (…) would have had, so that an application
 * that reads it from error 23505 finds what it expects.
 */
export function planGuard(options: GuardOptions): Guard {
  const { schema, table, key, primaryKey } = options;
  const name = guardName(table, key);
  const id = qualified(schema, name);
  const of = qualified(schema, table);
  const typeOf = (column: string) => options.columns.find((one) => one.name === column);
  const isLower = (column: string) => key.key === "lower" && typeOf(column)?.isText === true;
  const valueName = (column: string) => ident(defaultName(column, undefined, "key"));
  const expression = (column: string, row = "") =>
    isLower(column) ? `lower(${row}${ident(column)}::text)` : `${row}${ident(column)}`;
  const values = key.columns.map(valueName);
  const owners = primaryKey.map(ident);
  const wished = defaultName(table, key.columns.join("_"), "key");
  const constraint = options.takenNames.has(wished) ? defaultName(name, undefined, "key") : wished;
  const define = (column: string) => {
    const found = typeOf(column);
    const collation = found?.collation == null ? "" : ` collate ${found.collation}`;
    return isLower(column) ? `text${collation}` : `${found?.type ?? ""}${collation}`;
  };
  const isThere = (row: string) =>
    key.columns
      .map((column) => {
        const value = `${row}${ident(column)}`;
        return typeOf(column)?.isComposite === true ? hasValue(value) : `${value} is not null`;
      })
      .join(" and ");
  const isOwner = (row: string) =>
    owners.map((column) => `${column} = ${row}.${column}`).join(" and ");
  const body = `
begin
  if tg_op = 'DELETE' then
    delete from ${id} where ${isOwner("old")};
  elsif ${isThere("new.")} then
    insert into ${id} (${[...values, ...owners].join(", ")})
    values (${[...key.columns.map((column) => expression(column, "new.")), ...owners.map((column) => `new.${column}`)].join(", ")})
    on conflict (${owners.join(", ")}) do update set ${values.map((column) => `${column} = excluded.${column}`).join(", ")};
  else
    delete from ${id} where ${isOwner("new")};
  end if;
  return null;
end`;
  const comment = `pgwright globally_unique: keeps ${describeKey(key)} unique across the partitions of ${of}; written by a trigger only`;
  const group = key.columns.map((column) => expression(column)).join(", ");
  const duplicates = `from ${of} where ${isThere("")} group by ${group} having count(*) > 1`;
  return {
    key,
    schema,
    name,
    id,
    table: of,
    comment,
    columns: [...key.columns.map((column) => defaultName(column, undefined, "key")), ...primaryKey],
    createTable: [
      `create table ${id} (`,
      [
        ...key.columns.map((column) => `  ${valueName(column)} ${define(column)} not null`),
        ...primaryKey.map((column) => `  ${ident(column)} ${defineAsIs(typeOf(column))} not null`),
        `  constraint ${ident(constraint)} primary key (${values.join(", ")})`,
        `  unique (${owners.join(", ")})`,
        `  foreign key (${owners.join(", ")}) references ${of} (${owners.join(", ")}) on update cascade on delete cascade`,
      ].join(",\n"),
      ")",
    ].join("\n"),
    body,
    // The plan setting is for the check of the foreign key: against a partitioned table PostgreSQL
    // plans it anew for every row, which makes an insert take twice as long.
    createFunction: `create or replace function ${id}() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as ${dollarQuote(body)}`,
    createTrigger: `create trigger ${ident(name)} after insert or delete or update of ${[...new Set([...key.columns, ...primaryKey])].map(ident).join(", ")} on ${of} for each row execute function ${id}()`,
    backfill: `insert into ${id} (${[...values, ...owners].join(", ")}) select ${[...key.columns.map((column) => expression(column)), ...owners].join(", ")} from ${of} where ${isThere("")}`,
    countDuplicates: `select count(*)::float8 as values, coalesce(sum(n), 0)::float8 as rows from (select count(*) as n ${duplicates}) d`,
    listDuplicates: `select ${group}, count(*) ${duplicates}`,
  };
}

/** A column of the primary key is compared as it is. */
function defineAsIs(column: GuardedColumn | undefined): string {
  return `${column?.type ?? ""}${column?.collation == null ? "" : ` collate ${column.collation}`}`;
}

function dollarQuote(body: string): string {
  let tag = "$guard$";
  for (let number = 2; body.includes(tag); number += 1) tag = `$guard${number}$`;
  return `${tag}${body}\n${tag}`;
}

/** COMMENT ON for table and function. */
export function commentsOf({ id, comment }: Guard): string[] {
  return [
    `comment on table ${id} is ${literal(comment)}`,
    `comment on function ${id}() is ${literal(comment)}`,
  ];
}
