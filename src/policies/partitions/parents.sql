-- How is each of these tables partitioned? $1: JSON array of {"schema", "table"}.
select w.ordinal::int - 1 as ordinal,
       c.oid::text as oid,
       c.relkind as kind,
       pg_get_userbyid(c.relowner) as owner,
       c.relrowsecurity as "hasRls",
       t.partstrat as strategy,
       t.partnatts as "keyCount",
       a.attname as "column",
       ty.typname as "columnType",
       nullif(t.partdefid, 0)::text as "defaultOid",
       ts.spcname as tablespace,
       am.amname as "accessMethod",
       c.relispartition as "isPartition",
       -- What the owner's default privileges would give on a new table of this schema.
       (select coalesce(json_agg(distinct case acl.grantee when 0 then '' else pg_get_userbyid(acl.grantee) end), '[]')
        from pg_default_acl d
        cross join aclexplode(d.defaclacl) acl
        where d.defaclrole = c.relowner
          and d.defaclobjtype = 'r'
          and d.defaclnamespace in (0, c.relnamespace)
          and acl.grantee <> c.relowner) as grantees,
       (select coalesce(json_agg(quote_ident(col.attname) order by col.attnum), '[]')
        from pg_attribute col
        where col.attrelid = c.oid and col.attnum > 0 and not col.attisdropped
          and col.attgenerated = '') as columns,
       (select coalesce(json_agg(json_build_object(
                 'name', k.conname,
                 'table', format('%I.%I', fn.nspname, f.relname),
                 'columns', (select json_agg(fa.attname order by u.ord)
                             from unnest(k.conkey) with ordinality u(attnum, ord)
                             join pg_attribute fa on fa.attrelid = k.conrelid and fa.attnum = u.attnum),
                 'keys', (select json_agg(pa.attname order by u.ord)
                          from unnest(k.confkey) with ordinality u(attnum, ord)
                          join pg_attribute pa on pa.attrelid = k.confrelid and pa.attnum = u.attnum))
                 order by k.conname), '[]')
        from pg_constraint k
        join pg_class f on f.oid = k.conrelid
        join pg_namespace fn on fn.oid = f.relnamespace
        where k.contype = 'f' and k.confrelid = c.oid and k.conparentid = 0) as references
from rows from (json_to_recordset($1::text::json) as (schema text, "table" text))
  with ordinality as w(schema, "table", ordinal)
join pg_namespace n on n.nspname = w.schema
join pg_class c on c.relnamespace = n.oid and c.relname = w.table and c.relkind in ('r', 'p', 'v', 'm', 'f')
left join pg_partitioned_table t on t.partrelid = c.oid
left join pg_attribute a on a.attrelid = c.oid and a.attnum = t.partattrs[0] and t.partattrs[0] > 0
left join pg_type ty on ty.oid = a.atttypid
left join pg_tablespace ts on ts.oid = c.reltablespace
left join pg_am am on am.oid = c.relam
order by w.ordinal
