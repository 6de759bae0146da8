-- Is there a schema of ours, and a list of kept data in it, and what may the role $1 do there? Null is the connected role.
-- By the catalog: to_regclass() is an error for who may not use the schema.
select
  n.oid is not null as "hasSchema",
  c.oid is not null as "hasTable",
  -- Versions that knew nothing of ledgers made it without.
  exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'checksum' and not a.attisdropped) as "isCurrent",
  coalesce(has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select'), false) as "canRead",
  coalesce(has_schema_privilege(r.name, n.oid, 'usage') and has_table_privilege(r.name, c.oid, 'select')
    and has_table_privilege(r.name, c.oid, 'update'), false) as "canRestore",
  coalesce(has_schema_privilege(r.name, n.oid, 'usage') and has_schema_privilege(r.name, n.oid, 'create')
    and has_table_privilege(r.name, c.oid, 'select') and has_table_privilege(r.name, c.oid, 'insert')
    and has_table_privilege(r.name, c.oid, 'update') and has_table_privilege(r.name, c.oid, 'delete'), false) as "canKeep",
  coalesce(quote_ident(pg_get_userbyid(c.relowner)), '') as owner
from (select coalesce($1::name, current_user) as name) r
left join pg_namespace n on n.nspname = 'pgwright'
left join pg_class c on c.relnamespace = n.oid and c.relname = 'kept_data'
