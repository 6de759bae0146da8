-- Is there a place for our marks in this database, and may this role read the server's identity?
SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'pgwright') AS "hasSchema",
       EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE n.nspname = 'pgwright' AND c.relname = 'protection') AS "hasTable",
       has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE') AS "canReadIdentity",
       current_database() AS "database"
