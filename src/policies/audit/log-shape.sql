-- Is $1.$2 a table that changes can be recorded in, and who may write to it?
select c.oid::text as oid,
       c.relkind as kind,
       pg_get_userbyid(c.relowner) as owner,
       c.relforcerowsecurity and c.relrowsecurity as "forcesRowSecurity",
       to_json(array(
         select json_build_object(
           'name', a.attname,
           'type', t.typname,
           'length', case when t.typname = 'varchar' and greatest(a.atttypmod, own.typtypmod) > 4
                          then greatest(a.atttypmod, own.typtypmod) - 4 end,
           'default', (select pg_get_expr(d.adbin, d.adrelid) from pg_attrdef d
                       where d.adrelid = c.oid and d.adnum = a.attnum),
           'needsValue', a.attnotnull and not a.atthasdef and a.attidentity = '' and a.attgenerated = '')
         from pg_attribute a
         join pg_type own on own.oid = a.atttypid
         -- Of a domain, what it stands for.
         join pg_type t on t.oid = case own.typtype when 'd' then own.typbasetype else own.oid end
         where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
         order by a.attnum)) as columns
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where n.nspname = $1 and c.relname = $2
