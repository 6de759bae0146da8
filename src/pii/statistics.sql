-- Which values of the columns of these tables does PostgreSQL itself keep in its statistics?
-- pg_stats shows only what the role may read, and nothing of tables whose row security applies to it.
-- OFFSET 0 keeps the lookup by name, which an index serves; joined freely it reads all statistics there are.
select
  t.oid,
  s.attname as column,
  s.inherited,
  to_json(s.most_common_vals::text::text[]) as common,
  to_json(s.most_common_freqs) as shares,
  to_json(s.histogram_bounds::text::text[]) as bounds,
  to_json(s.most_common_elems::text::text[]) as elements
from json_to_recordset($1::text::json) as t (oid text, schema name, name name)
cross join lateral (
  select * from pg_stats p where p.schemaname = t.schema and p.tablename = t.name offset 0
) s
