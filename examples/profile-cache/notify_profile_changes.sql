-- As a migration: pgwright new notify_profile_changes, and this text.

-- migrate:up

CREATE FUNCTION user_service.notify_profile_change() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- Sent when the transaction commits, and never when it does not; twice the same is sent once.
    IF TG_OP = 'TRUNCATE' THEN
        PERFORM pg_notify('profile_changed', '*');
        RETURN NULL;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        PERFORM pg_notify('profile_changed', OLD.user_id::text);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM pg_notify('profile_changed', NEW.user_id::text);
    END IF;
    RETURN NULL;
END;
$$;

REVOKE ALL ON FUNCTION user_service.notify_profile_change() FROM PUBLIC;

COMMENT ON FUNCTION user_service.notify_profile_change() IS 'Tells listeners of profile_changed whose profile has changed';

CREATE TRIGGER user_profiles_notify
AFTER INSERT OR UPDATE OR DELETE ON user_service.user_profiles
FOR EACH ROW EXECUTE FUNCTION user_service.notify_profile_change();

CREATE TRIGGER user_profiles_notify_truncate
AFTER TRUNCATE ON user_service.user_profiles
FOR EACH STATEMENT EXECUTE FUNCTION user_service.notify_profile_change();

-- migrate:down

DROP TRIGGER user_profiles_notify_truncate ON user_service.user_profiles;
DROP TRIGGER user_profiles_notify ON user_service.user_profiles;
DROP FUNCTION user_service.notify_profile_change();
