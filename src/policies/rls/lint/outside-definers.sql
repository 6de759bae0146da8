-- Which SECURITY DEFINER functions in schemas that no file names may others run? ($1: JSON array of the schemas that are named)
select format('%I.%I', n.nspname, p.proname) as name,
       format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)) as signature,
       case p.prokind when 'p' then 'PROCEDURE' else 'FUNCTION' end as kind,
       quote_ident(o.rolname) as owner,
       o.rolsuper or o.rolbypassrls as "isOwnerExempt",
       p.prosrc as body,
       -- Of a body that PostgreSQL has parsed (BEGIN ATOMIC), which leaves no text.
       (select coalesce(json_agg(distinct d.refobjid::text), '[]'::json)
        from pg_depend d
        where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.refclassid = 'pg_class'::regclass) as "tableOids",
       (select json_agg(distinct coalesce(quote_ident(g.rolname), 'PUBLIC'))
        from aclexplode(nullif(coalesce(p.proacl, acldefault('f', p.proowner)), '{}')) e
        left join pg_roles g on g.oid = e.grantee
        where e.grantee <> p.proowner and e.privilege_type = 'EXECUTE'
          and not coalesce(g.rolsuper or g.rolbypassrls, false)
          and (e.grantee = 0 or has_schema_privilege(e.grantee, n.oid, 'USAGE'))) as grantees
from pg_proc p
join pg_namespace n on n.oid = p.pronamespace
join pg_roles o on o.oid = p.proowner
where p.prosecdef and p.prorettype <> 'trigger'::regtype
  and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
  and n.nspname not in (select json_array_elements_text($1::text::json))
  -- Somebody besides the owner comes into the schema.
  and exists (
    select from aclexplode(nullif(coalesce(n.nspacl, acldefault('n', n.nspowner)), '{}')) e
    where e.privilege_type = 'USAGE' and e.grantee <> n.nspowner)
  and exists (
    select from aclexplode(nullif(coalesce(p.proacl, acldefault('f', p.proowner)), '{}')) e
    left join pg_roles g on g.oid = e.grantee
    where e.grantee <> p.proowner and e.privilege_type = 'EXECUTE'
      and not coalesce(g.rolsuper or g.rolbypassrls, false)
      and (e.grantee = 0 or has_schema_privilege(e.grantee, n.oid, 'USAGE')))
  and not exists (
    select from pg_depend e
    where e.classid = 'pg_proc'::regclass and e.objid = p.oid and e.deptype = 'e')
order by 2
