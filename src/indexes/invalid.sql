-- Which indexes are not valid, what are they, is one of them being built right now, and may this role repair it?
-- A build shows its progress to its own role and to pg_read_all_stats only, but its lock on the
-- table to everybody, and REINDEX TABLE CONCURRENTLY shows one index at a time.
select /* pgwright insight */ i.indexrelid::text as oid,
       format('%I.%I', n.nspname, c.relname) as index,
       format('%I.%I', tn.nspname, t.relname) as table,
       t.relname as "tableName",
       tn.nspname as schema,
       c.relname as name,
       c.relkind = 'I' as "isPartitioned",
       i.indisunique as "isUnique",
       i.indisready as "isMaintained",
       c.relname ~ '_cc(new|old)[0-9]*$' and twin.name is not null as "isLeftover",
       twin.name as twin,
       n.nspname = 'pg_toast' as "isToast",
       (select format('%I.%I', mn.nspname, m.relname)
        from pg_class m join pg_namespace mn on mn.oid = m.relnamespace
        where m.reltoastrelid = t.oid) as "toastOf",
       (select count(*)::int from pg_partition_ancestors(c.oid)) as depth,
       pg_partition_root(c.oid)::oid::text as root,
       i.indisexclusion as "isExclusion",
       (select json_build_object('type', k.contype, 'isDeferrable', k.condeferrable)
        from pg_constraint k
        where k.conindid = i.indexrelid and k.conrelid = i.indrelid
          and k.contype in ('p', 'u', 'x')) as constraint,
       o.rolname as owner,
       pg_has_role(current_user, o.oid, 'USAGE')
         and has_schema_privilege(n.oid, 'USAGE') as "mayChange",
       pg_has_role(current_user, o.oid,
         case when current_setting('server_version_num')::int >= 160000 then 'SET' else 'MEMBER' end)
         and has_schema_privilege(o.oid, n.oid, 'USAGE') as "mayBecomeOwner",
       case when current_setting('server_version_num')::int >= 170000
            then has_table_privilege(t.oid, 'MAINTAIN') and has_schema_privilege(n.oid, 'USAGE')
            else false end as "mayReindex",
       has_schema_privilege(o.oid, n.oid, 'USAGE') as "ownerSeesSchema",
       o.rolsuper as "isOwnerSuperuser",
       b.pid,
       b.phase,
       case when b.blocks_total > 0 then b.blocks_done::float8 / b.blocks_total end as share,
       nullif(b.current_locker_pid, 0) as "waitsFor",
       (select min(p.pid) from pg_stat_progress_create_index p
        where p.datname = current_database() and p.pid <> pg_backend_pid()
          and exists (
            select from pg_locks l
            where l.pid = p.pid and l.granted and l.locktype = 'relation' and l.relation = t.oid
              and l.database = (select d.oid from pg_database d where d.datname = current_database())
              and l.mode not in ('AccessShareLock', 'RowShareLock', 'RowExclusiveLock')))
         as "busyPid",
       (select min(p.pid) from pg_stat_progress_create_index p
        where p.datname = current_database() and p.relid is null) as "hiddenPid",
       substring(pg_get_indexdef(c.oid) from ' USING .*$') as definition,
       (select json_agg(json_build_object(
          'table', format('%I.%I', ln.nspname, l.relname),
          'tableName', l.relname,
          'schemaName', ln.nspname,
          'name', quote_ident(left(l.relname, 40) || '_' || left(c.relname, 22)),
          'schema', quote_ident(ln.nspname),
          'isPartitioned', l.relkind = 'p',
          'isForeign', l.relkind = 'f',
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
join pg_roles o on o.oid = t.relowner
left join lateral (
  -- The index that a rebuild copied: the same columns under a name that is no copy's and that the
  -- copy's name begins with, cut (between characters of up to 4 bytes) where that would be over 63 bytes.
  select format('%I.%I', n.nspname, oc.relname) as name
  from pg_index other
  join pg_class oc on oc.oid = other.indexrelid
  where other.indrelid = i.indrelid and other.indexrelid <> i.indexrelid
    and (other.indisvalid or oc.relname !~ '_cc(new|old)[0-9]*$')
    and (oc.relname = regexp_replace(c.relname, '(_cc(new|old)[0-9]*)+$', '')
      or (octet_length(c.relname::text) >= 60
        and starts_with(oc.relname::text, regexp_replace(c.relname, '(_cc(new|old)[0-9]*)+$', ''))))
    and oc.relam = c.relam
    and other.indkey::text = i.indkey::text
    and other.indclass::text = i.indclass::text
    and other.indcollation::text = i.indcollation::text
    and other.indoption::text = i.indoption::text
    and other.indisunique = i.indisunique
    and other.indnullsnotdistinct = i.indnullsnotdistinct
    and pg_get_expr(other.indexprs, other.indrelid) is not distinct from pg_get_expr(i.indexprs, i.indrelid)
    and pg_get_expr(other.indpred, other.indrelid) is not distinct from pg_get_expr(i.indpred, i.indrelid)
  order by other.indisvalid desc, oc.relname
  limit 1) twin on true
left join lateral (
  -- Before the new index is in the catalog, the progress shows 0 for it.
  select p.pid, p.phase, p.blocks_total, p.blocks_done, p.current_locker_pid
  from pg_stat_progress_create_index p
  where p.datname = current_database()
    and (p.index_relid = i.indexrelid
         or (p.relid = i.indrelid and (p.index_relid = 0 or c.relname ~ '_cc(new|old)[0-9]*$')))
  limit 1) b on true
where not (i.indisvalid and i.indisready and i.indislive)
  and n.nspname !~ '^pg_(toast_)?temp'
order by 2
