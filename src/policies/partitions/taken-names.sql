-- Which of the names $2 (JSON array) does a relation in schema $1 have?
select c.relname as name
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where n.nspname = $1
  and c.relname in (select value from json_array_elements_text($2::text::json))
