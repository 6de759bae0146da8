-- As whom do views and materialized views read tables with row security, what does that role see, who reads the view?
with recursive views as (
  select c.oid, c.relkind, c.relowner,
         format('%I.%I', n.nspname, c.relname) as name,
         coalesce((select o.option_value::boolean from pg_options_to_table(c.reloptions) o
                   where o.option_name = 'security_invoker'), false) as asks_as_caller,
         (select json_agg(distinct coalesce(quote_ident(g.rolname), 'PUBLIC'))
          from (select c.relacl as acl
                union all
                select a.attacl from pg_attribute a where a.attrelid = c.oid and a.attacl is not null) x
          cross join aclexplode(x.acl) e
          left join pg_roles g on g.oid = e.grantee
          where e.grantee <> c.relowner and e.privilege_type = 'SELECT'
            and not coalesce(g.rolsuper or g.rolbypassrls, false)) as readers
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('v', 'm')
    and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    and not exists (
      select from pg_depend e
      where e.classid = 'pg_class'::regclass and e.objid = c.oid and e.deptype = 'e')
), reads (view, kind, readers, relation, reader, path, owner_views) as (
  select name, relkind, readers::text, oid, relowner, array[oid],
         case relkind when 'v' then array[name] else array[]::text[] end
  from views
  where relkind = 'm' or not asks_as_caller
  union
  -- A view inside is read as its own owner, unless it asks as its caller; a materialized one is read as stored.
  select r.view, r.kind, r.readers, t.oid,
         case when v.oid is not null and not v.asks_as_caller then v.relowner else r.reader end,
         case when v.oid is not null then r.path || v.oid else r.path end,
         case when v.oid is not null and not v.asks_as_caller then r.owner_views || v.name
              else r.owner_views end
  from reads r
  join pg_rewrite w on w.ev_class = r.relation and w.ev_type = '1'
  join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = w.oid
    and d.refclassid = 'pg_class'::regclass and d.refobjid <> r.relation
  join pg_class t on t.oid = d.refobjid and t.relkind in ('r', 'p', 'v')
  left join views v on v.oid = t.oid
  where t.oid <> all (r.path)
), guarded as (
  select distinct r.view, r.kind, r.readers, r.reader, r.owner_views, t.oid, t.relowner,
         t.relforcerowsecurity as is_forced,
         format('%I.%I', n.nspname, t.relname) as name
  from reads r
  join pg_class t on t.oid = r.relation and t.relkind in ('r', 'p') and t.relrowsecurity
  join pg_namespace n on n.oid = t.relnamespace
), judged as (
  select g.*,
         a.rolsuper or a.rolbypassrls
           or (not g.is_forced and pg_has_role(g.reader, g.relowner, 'USAGE')) as passes,
         exists (
           select from pg_policy p
           where p.polrelid = g.oid and p.polpermissive and p.polcmd in ('r', '*') and p.polqual is not null
             and (0 = any (p.polroles) or exists (
               select from unnest(p.polroles) m where m <> 0 and pg_has_role(g.reader, m, 'USAGE')))) as sees_some,
         exists (
           select from pg_policy p
           where p.polrelid = g.oid and p.polpermissive and p.polcmd in ('r', '*')
             and pg_get_expr(p.polqual, p.polrelid) = 'true'
             and (0 = any (p.polroles) or exists (
               select from unnest(p.polroles) m where m <> 0 and pg_has_role(g.reader, m, 'USAGE'))))
         and not exists (
           select from pg_policy p
           where p.polrelid = g.oid and not p.polpermissive and p.polcmd in ('r', '*')
             and (0 = any (p.polroles) or exists (
               select from unnest(p.polroles) m where m <> 0 and pg_has_role(g.reader, m, 'USAGE')))) as sees_all,
         quote_ident(a.rolname) as reader_name
  from guarded g
  join pg_roles a on a.oid = g.reader
)
select view,
       kind = 'm' as "isMaterialized",
       name as table,
       reader_name as reader,
       case when passes or sees_all then 'all' when sees_some then 'some' else 'none' end as sees,
       readers::json as readers,
       to_json(owner_views) as "ownerViews"
from judged
order by 1, 3, 4
