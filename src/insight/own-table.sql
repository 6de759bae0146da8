-- Is there a table of ours in the schema pgwright ($2), and what may this role do with it? Also: is there a role named $1?
select /* pgwright insight */ n.oid is not null as "hasSchema",
       c.oid is not null as "hasTable",
       coalesce(has_schema_privilege(n.oid, 'USAGE') and has_table_privilege(c.oid, 'SELECT'), false) as "canRead",
       coalesce(has_schema_privilege(n.oid, 'USAGE')
         and has_table_privilege(c.oid, 'INSERT') and has_table_privilege(c.oid, 'UPDATE')
         and has_table_privilege(c.oid, 'DELETE') and has_table_privilege(c.oid, 'SELECT'), false) as "canWrite",
       coalesce(quote_ident(o.rolname), '') as owner,
       exists (select from pg_roles where rolname = $1::text) as "hasRole"
from (select 1) one
left join pg_namespace n on n.nspname = 'pgwright'
left join pg_class c on c.relnamespace = n.oid and c.relname = $2::text
left join pg_roles o on o.oid = c.relowner
