-- Which columns hold rows' values, of which types, with which comments, keys and statistics?
-- Partitions are seen through their parents; tables of extensions are their extension's affair.
with recursive tables as (
  select c.oid, c.relnamespace, c.relname, c.relkind, c.relpersistence
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'm', 'f')
    and c.relpersistence <> 't'
    and not c.relispartition
    and n.nspname not in ('pg_catalog', 'information_schema')
    and n.nspname !~ '^pg_(toast|temp)'
    and ($1::text is null or n.nspname in (select json_array_elements_text($1::text::json)))
    and not exists (select from pg_depend e where e.classid = 'pg_class'::regclass and e.objid = c.oid and e.deptype = 'e')
),
-- The type below any number of domains and arrays.
types as (
  select distinct a.atttypid as oid, a.atttypid as base, 0 as arrays, 0 as depth
  from pg_attribute a where a.attrelid in (select oid from tables) and a.attnum > 0 and not a.attisdropped
  union all
  select s.oid,
    case when t.typtype = 'd' then t.typbasetype else t.typelem end,
    s.arrays + (t.typtype <> 'd')::int, s.depth + 1
  from types s join pg_type t on t.oid = s.base
  where t.typtype = 'd' or t.typelem <> 0 and t.typsubscript = 'array_subscript_handler'::regproc
),
base_types as (
  select distinct on (s.oid) s.oid, s.base, s.arrays from types s order by s.oid, s.depth desc
)
select
  c.oid::int8::text as oid,
  n.nspname as schema,
  c.relname as name,
  c.relkind::text as kind,
  obj_description(c.oid, 'pg_class') as comment,
  (select coalesce(json_agg(json_build_object(
     'number', a.attnum,
     'name', a.attname,
     'type', format_type(a.atttypid, a.atttypmod),
     'base', b.typname,
     'baseSchema', m.nspname,
     'isExtension', exists (select from pg_depend e where e.classid = 'pg_type'::regclass and e.objid = b.oid and e.deptype = 'e'),
     'category', b.typcategory::text,
     'typtype', b.typtype::text,
     'isArray', s.arrays > 0,
     'comment', coalesce(col_description(c.oid, a.attnum), ''),
     'mayRead', has_column_privilege(c.oid, a.attnum, 'select'),
     'target', (select json_build_object('schema', g.nspname, 'table', r.relname, 'column', ra.attname)
        from pg_constraint k join pg_class r on r.oid = k.confrelid join pg_namespace g on g.oid = r.relnamespace
        join pg_attribute ra on ra.attrelid = k.confrelid and ra.attnum = k.confkey[array_position(k.conkey, a.attnum)]
        where k.conrelid = c.oid and k.contype = 'f' and a.attnum = any (k.conkey) order by k.oid limit 1))
     order by a.attnum), '[]')
   from pg_attribute a
   join base_types s on s.oid = a.atttypid
   join pg_type b on b.oid = s.base
   join pg_namespace m on m.oid = b.typnamespace
   where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
  -- Where the rows are: the table itself, or the leaves of its partitions.
  (select coalesce(json_agg(json_build_object(
     'oid', l.oid::int8::text, 'schema', ln.nspname, 'name', l.relname, 'kind', l.relkind::text,
     'isUnlogged', l.relpersistence = 'u',
     'rows', l.reltuples, 'pages', l.relpages, 'method', coalesce(am.amname, ''),
     'dead', coalesce(pg_stat_get_dead_tuples(l.oid), 0),
     'bytes', case when l.relkind in ('r', 'm') then coalesce(pg_relation_size(l.oid), 0) else 0 end)
     order by ln.nspname collate "C", l.relname collate "C"), '[]')
   from pg_class l join pg_namespace ln on ln.oid = l.relnamespace left join pg_am am on am.oid = l.relam
   where case when c.relkind = 'p' then l.oid in (select p.relid from pg_partition_tree(c.oid) p where p.isleaf and p.relid <> c.oid)
              else l.oid = c.oid end) as leaves
from tables c
join pg_namespace n on n.oid = c.relnamespace
order by n.nspname collate "C", c.relname collate "C"
