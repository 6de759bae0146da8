-- updated_at keeps itself, on every table that has it.

-- migrate:up

CREATE FUNCTION shared.set_updated_at() RETURNS TRIGGER
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END
$$;

REVOKE EXECUTE ON FUNCTION shared.set_updated_at() FROM PUBLIC;

COMMENT ON FUNCTION shared.set_updated_at() IS 'Sets updated_at to the time of the transaction';

-- WHEN: an UPDATE that changes nothing is no update, neither here nor in the audit log.
CREATE TRIGGER users_set_updated_at BEFORE UPDATE ON user_service.users
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION shared.set_updated_at();
CREATE TRIGGER user_profiles_set_updated_at BEFORE UPDATE ON user_service.user_profiles
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION shared.set_updated_at();
CREATE TRIGGER workouts_set_updated_at BEFORE UPDATE ON workout_service.workouts
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION shared.set_updated_at();
CREATE TRIGGER exercises_set_updated_at BEFORE UPDATE ON workout_service.exercises
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION shared.set_updated_at();
CREATE TRIGGER social_posts_set_updated_at BEFORE UPDATE ON social_service.social_posts
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION shared.set_updated_at();
CREATE TRIGGER comments_set_updated_at BEFORE UPDATE ON social_service.comments
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION shared.set_updated_at();
CREATE TRIGGER ai_chat_sessions_set_updated_at BEFORE UPDATE ON ai_service.ai_chat_sessions
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION shared.set_updated_at();

-- migrate:down

DROP TRIGGER ai_chat_sessions_set_updated_at ON ai_service.ai_chat_sessions;
DROP TRIGGER comments_set_updated_at ON social_service.comments;
DROP TRIGGER social_posts_set_updated_at ON social_service.social_posts;
DROP TRIGGER exercises_set_updated_at ON workout_service.exercises;
DROP TRIGGER workouts_set_updated_at ON workout_service.workouts;
DROP TRIGGER user_profiles_set_updated_at ON user_service.user_profiles;
DROP TRIGGER users_set_updated_at ON user_service.users;
DROP FUNCTION shared.set_updated_at();
