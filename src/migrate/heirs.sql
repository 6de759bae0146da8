-- Which tables hold rows of the tables $1, themselves among them: partitions, and children by inheritance?
-- $1 is a JSON list of names, $2 one of pairs (child, parent) that are to count as separated.
with recursive separated as (
  select to_regclass(e->>0)::oid as child, to_regclass(e->>1)::oid as parent from json_array_elements($2::text::json) e
), tree (root, oid) as (
  select r, to_regclass(r)::oid from json_array_elements_text($1::text::json) r
  union
  select t.root, i.inhrelid
  from tree t join pg_inherits i on i.inhparent = t.oid
  where not exists (select from separated s where s.child = i.inhrelid and s.parent = i.inhparent)
)
select t.root, n.nspname as schema, c.relname as table, c.relkind::text as kind
from tree t
join pg_class c on c.oid = t.oid
join pg_namespace n on n.oid = c.relnamespace
order by 1, 2, 3
