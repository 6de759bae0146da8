-- Which leaves has each partitioned table, and which of their indexes belong to no index of their parent?
select case rn.nspname when 'public' then '' else rn.nspname || '.' end || r.relname as root,
       json_agg(json_build_object(
         'name', case ln.nspname when 'public' then '' else ln.nspname || '.' end || l.relname,
         'isForeign', l.relkind = 'f',
         'looseIndexes', (
           select coalesce(json_agg((
                    select json_agg(a.attname order by k.place)
                    from unnest(i.indkey::int2[]) with ordinality k(number, place)
                    left join pg_attribute a on a.attrelid = l.oid and a.attnum = k.number and k.number <> 0)), '[]')
           from pg_index i
           where i.indrelid = l.oid and not exists (select from pg_inherits where inhrelid = i.indexrelid)))
         order by ln.nspname, l.relname)::text as leaves
from pg_class r
join pg_namespace rn on rn.oid = r.relnamespace
join lateral pg_partition_tree(r.oid) t on t.isleaf
join pg_class l on l.oid = t.relid
join pg_namespace ln on ln.oid = l.relnamespace
where r.relkind = 'p' and l.relkind in ('r', 'f')
group by rn.nspname, r.relname
