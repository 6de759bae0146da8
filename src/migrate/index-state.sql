-- What is the table $1 (as search_path resolves it), and has it an index $2?
select n.nspname as schema,
       c.relname as table,
       c.relkind::text as kind,
       (select json_build_object(
          'oid', i.indexrelid::text,
          'schema', n.nspname,
          'name', ic.relname,
          'isValid', i.indisvalid and i.indisready and i.indislive)
        from pg_class ic
        join pg_index i on i.indexrelid = ic.oid
        where ic.relnamespace = c.relnamespace and ic.relname = $2 and i.indrelid = c.oid) as index
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where c.oid = to_regclass($1)
