-- Which foreign keys are there, and how are rows found that have no partner?
select
  format('%I.%I', n.nspname, c.relname) as "table",
  k.conname as name,
  k.convalidated as "isValidated",
  coalesce((to_jsonb(k) ->> 'conenforced')::boolean, true) as "isEnforced",
  format('select count(*)::float8 as count from %I.%I t where %s and not exists (select from %s p where %s)',
    n.nspname, c.relname,
    (select string_agg(format('t.%I is distinct from null', a.attname), case k.confmatchtype when 'f' then ' or ' else ' and ' end)
     from unnest(k.conkey) u(number) join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.number),
    (select format('%I.%I', pn.nspname, p.relname) from pg_class p join pg_namespace pn on pn.oid = p.relnamespace where p.oid = k.confrelid),
    (select string_agg(format('p.%I operator(%I.%s) t.%I', b.attname, onsp.nspname, o.oprname, a.attname), ' and ')
     from unnest(k.conkey, k.confkey, k.conpfeqop) u(here, there, op)
     join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.here
     join pg_attribute b on b.attrelid = k.confrelid and b.attnum = u.there
     join pg_operator o on o.oid = u.op join pg_namespace onsp on onsp.oid = o.oprnamespace)) as query
from pg_constraint k
join pg_class c on c.oid = k.conrelid
join pg_namespace n on n.oid = c.relnamespace
where k.contype = 'f' and k.conparentid = 0
order by 1, 2
