-- pg_stat_statements, where the server has it and the role that connected may create it. The owner of
-- FitnessHub never may (the extension is not trusted), so the block goes back to the connected role for
-- this one statement. Where it cannot be had, the migration says what to type and goes on: no object of
-- FitnessHub needs it. The comment marks an extension that came from here, so that going back leaves one
-- alone that was there before.

-- migrate:up

DO $$
DECLARE
    owner CONSTANT NAME := current_user;
BEGIN
    IF EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = 'pg_stat_statements') THEN
        RAISE NOTICE 'pg_stat_statements is there already and was left as it is';
    ELSIF NOT EXISTS (SELECT FROM pg_catalog.pg_available_extensions WHERE name = 'pg_stat_statements') THEN
        RAISE NOTICE 'this server does not offer pg_stat_statements: install the contrib package, then run as a superuser: CREATE EXTENSION pg_stat_statements;';
    ELSE
        BEGIN
            EXECUTE format('SET LOCAL ROLE %I', session_user);
            CREATE EXTENSION pg_stat_statements WITH SCHEMA public;
            COMMENT ON EXTENSION pg_stat_statements IS 'Statistics of all SQL statements executed; created by FitnessHub migration 013';
            EXECUTE format('SET LOCAL ROLE %I', owner);
        EXCEPTION WHEN insufficient_privilege THEN
            RAISE NOTICE 'role % may not create pg_stat_statements; run as a superuser: CREATE EXTENSION pg_stat_statements;', session_user;
        END;
    END IF;
END
$$;

-- migrate:down

DO $$
DECLARE
    owner CONSTANT NAME := current_user;
BEGIN
    IF EXISTS (SELECT FROM pg_catalog.pg_extension
               WHERE extname = 'pg_stat_statements'
                 AND pg_catalog.obj_description(oid, 'pg_extension') LIKE '%; created by FitnessHub migration 013') THEN
        EXECUTE format('SET LOCAL ROLE %I', session_user);
        DROP EXTENSION pg_stat_statements;
        EXECUTE format('SET LOCAL ROLE %I', owner);
    END IF;
END
$$;
