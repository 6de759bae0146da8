-- What is said of the database and of its schemas, and how large is it?
select d.datname as name, pg_database_size(d.oid)::float8 as bytes,
  shobj_description(d.oid, 'pg_database') as comment,
  (select coalesce(json_object_agg(n.nspname, obj_description(n.oid, 'pg_namespace')), '{}')
   from pg_namespace n
   where obj_description(n.oid, 'pg_namespace') <> 'standard public schema') as schemas,
  to_char(now() at time zone 'UTC', 'YYYY-MM-DD HH24:MI" UTC"') as at
from pg_database d
where d.datname = current_database()
