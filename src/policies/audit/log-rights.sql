-- What is the role $1 missing to write to the log $2.$3, and who may execute what it creates in each of its schemas?
select has_schema_privilege(o.oid, n.oid, 'USAGE') as "usesSchema",
       has_table_privilege(o.oid, c.oid, 'INSERT') as "inserts",
       o.rolbypassrls or o.rolsuper as "bypassesRls",
       to_json(array(
         select s.name
         from (select pg_get_serial_sequence(quote_ident(n.nspname) || '.' || quote_ident(c.relname), a.attname) as name
               from pg_attribute a
               where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) s
         where s.name is not null and not has_sequence_privilege(o.oid, s.name, 'USAGE'))) as sequences,
       to_json(array(
         select json_build_object(
           'schema', dn.nspname,
           'grantee', case when x.grantee = 0 then null else pg_get_userbyid(x.grantee) end)
         from pg_default_acl d
         left join pg_namespace dn on dn.oid = d.defaclnamespace
         cross join lateral aclexplode(d.defaclacl) x
         where d.defaclrole = o.oid and d.defaclobjtype = 'f' and x.grantee not in (0, o.oid))) as "defaultGrants"
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
cross join pg_roles o
where o.rolname = $1 and n.nspname = $2 and c.relname = $3
