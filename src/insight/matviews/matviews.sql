-- Which materialized views are there, who may refresh them, and what keeps one from being refreshed concurrently?
select /* pgwright insight */ c.oid::text as oid,
       n.nspname as schema,
       c.relname as name,
       format('%I.%I', n.nspname, c.relname) as view,
       o.rolname as owner,
       c.relispopulated as "isPopulated",
       -- It would wait for a plain refresh, which holds this lock.
       case when c.oid not in (select l.relation from pg_locks l
                               where l.locktype = 'relation' and l.mode = 'AccessExclusiveLock' and l.pid <> pg_backend_pid()
                                 and l.database = (select oid from pg_database where datname = current_database()))
            then pg_total_relation_size(c.oid)::float8 end as bytes,
       nullif(c.reltuples, -1)::float8 as "rowsEstimate",
       -- MAINTAIN exists since 17; since 16 a member may lack the right to SET ROLE.
       case
         when pg_has_role(c.relowner, 'USAGE') then 'own'
         when current_setting('server_version_num')::int >= 170000
           and has_table_privilege(c.oid, 'MAINTAIN') then 'maintain'
         when pg_has_role(c.relowner,
           case when current_setting('server_version_num')::int >= 160000 then 'SET' else 'MEMBER' end) then 'assume'
         else 'none'
       end as access,
       -- After SET ROLE in any case.
       has_table_privilege(c.oid, 'SELECT') or pg_has_role(c.relowner,
         case when current_setting('server_version_num')::int >= 160000 then 'SET' else 'MEMBER' end) as "canCount",
       -- As is_usable_unique_index() of the server judges.
       (select coalesce(json_agg(json_build_object(
                 'name', i.relname,
                 'isUsable', x.indisvalid and x.indimmediate and x.indpred is null
                   and 0 <> all (x.indkey) and a.amname = 'btree',
                 'flaw', case
                   when not x.indisvalid then 'is not valid'
                   when x.indpred is not null then 'has a WHERE'
                   when 0 = any (x.indkey) then 'is on an expression'
                   when not x.indimmediate then 'is deferrable'
                   when a.amname <> 'btree' then 'is no btree'
                 end) order by i.relname), '[]'::json)
        from pg_index x
        join pg_class i on i.oid = x.indexrelid
        join pg_am a on a.oid = i.relam
        where x.indrelid = c.oid and x.indisunique) as "uniqueIndexes"
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
join pg_roles o on o.oid = c.relowner
where c.relkind = 'm'
  and not exists (
    select from pg_depend e where e.classid = 'pg_class'::regclass and e.objid = c.oid and e.deptype = 'e')
order by n.nspname, c.relname
