-- Is this database a copy that pgwright has made or begun?
select exists (select from pg_namespace where nspname = 'pgwright') as "hasSchema",
  to_regclass('pgwright.anonymized_copy') is not null as "hasMarker",
  has_database_privilege(current_database(), 'CREATE') as "mayCreate"
