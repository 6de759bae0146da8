-- Which views and materialized views show rows of tables with row security to roles it holds for?
with recursive views as (
  select c.oid, c.relkind, c.relowner, c.relnamespace, c.relname,
         c.relkind = 'v' and coalesce((
           select o.option_value::boolean from pg_options_to_table(c.reloptions) o
           where o.option_name = 'security_invoker'), false) as asks_as_caller
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('v', 'm') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    and not exists (
      select from pg_depend e
      where e.classid = 'pg_class'::regclass and e.objid = c.oid and e.deptype = 'e')
), reads (view, relation, reader) as (
  -- Null is whoever asks.
  select oid, oid, case when not asks_as_caller then relowner end from views
  union
  select r.view, t.oid,
         case when v.oid is not null and not v.asks_as_caller then v.relowner else r.reader end
  from reads r
  join pg_rewrite w on w.ev_class = r.relation and w.ev_type = '1'
  join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = w.oid
    and d.refclassid = 'pg_class'::regclass and d.refobjid <> r.relation
  join pg_class t on t.oid = d.refobjid and t.relkind in ('r', 'p', 'v', 'm')
  left join views v on v.oid = t.oid
  -- What a materialized view holds is read as stored.
  where r.view = r.relation or not exists (select from views m where m.oid = r.relation and m.relkind = 'm')
     or (select m.relkind from views m where m.oid = r.view) = 'm'
)
select v.oid::text as oid,
       format('%I.%I', n.nspname, v.relname) as name,
       v.relkind = 'm' as "isMaterialized",
       to_json(array_agg(distinct format('%I.%I', tn.nspname, t.relname))) as tables,
       to_json(array_agg(distinct coalesce(pg_partition_root(t.oid), t.oid)::text)) as "tableOids",
       to_json(array_agg(distinct quote_ident(o.rolname))) as readers,
       (select coalesce(json_agg(distinct coalesce(quote_ident(g.rolname), 'PUBLIC')), '[]'::json)
        from (select c.relacl as acl from pg_class c where c.oid = v.oid
              union all
              select a.attacl from pg_attribute a where a.attrelid = v.oid and a.attacl is not null) x
        cross join aclexplode(nullif(x.acl, '{}')) e
        left join pg_roles g on g.oid = e.grantee
        where e.grantee <> v.relowner and not coalesce(g.rolsuper or g.rolbypassrls, false)) as grantees
from views v
join pg_namespace n on n.oid = v.relnamespace
join reads r on r.view = v.oid
join pg_roles o on o.oid = r.reader
join pg_class t on t.oid = r.relation and t.relkind in ('r', 'p') and t.relrowsecurity
join pg_namespace tn on tn.oid = t.relnamespace
-- Row security does not hold for who reads: what is read is everything.
where o.rolsuper or o.rolbypassrls or (not t.relforcerowsecurity and pg_has_role(o.oid, t.relowner, 'USAGE'))
group by v.oid, n.nspname, v.relname, v.relkind, v.relowner
order by 2
