-- Who there is, and what each may do. Read in order as the state that must hold: where two statements
-- speak of the same right, the later one wins. `current_database` stands for the connected database,
-- and ALL TABLES IN SCHEMA for tables and views, never for the leaves of a partitioned table.
--
-- Roles belong to the whole cluster; nothing here sets a password. Why it is this way, and where it
-- differs from the specification's GRANT ALL PRIVILEGES: docs/decisions/0015 and 0016.

-- Roles -------------------------------------------------------------------------------------------

-- Owns every object. BYPASSRLS: its SECURITY DEFINER functions and REFRESH MATERIALIZED VIEW would
-- otherwise find no rows under FORCE ROW LEVEL SECURITY.
CREATE ROLE fitnesshub_owner NOLOGIN BYPASSRLS;

-- Runs pgwright. Creating roles is an administrator's work, so it has no CREATEROLE.
CREATE ROLE fitnesshub_migrator LOGIN;
GRANT fitnesshub_owner TO fitnesshub_migrator;

-- One group role for each service schema has the rights; services log in as members of it.
CREATE ROLE user_service_user NOLOGIN;
CREATE ROLE workout_service_user NOLOGIN;
CREATE ROLE social_service_user NOLOGIN;
CREATE ROLE ai_service_user NOLOGIN;
CREATE ROLE blockchain_service_user NOLOGIN;
CREATE ROLE notification_service_user NOLOGIN;

-- An example login for each service. A second one, for another host or the next password, is a
-- second member.
CREATE ROLE user_service_app LOGIN;
CREATE ROLE workout_service_app LOGIN;
CREATE ROLE social_service_app LOGIN;
CREATE ROLE ai_service_app LOGIN;
CREATE ROLE blockchain_service_app LOGIN;
CREATE ROLE notification_service_app LOGIN;

GRANT user_service_user TO user_service_app;
GRANT workout_service_user TO workout_service_app;
GRANT social_service_user TO social_service_app;
GRANT ai_service_user TO ai_service_app;
GRANT blockchain_service_user TO blockchain_service_app;
GRANT notification_service_user TO notification_service_app;

-- Sees numbers about groups of users, no person's data.
CREATE ROLE fitnesshub_analyst LOGIN;

COMMENT ON ROLE fitnesshub_owner IS 'FitnessHub: owns every object, cannot log in';
COMMENT ON ROLE fitnesshub_migrator IS 'FitnessHub: runs migrations and policies';
COMMENT ON ROLE fitnesshub_analyst IS 'FitnessHub: reads summaries without personal data';
COMMENT ON ROLE user_service_user IS 'FitnessHub: the rights of user_service';
COMMENT ON ROLE workout_service_user IS 'FitnessHub: the rights of workout_service';
COMMENT ON ROLE social_service_user IS 'FitnessHub: the rights of social_service';
COMMENT ON ROLE ai_service_user IS 'FitnessHub: the rights of ai_service';
COMMENT ON ROLE blockchain_service_user IS 'FitnessHub: the rights of blockchain_service';
COMMENT ON ROLE notification_service_user IS 'FitnessHub: the rights of notification_service';

-- A setting of a group is not inherited, so the search path stands at the logins; IN DATABASE, because
-- another database of the cluster has other schemas. Unqualified names find the service's own tables.
ALTER ROLE user_service_app IN DATABASE current_database SET search_path = user_service, shared;
ALTER ROLE workout_service_app IN DATABASE current_database SET search_path = workout_service, shared;
ALTER ROLE social_service_app IN DATABASE current_database SET search_path = social_service, shared;
ALTER ROLE ai_service_app IN DATABASE current_database SET search_path = ai_service, shared;
ALTER ROLE blockchain_service_app IN DATABASE current_database SET search_path = blockchain_service, shared;
ALTER ROLE notification_service_app IN DATABASE current_database SET search_path = notification_service, shared;
ALTER ROLE fitnesshub_analyst IN DATABASE current_database SET search_path = shared;
-- The right to write is missing in any case; this says so before a long query rather than after it.
ALTER ROLE fitnesshub_analyst IN DATABASE current_database SET default_transaction_read_only = on;
ALTER ROLE fitnesshub_analyst IN DATABASE current_database SET statement_timeout = '5min';

-- The database ------------------------------------------------------------------------------------

-- PUBLIC may connect to every new database and make temporary tables in it.
REVOKE CONNECT, TEMPORARY ON DATABASE current_database FROM PUBLIC;
GRANT CONNECT, CREATE, TEMPORARY ON DATABASE current_database TO fitnesshub_owner;
GRANT CONNECT, TEMPORARY ON DATABASE current_database TO fitnesshub_migrator;
GRANT CONNECT ON DATABASE current_database TO
    user_service_user, workout_service_user, social_service_user,
    ai_service_user, blockchain_service_user, notification_service_user, fitnesshub_analyst;

-- Each service in its own schema ------------------------------------------------------------------

-- TRUNCATE passes by row level security, REFERENCES and TRIGGER let a role attach itself to a table:
-- no application needs them.
GRANT USAGE ON SCHEMA user_service TO user_service_user;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA user_service TO user_service_user;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA user_service TO user_service_user;
GRANT USAGE ON SCHEMA workout_service TO workout_service_user;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA workout_service TO workout_service_user;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA workout_service TO workout_service_user;
GRANT USAGE ON SCHEMA social_service TO social_service_user;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA social_service TO social_service_user;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA social_service TO social_service_user;
GRANT USAGE ON SCHEMA ai_service TO ai_service_user;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ai_service TO ai_service_user;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA ai_service TO ai_service_user;
GRANT USAGE ON SCHEMA blockchain_service TO blockchain_service_user;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA blockchain_service TO blockchain_service_user;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA blockchain_service TO blockchain_service_user;
GRANT USAGE ON SCHEMA notification_service TO notification_service_user;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA notification_service TO notification_service_user;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA notification_service TO notification_service_user;

-- Tables and sequences to come. Default privileges belong to the role that creates, and only the owner
-- creates here.
ALTER DEFAULT PRIVILEGES FOR ROLE fitnesshub_owner IN SCHEMA user_service
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO user_service_user;
ALTER DEFAULT PRIVILEGES FOR ROLE fitnesshub_owner IN SCHEMA user_service
    GRANT USAGE, SELECT ON SEQUENCES TO user_service_user;
ALTER DEFAULT PRIVILEGES FOR ROLE fitnesshub_owner IN SCHEMA workout_service
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO workout_service_user;
ALTER DEFAULT PRIVILEGES FOR ROLE fitnesshub_owner IN SCHEMA workout_service
    GRANT USAGE, SELECT ON SEQUENCES TO workout_service_user;
ALTER DEFAULT PRIVILEGES FOR ROLE fitnesshub_owner IN SCHEMA social_service
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO social_service_user;
ALTER DEFAULT PRIVILEGES FOR ROLE fitnesshub_owner IN SCHEMA social_service
    GRANT USAGE, SELECT ON SEQUENCES TO social_service_user;
ALTER DEFAULT PRIVILEGES FOR ROLE fitnesshub_owner IN SCHEMA ai_service
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ai_service_user;
ALTER DEFAULT PRIVILEGES FOR ROLE fitnesshub_owner IN SCHEMA ai_service
    GRANT USAGE, SELECT ON SEQUENCES TO ai_service_user;
ALTER DEFAULT PRIVILEGES FOR ROLE fitnesshub_owner IN SCHEMA blockchain_service
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO blockchain_service_user;
ALTER DEFAULT PRIVILEGES FOR ROLE fitnesshub_owner IN SCHEMA blockchain_service
    GRANT USAGE, SELECT ON SEQUENCES TO blockchain_service_user;
ALTER DEFAULT PRIVILEGES FOR ROLE fitnesshub_owner IN SCHEMA notification_service
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO notification_service_user;
ALTER DEFAULT PRIVILEGES FOR ROLE fitnesshub_owner IN SCHEMA notification_service
    GRANT USAGE, SELECT ON SEQUENCES TO notification_service_user;

-- Less than that ----------------------------------------------------------------------------------

-- A person may change what the account says, not who it is: `role` is an administrator's to give, and
-- id and created_at never change.
REVOKE UPDATE ON user_service.users FROM user_service_user;
GRANT UPDATE (email, first_name, last_name, avatar_url, bio, location, date_of_birth, gender,
              fitness_goals, activity_level, is_active, last_login_at, updated_at)
    ON user_service.users TO user_service_user;

-- Written by a trigger, read by find_login.
REVOKE ALL ON user_service.user_emails FROM user_service_user;

-- The counters are kept by functions, the author and the date are what they are.
-- The key of a post is given by the database: it holds together with the time, and whoever could choose
-- it could take over the likes and comments of somebody else's post.
REVOKE INSERT, UPDATE ON social_service.social_posts FROM social_service_user;
GRANT INSERT (user_id, content, type, media_urls, workout_id, is_public)
    ON social_service.social_posts TO social_service_user;
GRANT UPDATE (content, type, media_urls, workout_id, is_public, updated_at)
    ON social_service.social_posts TO social_service_user;

-- There is nothing in them to change: they come and go.
REVOKE UPDATE ON social_service.likes, social_service.user_followers FROM social_service_user;

-- Row level security does not exist for materialized views; the views shared.my_… show the own rows.
REVOKE ALL ON workout_service.user_workout_stats, workout_service.user_monthly_activity FROM workout_service_user;
REVOKE ALL ON social_service.user_feed_stats FROM social_service_user;

-- What is shared ----------------------------------------------------------------------------------

-- View by view and without default privileges: the audit log is in this schema, and what comes to it
-- is readable when a line here says so.
GRANT USAGE ON SCHEMA shared TO
    user_service_user, workout_service_user, social_service_user,
    ai_service_user, blockchain_service_user, notification_service_user, fitnesshub_analyst;
GRANT SELECT ON
    shared.user_directory, shared.public_workouts, shared.public_posts,
    shared.exercise_catalogue, shared.my_workout_stats, shared.my_feed_stats, shared.my_monthly_activity
TO
    user_service_user, workout_service_user, social_service_user,
    ai_service_user, blockchain_service_user, notification_service_user;
GRANT SELECT ON shared.workout_summary, shared.workouts_by_month, shared.activity_by_month TO fitnesshub_analyst;

-- Functions ---------------------------------------------------------------------------------------

-- Only the form without IN SCHEMA takes away what PUBLIC has by default.
ALTER DEFAULT PRIVILEGES FOR ROLE fitnesshub_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA
    user_service, workout_service, social_service, ai_service, blockchain_service,
    notification_service, shared FROM PUBLIC;

-- Login knows an address and no identity yet.
GRANT EXECUTE ON FUNCTION user_service.find_login(TEXT) TO user_service_user;
GRANT EXECUTE ON FUNCTION social_service.refresh_post_counts(UUID) TO social_service_user;
GRANT EXECUTE ON FUNCTION social_service.count_share(UUID) TO social_service_user;
