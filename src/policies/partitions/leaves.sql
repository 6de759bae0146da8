-- Which partitions do the tables $1 (JSON array of oids) have, and what do they lack?
select h.inhparent::text as parent,
       c.oid::text as oid,
       n.nspname as schema,
       c.relname as name,
       c.relkind as kind,
       pg_get_userbyid(c.relowner) as owner,
       pg_get_expr(c.relpartbound, c.oid) as bound,
       c.oid = t.partdefid as "isDefault",
       h.inhdetachpending as "isDetaching",
       c.relrowsecurity as "hasRls",
       c.relforcerowsecurity as "isForced",
       c.relreplident as "replicaIdentity",
       c.reltuples::float8 as "rowsEstimate",
       case c.relkind
         when 'p' then (select coalesce(sum(pg_total_relation_size(below.relid)), 0)::float8
                        from pg_partition_tree(c.oid) below where below.isleaf)
         else coalesce(pg_total_relation_size(c.oid), 0)::float8
       end as bytes,
       -- Rows of a table that was never analyzed can still be told from none at all.
       case when c.relkind in ('r', 'p') then pg_relation_size(c.oid)::float8 else 0 end as "heapBytes",
       coalesce((select json_agg(o order by o) from unnest(c.reloptions) o), '[]') as options,
       obj_description(c.oid, 'pg_class') as comment,
       (select coalesce(json_agg(distinct case acl.grantee when 0 then '' else pg_get_userbyid(acl.grantee) end), '[]')
        from (select c.relacl as acl
              union all
              select col.attacl from pg_attribute col where col.attrelid = c.oid and col.attacl is not null) a
        cross join aclexplode(a.acl) acl
        where acl.grantee <> c.relowner) as grantees,
       (select coalesce(json_agg(p.polname order by p.polname), '[]')
        from pg_policy p where p.polrelid = c.oid) as policies,
       -- Indexes of the parent that have no valid counterpart here: an attach always makes one, so
       -- either its build failed or the parent's was made on ONLY and never finished.
       (select coalesce(json_agg(pc.relname order by pc.relname), '[]')
        from pg_index pi
        join pg_class pc on pc.oid = pi.indexrelid and pc.relkind = 'I'
        where pi.indrelid = h.inhparent and c.relkind in ('r', 'p')
          and not exists (
            select from pg_inherits ih
            join pg_index ci on ci.indexrelid = ih.inhrelid and ci.indisvalid
            where ih.inhparent = pi.indexrelid and ci.indrelid = c.oid)) as "lackedIndexes",
       -- Triggers of the parent that were disabled or dropped here alone.
       (select coalesce(json_agg(json_build_object('name', pt.tgname, 'enabled', pt.tgenabled, 'here', ct.tgenabled) order by pt.tgname), '[]')
        from pg_trigger pt
        join pg_trigger ct on ct.tgparentid = pt.oid and ct.tgrelid = c.oid
        where pt.tgrelid = h.inhparent and not pt.tgisinternal
          and pt.tgenabled <> ct.tgenabled) as "triggerStates",
       -- Triggers per statement are no clones of the parent's: what one leaf has, its sisters need too.
       (select coalesce(json_agg(
           replace(pg_get_triggerdef(s.oid), format(' ON %I.%I ', n.nspname, c.relname), ' ON {leaf} ')
           order by s.tgname), '[]')
        from pg_trigger s
        where s.tgrelid = c.oid and not s.tgisinternal and s.tgparentid = 0 and s.tgtype & 1 = 0
       ) as "statementTriggers",
       exists (select from pg_constraint k
               where k.conrelid = c.oid and k.conname = 'pgwright_no_rows_yet') as "hasGuard",
       row_security_active(c.oid) as "hidesRows",
       has_table_privilege(c.oid, 'SELECT') and has_schema_privilege(n.oid, 'USAGE') as "isReadable"
from pg_inherits h
join pg_partitioned_table t on t.partrelid = h.inhparent
join pg_class c on c.oid = h.inhrelid
join pg_namespace n on n.oid = c.relnamespace
where h.inhparent in (select value::oid from json_array_elements_text($1::text::json))
order by h.inhparent, n.nspname, c.relname
