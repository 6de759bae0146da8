-- What may others than its owner and the migrations' role $3 do with the ledger $1.$2, its log and its sequence?
select format('%I.%I', n.nspname, c.relname) as name,
       c.relkind = 'S' as "isSequence",
       coalesce(quote_ident(r.rolname), 'PUBLIC') as grantee,
       json_agg(distinct e.privilege_type) as privileges
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
cross join lateral (
  select a.grantee, a.privilege_type from aclexplode(nullif(c.relacl, '{}')) a
  union
  select a.grantee, a.privilege_type
  from pg_attribute t cross join aclexplode(nullif(t.attacl, '{}')) a
  where t.attrelid = c.oid and t.attnum > 0) e
left join pg_roles r on r.oid = e.grantee
where n.nspname = $1::text and c.relname in ($2::text, $2::text || '_log', $2::text || '_log_id_seq') and c.relkind in ('r', 'S')
  and e.grantee <> c.relowner and not coalesce(r.rolsuper, false)
  -- Members of the owner are in its place anyway.
  and (e.grantee = 0 or not pg_has_role(e.grantee, c.relowner, 'USAGE'))
  and not exists (
    select from pg_roles m
    where m.rolname = $3::text and e.grantee <> 0 and pg_has_role(e.grantee, m.oid, 'MEMBER'))
group by 1, 2, 3
order by 1, 3
