-- What do the system catalogs hold at this moment, in two figures?
-- Every change of a row gives it a new xmin. Temporary tables come and go without mattering.
with lasting as (
  select oid, xmin from pg_class
  where oid >= 16384 and relpersistence <> 't' and relkind <> 't'
),
rows as (
  select xmin from lasting
  union all
  select a.xmin from pg_attribute a join lasting l on l.oid = a.attrelid
  union all
  select d.xmin from pg_attrdef d join lasting l on l.oid = d.adrelid
  union all
  select i.xmin from pg_index i join lasting l on l.oid = i.indrelid
  union all
  select t.xmin from pg_trigger t join lasting l on l.oid = t.tgrelid
  union all
  select r.xmin from pg_rewrite r join lasting l on l.oid = r.ev_class
  union all
  select p.xmin from pg_policy p join lasting l on l.oid = p.polrelid
  union all
  select c.xmin from pg_constraint c join lasting l on l.oid = c.conrelid
  union all
  select c.xmin from pg_constraint c where c.contypid <> 0 and c.oid >= 16384
  union all
  select t.xmin from pg_type t join pg_namespace n on n.oid = t.typnamespace
  where t.oid >= 16384 and n.nspname !~ '^pg_(temp|toast)'
  union all
  select xmin from pg_proc where oid >= 16384
  union all
  select xmin from pg_operator where oid >= 16384
  union all
  select xmin from pg_namespace where nspname !~ '^pg_'
  union all
  select xmin from pg_collation where oid >= 16384
  union all
  select xmin from pg_opclass where oid >= 16384
  union all
  select xmin from pg_enum
  union all
  select xmin from pg_statistic_ext
)
select count(*)::text as count, sum(xmin::text::bigint)::text as sum from rows
