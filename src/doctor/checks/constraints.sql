-- Which constraints were added NOT VALID and never validated, so that old rows may break them?
select quote_ident(con.conname) as name,
       con.contype = 'f' as "isForeignKey",
       con.contypid <> 0 as "isOnDomain",
       case when con.contypid <> 0 then format('%I.%I', tn.nspname, t.typname)
            else format('%I.%I', n.nspname, c.relname) end as object,
       coalesce(c.relforcerowsecurity and c.relrowsecurity, false) as "isForced",
       quote_ident(o.rolname) as owner
from pg_constraint con
left join pg_class c on c.oid = con.conrelid
left join pg_namespace n on n.oid = c.relnamespace
left join pg_type t on t.oid = con.contypid
left join pg_namespace tn on tn.oid = t.typnamespace
left join pg_roles o on o.oid = c.relowner and not o.rolsuper and not o.rolbypassrls
where not con.convalidated
  -- NOT ENFORCED (18) is never valid and meant so; older catalogs have no such column.
  and coalesce((to_jsonb(con) ->> 'conenforced')::boolean, true)
  and con.conparentid = 0
  and not (con.coninhcount > 0 and not con.conislocal)
  and coalesce(n.nspname, tn.nspname) !~ '^pg_'
order by 4, 1
