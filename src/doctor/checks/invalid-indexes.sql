-- Which indexes are not valid, and is one of them being built right now?
select format('%I.%I', n.nspname, c.relname) as index,
       format('%I.%I', tn.nspname, t.relname) as table,
       c.relkind = 'I' as "isPartitioned",
       i.indisunique as "isUnique",
       i.indisready as "isMaintained",
       c.relname ~ '_cc(new|old)[0-9]*$' as "isLeftover",
       b.pid,
       b.phase,
       case when b.blocks_total > 0 then b.blocks_done::float8 / b.blocks_total end as share,
       nullif(b.current_locker_pid, 0) as "waitsFor",
       (select min(p.pid) from pg_stat_progress_create_index p
        where p.datname = current_database() and p.relid is null) as "hiddenPid",
       substring(pg_get_indexdef(c.oid) from ' USING .*$') as definition,
       (select json_agg(json_build_object(
          'table', format('%I.%I', ln.nspname, l.relname),
          'name', quote_ident(left(l.relname, 40) || '_' || left(c.relname, 22)),
          'schema', quote_ident(ln.nspname),
          'isPartitioned', l.relkind = 'p',
          'index', x.name,
          'isValid', coalesce(x.is_valid, false)) order by ln.nspname, l.relname)
        from pg_inherits h
        join pg_class l on l.oid = h.inhrelid
        join pg_namespace ln on ln.oid = l.relnamespace
        left join lateral (
          select format('%I.%I', xn.nspname, xc.relname) as name, xi.indisvalid as is_valid
          from pg_inherits xh
          join pg_index xi on xi.indexrelid = xh.inhrelid and xi.indrelid = l.oid
          join pg_class xc on xc.oid = xi.indexrelid
          join pg_namespace xn on xn.oid = xc.relnamespace
          where xh.inhparent = c.oid) x on true
        where h.inhparent = t.oid and c.relkind = 'I') as leaves
from pg_index i
join pg_class c on c.oid = i.indexrelid
join pg_namespace n on n.oid = c.relnamespace
join pg_class t on t.oid = i.indrelid
join pg_namespace tn on tn.oid = t.relnamespace
left join lateral (
  -- Before the new index is in the catalog, the progress shows 0 for it.
  select p.pid, p.phase, p.blocks_total, p.blocks_done, p.current_locker_pid
  from pg_stat_progress_create_index p
  where p.datname = current_database()
    and (p.index_relid = i.indexrelid
         or (p.relid = i.indrelid and (p.index_relid = 0 or c.relname ~ '_cc(new|old)[0-9]*$')))
  limit 1) b on true
where not (i.indisvalid and i.indisready and i.indislive)
  and n.nspname !~ '^pg_temp'
order by 1
