-- How many bytes does each of these tables have on disk, without its indexes and long values?
-- It waits for whoever has locked one of them exclusively.
select t.oid, coalesce(pg_relation_size(t.oid::oid), 0)::float8 as bytes
from json_array_elements_text($1::text::json) as t (oid)
