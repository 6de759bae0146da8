-- Which values of the columns does PostgreSQL itself keep in its statistics?
-- pg_stats shows only what the role may read, and nothing of tables whose row security applies to it.
select
  c.oid::int8::text as oid,
  s.attname as column,
  s.inherited,
  s.null_frac as "nullShare",
  to_json(s.most_common_vals::text::text[]) as common,
  to_json(s.histogram_bounds::text::text[]) as bounds,
  to_json(s.most_common_elems::text::text[]) as elements
from pg_stats s
join pg_namespace n on n.nspname = s.schemaname
join pg_class c on c.relnamespace = n.oid and c.relname = s.tablename
where c.oid in (select json_array_elements_text($1::text::json)::oid)
