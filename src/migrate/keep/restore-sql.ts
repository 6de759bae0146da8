/** SQL that puts kept data back, in the transaction that ends the migration. */
import { ident, literal } from "../../db/identifier.ts";
import { matchSql } from "./keep-sql.ts";
import type { Shape } from "./shape.ts";
import { inSteadySettings, keptText, keptTable, rowText, textOf } from "./shape.ts";

/** Data that wait for their migration. */
export interface Kept {
  readonly id: string;
  readonly version: string;
  readonly object: string;
  readonly shape: Shape;
  readonly rows: string | null;
}

/**
 * Before the migration begins: which rows are not what the rollback left. Their values are put back
 * only where the migration itself leaves none.
 */
export function noteChangesSql(kept: readonly Kept[]): string[] {
  return kept.flatMap(({ id, shape: { kind, key, after } }) =>
    key && after && kind === "values"
      ? [
          inSteadySettings(
            [],
            [
              `if to_regclass(${literal(after.table)}) is not null then
    update ${keptTable(id)} as pgwright_k set pgwright_changed = true
    from ${after.table} as pgwright_t where ${matchSql(key, after.key)} and md5(pgwright_t::text) is distinct from pgwright_k.pgwright_after;
  end if`,
            ],
          ),
        ]
      : [],
  );
}

/**
 * One DO block for all of a migration. Triggers of users do not fire: what they would note or
 * change has been noted and changed before. All rows of all tables come in one statement, so that
 * foreign keys are looked at when the last one is there. `made` are the tables in which every row that
 * the transaction has written is a new one.
 */
export function restoreSql(kept: readonly Kept[], made: ReadonlySet<string>): string[] {
  if (kept.length === 0) return [];
  const tables = [...new Set(kept.map(({ shape }) => shape.table))];
  const whole = kept.filter(({ shape }) => shape.kind !== "values");
  const values = kept.filter(({ shape }) => shape.kind === "values");
  return [
    inSteadySettings(
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
        `lock table ${tables.join(", ")} in share row exclusive mode`,
        triggersOffSql(tables),
        ...(whole.length > 0 ? rowsSql(whole, made) : []),
        ...values.flatMap(valuesSql),
        ...kept.map(sequencesSql),
        ...kept.flatMap(settleSql),
        `foreach pgwright_sql in array pgwright_again loop
    execute pgwright_sql;
  end loop`,
      ],
    ),
  ];
}

function triggersOffSql(tables: readonly string[]): string {
  const list = tables.map((table) => `${literal(table)}::regclass`).join(", ");
  return `for pgwright_trigger in
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
  end loop`;
}

/** Of rows that are there already, those with the same key become what was kept; none is removed. */
function rowsSql(whole: readonly Kept[], made: ReadonlySet<string>): string[] {
  const isMade = ({ shape }: Kept) => shape.key !== null && made.has(shape.table);
  const always = [
    ...new Map(
      whole.filter(isMade).map(({ shape }) => [shape.table, alwaysSql(shape, shape.columns)]),
    ).values(),
  ];
  const parts = whole.flatMap((one, i) => {
    const { shape } = one;
    const columns = shape.columns.map(({ name }) => name);
    const list = columns.map((name) => ident(name)).join(", ");
    const values = shape.columns.map(castSql).join(", ");
    const target = columns.length > 0 ? ` (${list}) overriding system value` : "";
    const from = `${keptTable(one.id)} as pgwright_k`;
    const insert = (source: string, where: string) =>
      `i${i} as (insert into ${shape.table}${target} select ${values} from ${source} where ${where} order by pgwright_k.pgwright_row)`;
    const { key } = shape;
    if (!key) {
      const text = rowText("pgwright_t", columns);
      const numbered = `(select pgwright_n.*, row_number() over (partition by ${keptText("pgwright_n", columns)} order by pgwright_n.pgwright_row) as pgwright_nth from ${keptTable(one.id)} as pgwright_n) as pgwright_k`;
      const there = `select ${text} as l, row_number() over (partition by ${text}) as n from ${shape.table} as pgwright_t`;
      return insert(
        numbered,
        `not exists (select from (${there}) as pgwright_e where pgwright_e.l = ${keptText("pgwright_k", columns)} and pgwright_e.n = pgwright_k.pgwright_nth)`,
      );
    }
    const match = matchSql(key, key);
    const isThere = (where: string) =>
      `exists (select from ${shape.table} as pgwright_t where ${where})`;
    if (isMade(one)) {
      // A row that the migration makes again, equal in any unique key, becomes the one that was kept.
      const same = (shape.uniques ?? [key]).map((names) => `(${matchSql(names, names)})`);
      // All rows of a table that was dropped are newer; in one that stayed, those of this transaction.
      const isNew = shape.kind === "rows" ? "true" : "pgwright_t.xmin = pg_current_xact_id()::xid";
      const own = `${isNew} and (${same.join(" or ")})`;
      const all = shape.columns.map((column) => `${ident(column.name)} = ${castSql(column)}`);
      const older = `not (${isNew}) and ${match}`;
      return [
        insert(from, `not ${isThere(match)} and not ${isThere(own)}`),
        `u${i} as (update ${shape.table} as pgwright_t set ${all.join(", ")} from ${from} where ${own} and not exists (select from ${shape.table} as pgwright_t where ${older}))`,
      ];
    }
    const missing = insert(from, `not ${isThere(match)}`);
    const set = shape.columns.filter(({ name, isAlways }) => !isAlways && !key.includes(name));
    if (shape.kind === "deleted" || set.length === 0) return missing;
    const assign = set.map((column) => `${ident(column.name)} = ${castSql(column)}`).join(", ");
    return [
      missing,
      `u${i} as (update ${shape.table} as pgwright_t set ${assign} from ${from} where ${match})`,
    ];
  });
  return [
    ...always.flatMap(({ before }) => before),
    `with ${parts.join(",\n  ")}
  select 0 into pgwright_left`,
    ...always.flatMap(({ after }) => after),
  ];
}

/** Without the modifiers of the column: an assignment refuses what a cast would cut. */
export function castSql({ name, type }: Pick<Shape["columns"][number], "name" | "type">): string {
  return `pgwright_k.${ident(name)}::${type}`;
}

function valuesSql(kept: Kept): string[] {
  const { before, after } = alwaysSql(kept.shape, kept.shape.columns);
  return [...before, updateSql(kept), ...after];
}

/** All values of a row in one go: an UPDATE moves the row, and with it its number among those alike. */
export function updateSql({ id, shape }: Kept): string {
  const { columns, key, others, table } = shape;
  const mayPut = ({ name }: { readonly name: string }) =>
    key
      ? `(not pgwright_k.pgwright_changed or (pgwright_t.${ident(name)} is not distinct from null and pgwright_k.${ident(name)} is not null))`
      : "true";
  const assign = columns
    .map(
      (column) =>
        `${ident(column.name)} = case when ${mayPut(column)} then ${castSql(column)} else pgwright_t.${ident(column.name)} end`,
    )
    .join(", ");
  const differs = columns
    .map(
      ({ name }) =>
        `${mayPut({ name })} and ${textOf("pgwright_t", name)} is distinct from pgwright_k.${ident(name)}`,
    )
    .join(" or ");
  const update = key
    ? `update ${table} as pgwright_t set ${assign} from ${keptTable(id)} as pgwright_k
    where ${matchSql(key, key)} and (${differs})`
    : `update ${table} as pgwright_t set ${assign}
    from ${keptTable(id)} as pgwright_k, ${numberedSql(table, others)} as pgwright_n
    where ${sameNumberSql} and (${differs})`;
  return update;
}

/** GENERATED ALWAYS is lifted while its columns are updated: PostgreSQL lets nothing but DEFAULT into them. */
function alwaysSql(
  { table }: Shape,
  columns: Shape["columns"],
): { readonly before: string[]; readonly after: string[] } {
  const alter = (how: string) =>
    columns
      .filter(({ isAlways }) => isAlways)
      .map(
        ({ name }) =>
          `execute ${literal(`alter table ${table} alter column ${ident(name)} set generated ${how}`)}`,
      );
  return { before: alter("by default"), after: alter("always") };
}

const sameNumberSql = `pgwright_n.l = pgwright_k.pgwright_like and pgwright_n.n = pgwright_k.pgwright_nth
      and pgwright_t.tableoid = pgwright_n.o and pgwright_t.ctid = pgwright_n.c`;

/** The rows of a table with the text of what tells them apart, and a number among those alike. */
function numberedSql(table: string, others: readonly string[]): string {
  const text = rowText("pgwright_o", others);
  return `(select pgwright_o.tableoid as o, pgwright_o.ctid as c, ${text} as l,
      row_number() over (partition by ${text} order by pgwright_o.tableoid, pgwright_o.ctid) as n
      from ${table} as pgwright_o)`;
}

/** A sequence goes on behind the values that were kept. */
function sequencesSql({ id, shape }: Kept): string {
  return `for pgwright_sequence in
    select pg_get_serial_sequence(${literal(shape.table)}, s.column) as name, s.last, s.called
    from pgwright.kept_data d, jsonb_to_recordset(d.sequences) as s ("column" text, last bigint, called boolean)
    where d.id = ${id}
  loop
    if pgwright_sequence.name is null then continue; end if;
    execute format('select s.last_value as last, q.seqincrement > 0 as rises from %s s, pg_sequence q where q.seqrelid = %L::regclass', pgwright_sequence.name, pgwright_sequence.name) into pgwright_now;
    if (pgwright_sequence.last >= pgwright_now.last) = pgwright_now.rises or pgwright_sequence.last = pgwright_now.last then
      perform setval(pgwright_sequence.name, pgwright_sequence.last, pgwright_sequence.called);
    end if;
  end loop`;
}

/** Takes out of the kept table what is back, and drops it when nothing is left. */
function settleSql({ id, object, shape }: Kept): string[] {
  const kept = keptTable(id);
  const columns = shape.columns.map(({ name }) => name);
  const mustBeWhole = shape.kind === "rows";
  return [
    ...deleteBackSql(id, shape, columns),
    `select count(*) into pgwright_left from ${kept}`,
    ...(mustBeWhole
      ? [
          `if pgwright_left > 0 then
    raise exception '% of the rows of % do not fit it any more', pgwright_left, ${literal(object)};
  end if`,
        ]
      : []),
    `update pgwright.kept_data set restored_at = now(), rows_left = pgwright_left where id = ${id}`,
    `if pgwright_left = 0 then
    drop table ${kept};
  end if`,
  ];
}

/**
 * A statement for each way to be back. Never an EXISTS beside an OR: it is no join then, and the table
 * is read once for each kept row (300,000 rows: not done after ten minutes, instead of in three seconds).
 */
function deleteBackSql(
  id: string,
  { kind, table, key, others }: Shape,
  columns: readonly string[],
): string[] {
  const from = `delete from ${keptTable(id)} as pgwright_k`;
  if (kind !== "values") {
    const counted = countedSql(
      id,
      table,
      rowText("pgwright_t", columns),
      keptText("pgwright_n", columns),
    );
    return [`${from} where ${counted}`];
  }
  // A NULL that has no place any more is no loss.
  const nulls = columns.map((name) => `pgwright_k.${ident(name)} is null`).join(" and ");
  const empty = `${from} where ${nulls}`;
  if (key) {
    const same = columns.map(
      (name) =>
        `(pgwright_k.${ident(name)} is null or ${textOf("pgwright_t", name)} = pgwright_k.${ident(name)})`,
    );
    return [
      empty,
      `${from} using ${table} as pgwright_t where ${[matchSql(key, key), ...same].join(" and ")}`,
    ];
  }
  const now = columns.map((name) => textOf("pgwright_t", name));
  const then = ["pgwright_like", ...columns].map((name) => `pgwright_n.${ident(name)}`);
  const counted = countedSql(
    id,
    table,
    `row(${[rowText("pgwright_t", others), ...now].join(", ")})::text`,
    `row(${then.join(", ")})::text`,
  );
  return [`${from} where ${counted}`, empty];
}

/** True for a kept row (`pgwright_k`) if the table has its text (`now`) as often as the kept rows have it (`then`). */
function countedSql(id: string, table: string, now: string, then: string): string {
  return `exists (
    select from (select ${now} as l, row_number() over (partition by ${now}) as n from ${table} as pgwright_t) as pgwright_e
    join (select pgwright_n.pgwright_row, ${then} as l, row_number() over (partition by ${then} order by pgwright_n.pgwright_row) as n
          from ${keptTable(id)} as pgwright_n) as pgwright_m on pgwright_m.l = pgwright_e.l and pgwright_m.n = pgwright_e.n
    where pgwright_m.pgwright_row = pgwright_k.pgwright_row)`;
}
