-- Which policies are there, for whom, with which expressions?
select p.polrelid::text as "tableOid",
       quote_ident(p.polname) as name,
       case p.polcmd when 'r' then 'SELECT' when 'a' then 'INSERT' when 'w' then 'UPDATE'
                     when 'd' then 'DELETE' else 'ALL' end as command,
       p.polpermissive as "isPermissive",
       (select coalesce(json_agg(coalesce(quote_ident(r.rolname), 'PUBLIC') order by 1), '[]'::json)
        from unnest(p.polroles) m
        left join pg_roles r on r.oid = m) as roles,
       -- Every role it is for may see all rows anyway, or owns the table.
       not exists (
         select from unnest(p.polroles) m
         left join pg_roles r on r.oid = m
         where m <> c.relowner and not coalesce(r.rolsuper or r.rolbypassrls, false)) as "isForOwner",
       pg_get_expr(p.polqual, p.polrelid) as "using",
       pg_get_expr(p.polwithcheck, p.polrelid) as "check"
from pg_policy p
join pg_class c on c.oid = p.polrelid
join pg_namespace n on n.oid = c.relnamespace
where n.nspname !~ '^pg_'
order by c.relname, p.polname
