-- Which database is this, on which server?
select
  current_database() as name,
  case when has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE')
    then (select system_identifier::text from pg_control_system()) end as system
