-- Which SECURITY DEFINER functions may others run, without a search_path of their own?
select format('%I.%I', n.nspname, p.proname) as name,
       format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)) as signature,
       case p.prokind when 'p' then 'PROCEDURE' else 'FUNCTION' end as kind,
       p.prorettype = 'trigger'::regtype as "isTrigger",
       (select coalesce(json_agg(distinct coalesce(quote_ident(g.rolname), 'PUBLIC')), '[]'::json)
        from aclexplode(nullif(coalesce(p.proacl, acldefault('f', p.proowner)), '{}')) e
        left join pg_roles g on g.oid = e.grantee
        where e.grantee <> p.proowner and e.privilege_type = 'EXECUTE'
          and not coalesce(g.rolsuper, false)) as grantees
from pg_proc p
join pg_namespace n on n.oid = p.pronamespace
where p.prosecdef and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
  and not exists (select from unnest(p.proconfig) s where split_part(s, '=', 1) = 'search_path')
  and not exists (
    select from pg_depend e
    where e.classid = 'pg_proc'::regclass and e.objid = p.oid and e.deptype = 'e')
order by 2
