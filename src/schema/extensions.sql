-- Which extensions are installed, where, and with a comment of their own?
-- 'isStandard': initdb installed it, so every new database has it.
select
  x.oid, x.extname as name, n.nspname as schema,
  x.oid < 16384 as "isStandard",
  (select a.comment from pg_available_extensions a where a.name = x.extname) as "standardComment"
from pg_extension x
join pg_namespace n on n.oid = x.extnamespace
