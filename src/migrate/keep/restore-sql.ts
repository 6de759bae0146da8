/** SQL that puts kept data back, in the transaction that ends the migration. */
import { ident, literal } from "../../db/identifier.ts";
import { matchSql } from "./keep-sql.ts";
import { isFurther } from "./positions-sql.ts";
import { rowsBackSql } from "./rows-back-sql.ts";
import { settleSql } from "./settle-sql.ts";
import type { Kept } from "./shape.ts";
import { inSteadySettings, keptTable } from "./shape.ts";
import { valuesBackSql } from "./values-back-sql.ts";

/**
 * Before the migration begins: which rows are not what the rollback left. Their values are put back
 * only where the migration itself leaves none.
 */
export function noteChangesSql(
  kept: readonly Kept[],
  around: (body: readonly string[]) => readonly string[] = (body) => body,
): string[] {
  return kept.flatMap(({ id, shape }) => {
    const { kind, key, after } = shape;
    return key && after && kind === "values"
      ? [
          inSteadySettings(
            [],
            around([
              `if to_regclass(${literal(after.table)}) is not null then
    ${after.key.map((name) => requireColumn(after.table, name)).join("\n    ")}
    update ${keptTable(id)} as pgwright_k set pgwright_changed = true
    from ${after.table} as pgwright_t where ${matchSql(key, after.key)} and md5(pgwright_t::text) is distinct from pgwright_k.pgwright_after;
  end if`,
            ]),
            { of: [shape] },
          ),
        ]
      : [];
  });
}

/** The error is the server's own for such a column, in words that name no alias of ours. */
function requireColumn(table: string, name: string): string {
  const message = `${table} has no column ${ident(name)} any more, by which its rows are found`;
  return `if not exists (select from pg_attribute where attrelid = to_regclass(${literal(table)}) and attname = ${literal(name)} and not attisdropped) then
      raise exception using errcode = 'undefined_column', message = ${literal(message)};
    end if;`;
}

/**
 * One DO block for all of a migration. Triggers of users do not fire: what they would note or
 * change has been noted and changed before. All rows of all tables come in one statement, so that
 * foreign keys are looked at when the last one is there. `made` are the tables in which every row that
 * the transaction has written is a new one.
 */
export function restoreSql(kept: readonly Kept[], made: ReadonlySet<string>): string[] {
  if (kept.length === 0) return [];
  const way: WayBack = {
    rows: (whole) => rowsBackSql(whole, made),
    values: (one) => valuesBackSql(one),
  };
  return [restoreBody(kept, way)];
}

/** How rows and values get where they were. */
interface WayBack {
  rows(whole: readonly Kept[]): string[];
  values(kept: Kept): string[];
}

/** All kept data of one migration, by way of `way`. */
export function restoreBody(kept: readonly Kept[], way: WayBack): string {
  const tables = tablesOf(kept);
  const whole = kept.filter(({ shape }) => shape.kind === "rows" || shape.kind === "deleted");
  const values = kept.filter(({ shape }) => shape.kind === "values");
  // Rows of the same table must be there before its values are counted out among them.
  const isFirst = ({ shape }: Kept) =>
    shape.isReferred === true && !whole.some((one) => one.shape.table === shape.table);
  return inSteadySettings(
    [
      "pgwright_trigger record",
      "pgwright_again text[] := '{}'",
      "pgwright_sql text",
      "pgwright_sequence record",
      "pgwright_now record",
      "pgwright_left bigint",
    ],
    [
      "set constraints all immediate",
      ...lockSql(kept),
      ...triggersOffSql(tables),
      ...values.filter((one) => isFirst(one)).flatMap((one) => way.values(one)),
      ...(whole.length > 0 ? way.rows(whole) : []),
      ...values.filter((one) => !isFirst(one)).flatMap((one) => way.values(one)),
      ...kept.map(sequencesSql),
      ...kept.flatMap(settleSql),
      `foreach pgwright_sql in array pgwright_again loop
    execute pgwright_sql;
  end loop`,
    ],
    { of: kept.map(({ shape }) => shape) },
  );
}

const tablesOf = (kept: readonly Kept[]) => [
  ...new Set(
    kept.filter(({ shape }) => shape.kind !== "positions").map(({ shape }) => shape.table),
  ),
];

/** Nobody else writes meanwhile. */
export function lockSql(kept: readonly Kept[]): string[] {
  const tables = tablesOf(kept);
  return tables.length === 0 ? [] : [`lock table ${tables.join(", ")} in share row exclusive mode`];
}

function triggersOffSql(tables: readonly string[]): string[] {
  if (tables.length === 0) return [];
  const list = tables.map((table) => `${literal(table)}::regclass`).join(", ");
  return [
    `for pgwright_trigger in
    select format('alter table %s disable trigger %I', t.tgrelid::regclass, t.tgname) as off,
           format('alter table %s enable %s trigger %I', t.tgrelid::regclass,
                  case t.tgenabled when 'A' then 'always' when 'R' then 'replica' else '' end, t.tgname) as sql
    from pg_trigger t
    where t.tgrelid in (
        select relid from unnest(array[${list}]) root, lateral (select root union select p.relid from pg_partition_tree(root) p) all_of (relid))
      and not t.tgisinternal and t.tgparentid = 0 and t.tgenabled <> 'D'
    order by t.tgrelid::int8, t.tgname
  loop
    execute pgwright_trigger.off;
    pgwright_again := pgwright_again || pgwright_trigger.sql;
  end loop`,
  ];
}

/** A sequence goes on behind the values that were kept: that of the column, else the one of that name. */
function sequencesSql({ id, shape }: Kept): string {
  const table =
    shape.kind === "positions" ? `s."table"` : `coalesce(s."table", ${literal(shape.table)})`;
  return `for pgwright_sequence in
    select coalesce(
        (select pg_get_serial_sequence(${table}, a.attname) from pg_attribute a
         where a.attrelid = to_regclass(${table}) and a.attname = s."column" and not a.attisdropped),
        (select c.oid::regclass::text from pg_class c where c.oid = to_regclass(s.name) and c.relkind = 'S')) as name,
      s.oid, s.last, s.called
    from pgwright.kept_data d, jsonb_to_recordset(d.sequences) as s (oid bigint, name text, "table" text, "column" text, last bigint, called boolean)
    where d.id = ${id}
  loop
    if pgwright_sequence.name is null then continue; end if;
    execute format('select s.last_value as last, s.is_called as called, q.seqincrement > 0 as rises from %s s, pg_sequence q where q.seqrelid = %L::regclass', pgwright_sequence.name, pgwright_sequence.name) into pgwright_now;
    if ${isFurther("pgwright_sequence", "pgwright_now", "pgwright_now.rises")} then
      perform setval(pgwright_sequence.name, pgwright_sequence.last, pgwright_sequence.called);
    end if;${
      shape.kind === "positions"
        ? `
    -- What is left has found no sequence.
    update pgwright.kept_data set sequences = (select coalesce(jsonb_agg(e), '[]') from jsonb_array_elements(sequences) e where (e->>'oid')::bigint <> pgwright_sequence.oid) where id = ${id};`
        : ""
    }
  end loop`;
}
