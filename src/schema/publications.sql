-- Which publications are there, and what do they publish?
-- Generated columns can be published since PostgreSQL 18.
select
  p.oid, p.pubname as name, pg_get_userbyid(p.pubowner) as owner,
  p.puballtables as "isForAllTables",
  p.pubinsert as "insert", p.pubupdate as "update", p.pubdelete as "delete",
  p.pubtruncate as "truncate",
  p.pubviaroot as "isViaRoot",
  coalesce(to_jsonb(p) ->> 'pubgencols', 'n') = 's' as "publishesGenerated",
  (select coalesce(json_agg(json_build_object(
      'oid', r.oid::int8,
      'schema', n.nspname,
      'name', c.relname,
      'where', pg_get_expr(r.prqual, r.prrelid),
      'columns', (
        select json_agg(a.attname order by a.attnum)
        from pg_attribute a
        where a.attrelid = r.prrelid and a.attnum = any (r.prattrs)))), '[]')
   from pg_publication_rel r
   join pg_class c on c.oid = r.prrelid
   join pg_namespace n on n.oid = c.relnamespace
   where r.prpubid = p.oid) as tables,
  (select coalesce(json_agg(json_build_object('oid', s.oid::int8, 'schema', n.nspname)), '[]')
   from pg_publication_namespace s
   join pg_namespace n on n.oid = s.pnnspid
   where s.pnpubid = p.oid) as schemas
from pg_publication p
where not exists (
    select from pg_depend e
    where e.classid = 'pg_publication'::regclass and e.objid = p.oid and e.deptype = 'e'
  )
