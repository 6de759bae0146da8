-- What may each of the roles $1 do with each of the relations $2, and with which columns?
with roles as (
  select oid, rolname from pg_roles
  where rolname in (select value from json_array_elements_text($1::text::json))
), relations as (
  select c.oid, c.relnamespace, c.relkind from pg_class c
  where c.oid in (select value::oid from json_array_elements_text($2::text::json))
)
select r.rolname as role, c.oid::text as oid,
       has_schema_privilege(r.oid, c.relnamespace, 'USAGE') as "mayUseSchema",
       a.select_columns as "select", a.insert_columns as "insert", a.update_columns as "update",
       has_table_privilege(r.oid, c.oid, 'DELETE') as "mayDelete",
       (select coalesce(json_agg(p order by p), '[]'::json)
        from unnest(case when current_setting('server_version_num')::int >= 170000
                         then array['TRUNCATE', 'REFERENCES', 'TRIGGER', 'MAINTAIN']
                         else array['TRUNCATE', 'REFERENCES', 'TRIGGER'] end) p
        where has_table_privilege(r.oid, c.oid, p)
           or (p = 'REFERENCES' and has_any_column_privilege(r.oid, c.oid, p))) as others,
       -- Rights on partitions, which are reached past the policies of their root.
       (select coalesce(json_agg(distinct p order by p), '[]'::json)
        from pg_partition_tree(c.oid) l
        cross join unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) p
        where c.relkind = 'p' and l.level > 0
          and (has_table_privilege(r.oid, l.relid, p)
            or (p not in ('DELETE', 'TRUNCATE') and has_any_column_privilege(r.oid, l.relid, p)))) as "onPartitions"
from roles r
cross join relations c
cross join lateral (
  select coalesce(json_agg(a.attname order by a.attnum)
           filter (where has_column_privilege(r.oid, c.oid, a.attnum, 'SELECT')), '[]'::json) as select_columns,
         coalesce(json_agg(a.attname order by a.attnum)
           filter (where has_column_privilege(r.oid, c.oid, a.attnum, 'INSERT')), '[]'::json) as insert_columns,
         coalesce(json_agg(a.attname order by a.attnum)
           filter (where has_column_privilege(r.oid, c.oid, a.attnum, 'UPDATE')), '[]'::json) as update_columns
  from pg_attribute a
  where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
) a
