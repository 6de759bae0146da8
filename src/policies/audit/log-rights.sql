-- What is the role $1 missing to write to the log $2.$3, and who may execute what it creates in each of its schemas?
select has_schema_privilege(o.oid, n.oid, 'USAGE') as "usesSchema",
       has_table_privilege(o.oid, c.oid, 'INSERT') as "inserts",
       o.rolbypassrls or o.rolsuper as "bypassesRls",
       -- pg_get_serial_sequence() would fail for a role that may not use the log's schema.
       to_json(array(
         select quote_ident(sn.nspname) || '.' || quote_ident(s.relname)
         from pg_depend d
         join pg_class s on s.oid = d.objid
         join pg_namespace sn on sn.oid = s.relnamespace
         where d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass
           and d.refobjid = c.oid and d.deptype = 'a'
           -- CASE, because the function fails for what is no sequence.
           and case when s.relkind = 'S' then not has_sequence_privilege(o.oid, s.oid, 'USAGE') else false end)) as sequences,
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
