/** SQL that keeps the positions of sequences which a rollback drops or sets back, whatever statement does it. */
import { literal } from "../../db/identifier.ts";
import type { KeptFrom } from "./origin-sql.ts";
import { isFrom, originColumns, originValues } from "./origin-sql.ts";
import type { Shape } from "./shape.ts";
import { inSteadySettings } from "./shape.ts";

/** Of a row of `pgwright.kept_data` with positions. No table belongs to it: its numbers are negative. */
const shape: Shape = {
  kind: "positions",
  table: "",
  columns: [],
  key: null,
  others: [],
  after: null,
};

/** The one row of a migration. */
export function positionsOf(from: KeptFrom): string {
  return `${isFrom(from)} and shape->>'kind' = 'positions'`;
}

/**
 * Reads where the sequence `name` stands into `pgwright_now`. The subtransaction is undone for the sake of
 * its lock: one for each of some thousand sequences would not fit into the server's table of locks. Nobody is kept
 * from `nextval` by that lock anyway.
 */
const readPosition = (name: string, body: string) => `begin
      execute format('select last_value as last, is_called as called from %s', ${name}) into pgwright_now;
      ${body}
      raise exception using errcode = 'PW003';
    exception when sqlstate 'PW003' or undefined_table then
      null;
    end`;

const isReadable =
  "has_schema_privilege(n.oid, 'usage') and has_sequence_privilege(c.oid, 'select')";

/**
 * At the beginning of each transaction of a rollback: where every sequence stands, but for `others`, which
 * are kept with their column. Of what an earlier transaction has noted, the furthest position and the first name stay.
 */
export function notePositionsSql(from: KeptFrom, others: readonly string[]): string {
  const known = others.map((name) => `to_regclass(${literal(name)})`).join(", ");
  return inSteadySettings(
    ["pgwright_sequence record", "pgwright_now record", "pgwright_list jsonb[] := '{}'"],
    [
      `for pgwright_sequence in
    select c.oid, format('%I.%I', n.nspname, c.relname) as name, q.seqincrement > 0 as rises, q.seqstart as start,
           o."table", o."column", ${isReadable} as readable
    from pg_sequence q join pg_class c on c.oid = q.seqrelid join pg_namespace n on n.oid = c.relnamespace
    left join lateral (
      select format('%I.%I', tn.nspname, t.relname) as "table", a.attname as "column"
      from pg_depend d join pg_class t on t.oid = d.refobjid join pg_namespace tn on tn.oid = t.relnamespace
      join pg_attribute a on a.attrelid = t.oid and a.attnum = d.refobjsubid
      where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.refclassid = 'pg_class'::regclass and d.deptype in ('a', 'i')
    ) o on true
    where c.relpersistence <> 't' and c.oid <> all (array_remove(array[${known}]::regclass[], null)::oid[])
  loop
    pgwright_now := null;
    if pgwright_sequence.readable then
      ${readPosition("pgwright_sequence.name", "null;")};
      if pgwright_now is null or (pgwright_now.last = pgwright_sequence.start and not pgwright_now.called) then continue; end if;
    else
      select null::bigint as last, null::boolean as called into pgwright_now;
    end if;
    pgwright_list := array_append(pgwright_list, jsonb_build_object('oid', pgwright_sequence.oid::bigint, 'name', pgwright_sequence.name,
      'table', pgwright_sequence."table", 'column', pgwright_sequence."column", 'rises', pgwright_sequence.rises,
      'last', pgwright_now.last, 'called', pgwright_now.called));
  end loop`,
      `insert into pgwright.kept_data (id, ${originColumns}, object, shape)
  select least(coalesce(min(id), 0), 0) - 1, ${originValues(from)}, 'positions', ${literal(JSON.stringify(shape))}
  from pgwright.kept_data having not coalesce(bool_or(${positionsOf(from)}), false)`,
      `update pgwright.kept_data as d set sequences = (
    select coalesce(jsonb_agg(m.e || jsonb_build_object('name', m.f->'name', 'table', m.f->'table', 'column', m.f->'column')), '[]')
    from (
      select distinct on (x.e->'oid') x.e, first_value(x.e) over (partition by x.e->'oid' order by x.age) as f
      from (select e, 0 as age from jsonb_array_elements(d.sequences) e union all select e, 1 from unnest(pgwright_list) e) x
      order by x.e->'oid', (x.e->>'last')::numeric * case when (x.e->>'rises')::boolean then 1 else -1 end desc nulls last, x.e->>'called' desc
    ) m)
  where ${positionsOf(from)}`,
    ],
  );
}

/**
 * At the end of the rollback: sequences that are still there and not further back than they were have lost
 * nothing. One that may not be read and is gone ends the rollback.
 */
export function prunePositionsSql(from: KeptFrom): string {
  return inSteadySettings(
    [
      "pgwright_sequence record",
      "pgwright_there record",
      "pgwright_now record",
      "pgwright_list jsonb[] := '{}'",
    ],
    [
      `for pgwright_sequence in
    select e.entry, e.entry->>'name' as then, (e.entry->>'last')::bigint as last, (e.entry->>'called')::boolean as called,
           (e.entry->>'rises')::boolean as rises, (e.entry->>'oid')::bigint::oid as oid
    from pgwright.kept_data d cross join lateral jsonb_array_elements(d.sequences) as e (entry)
    where ${positionsOf(from)}
    order by 2
  loop
    -- One at a time: a join of some thousand with the catalog is planned for a hundred, and takes half a minute.
    select format('%I.%I', n.nspname, c.relname) as name, q.seqcycle as cycles, ${isReadable} as readable into pgwright_there
    from pg_sequence q join pg_class c on c.oid = q.seqrelid join pg_namespace n on n.oid = c.relnamespace
    where q.seqrelid = pgwright_sequence.oid;
    if not found then
      if pgwright_sequence.last is null then
        raise exception 'the position of the sequence % cannot be kept: role % may not read it', pgwright_sequence.then, current_user;
      end if;
      pgwright_list := array_append(pgwright_list, pgwright_sequence.entry);
    elsif pgwright_sequence.last is not null and pgwright_there.readable and not pgwright_there.cycles then
      ${readPosition(
        "pgwright_there.name",
        `if ${isFurther("pgwright_sequence", "pgwright_now", "pgwright_sequence.rises")} then
        pgwright_list := array_append(pgwright_list, pgwright_sequence.entry);
      end if;`,
      )};
    end if;
  end loop`,
      `if cardinality(pgwright_list) = 0 then
    delete from pgwright.kept_data where ${positionsOf(from)};
  else
    update pgwright.kept_data set sequences = to_jsonb(pgwright_list), kept_rows = cardinality(pgwright_list),
      object = (select string_agg(e->>'name', ', ') from unnest(pgwright_list) e)
    where ${positionsOf(from)};
  end if`,
    ],
  );
}

/** True for a position `one` behind which a sequence at `other` has yet to come; each has `last` and `called`. */
export function isFurther(one: string, other: string, rises: string): string {
  return `(case when ${rises} then ${one}.last > ${other}.last else ${one}.last < ${other}.last end or (${one}.last = ${other}.last and ${one}.called and not ${other}.called))`;
}
