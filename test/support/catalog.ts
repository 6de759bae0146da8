import type postgres from "postgres";

/**
 * What a database looks like from outside, as sorted lines: relations with their columns, indexes
 * with their validity, constraints, partitions, enum values, comments. The rows of no table.
 */
export async function readCatalog(sql: postgres.Sql): Promise<string[]> {
  const rows = await sql<{ line: string }[]>`
    with ours as (
      select c.*, n.nspname from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname !~ '^pg_' and n.nspname <> 'information_schema')
    select format('%s %s.%s owner %s', relkind, nspname, relname, relowner::regrole) as line
    from ours
    union all
    select format('column %s.%s.%s %s%s default %s', o.nspname, o.relname, a.attname,
                  format_type(a.atttypid, a.atttypmod),
                  case when a.attnotnull then ' not null' else '' end,
                  pg_get_expr(d.adbin, d.adrelid))
    from ours o join pg_attribute a on a.attrelid = o.oid and a.attnum > 0 and not a.attisdropped
    left join pg_attrdef d on d.adrelid = o.oid and d.adnum = a.attnum
    union all
    select format('index %s valid %s ready %s live %s', pg_get_indexdef(indexrelid), indisvalid,
                  indisready, indislive)
    from pg_index join ours o on o.oid = indexrelid
    union all
    select format('constraint %s on %s: %s', conname, conrelid::regclass, pg_get_constraintdef(c.oid))
    from pg_constraint c join ours o on o.oid = conrelid
    union all
    select format('partition %s of %s pending %s', inhrelid::regclass, inhparent::regclass, inhdetachpending)
    from pg_inherits join ours o on o.oid = inhrelid
    union all
    select format('enum %s %s', enumtypid::regtype, enumlabel) from pg_enum
    union all
    select format('function %s', oid::regprocedure) from pg_proc
    where pronamespace::regnamespace::text !~ '^(pg_|information_schema)'
    union all
    select format('comment %s %s', objoid::regclass, description) from pg_description
    join ours o on o.oid = objoid and classoid = 'pg_class'::regclass
    order by 1`;
  return rows.map(({ line }) => line);
}

/** Advisory locks held in the current database. */
export async function countAdvisoryLocks(sql: postgres.Sql): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*)::int from pg_locks
    where locktype = 'advisory'
      and database = (select oid from pg_database where datname = current_database())`;
  return row?.count ?? -1;
}
