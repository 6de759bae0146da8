-- Workouts are the author's to change; public ones are everybody's to read, with the exercises they
-- consist of. What was performed is nobody else's business.

-- The catalogue is common: every user reads it, retired exercises too, because old workouts name them.
-- Only administrators change it, and user_directory knows those that are active.
ALTER TABLE workout_service.exercises ENABLE ROW LEVEL SECURITY;
ALTER TABLE workout_service.exercises FORCE ROW LEVEL SECURITY;

CREATE POLICY read_catalogue ON workout_service.exercises
    FOR SELECT TO workout_service_user
    USING ((SELECT nullif(current_setting('app.current_user_id', true), '')::uuid) IS NOT NULL);

CREATE POLICY insert_as_admin ON workout_service.exercises
    FOR INSERT TO workout_service_user
    WITH CHECK (EXISTS (
        SELECT FROM shared.user_directory d
        WHERE d.id = (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid) AND d.role = 'admin'));

CREATE POLICY update_as_admin ON workout_service.exercises
    FOR UPDATE TO workout_service_user
    USING (EXISTS (
        SELECT FROM shared.user_directory d
        WHERE d.id = (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid) AND d.role = 'admin'))
    WITH CHECK (EXISTS (
        SELECT FROM shared.user_directory d
        WHERE d.id = (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid) AND d.role = 'admin'));

CREATE POLICY delete_as_admin ON workout_service.exercises
    FOR DELETE TO workout_service_user
    USING (EXISTS (
        SELECT FROM shared.user_directory d
        WHERE d.id = (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid) AND d.role = 'admin'));

ALTER TABLE workout_service.workouts ENABLE ROW LEVEL SECURITY;
ALTER TABLE workout_service.workouts FORCE ROW LEVEL SECURITY;

CREATE POLICY read_own_and_public ON workout_service.workouts
    FOR SELECT TO workout_service_user
    USING (user_id = (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid)
        OR (is_public AND (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid) IS NOT NULL));

CREATE POLICY insert_own ON workout_service.workouts
    FOR INSERT TO workout_service_user
    WITH CHECK (user_id = (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid));

CREATE POLICY update_own ON workout_service.workouts
    FOR UPDATE TO workout_service_user
    USING (user_id = (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid))
    WITH CHECK (user_id = (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid));

CREATE POLICY delete_own ON workout_service.workouts
    FOR DELETE TO workout_service_user
    USING (user_id = (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid));

ALTER TABLE workout_service.workout_exercises ENABLE ROW LEVEL SECURITY;
ALTER TABLE workout_service.workout_exercises FORCE ROW LEVEL SECURITY;

-- The policies of workouts apply inside: what can be seen of a workout can be seen of its exercises.
CREATE POLICY read_with_workout ON workout_service.workout_exercises
    FOR SELECT TO workout_service_user
    USING (EXISTS (
        SELECT FROM workout_service.workouts w
        WHERE w.id = workout_exercises.workout_id));

CREATE POLICY insert_own ON workout_service.workout_exercises
    FOR INSERT TO workout_service_user
    WITH CHECK (EXISTS (
        SELECT FROM workout_service.workouts w
        WHERE w.id = workout_exercises.workout_id
          AND w.user_id = (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid)));

CREATE POLICY update_own ON workout_service.workout_exercises
    FOR UPDATE TO workout_service_user
    USING (EXISTS (
        SELECT FROM workout_service.workouts w
        WHERE w.id = workout_exercises.workout_id
          AND w.user_id = (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid)))
    WITH CHECK (EXISTS (
        SELECT FROM workout_service.workouts w
        WHERE w.id = workout_exercises.workout_id
          AND w.user_id = (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid)));

CREATE POLICY delete_own ON workout_service.workout_exercises
    FOR DELETE TO workout_service_user
    USING (EXISTS (
        SELECT FROM workout_service.workouts w
        WHERE w.id = workout_exercises.workout_id
          AND w.user_id = (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid)));

ALTER TABLE workout_service.workout_sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE workout_service.workout_sessions FORCE ROW LEVEL SECURITY;

CREATE POLICY own_rows ON workout_service.workout_sessions
    FOR ALL TO workout_service_user
    USING (user_id = (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid))
    WITH CHECK (user_id = (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid));

ALTER TABLE workout_service.exercise_sets ENABLE ROW LEVEL SECURITY;
ALTER TABLE workout_service.exercise_sets FORCE ROW LEVEL SECURITY;

CREATE POLICY own_rows ON workout_service.exercise_sets
    FOR ALL TO workout_service_user
    USING (EXISTS (
        SELECT FROM workout_service.workout_sessions s
        WHERE s.id = exercise_sets.workout_session_id
          AND s.user_id = (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid)))
    WITH CHECK (EXISTS (
        SELECT FROM workout_service.workout_sessions s
        WHERE s.id = exercise_sets.workout_session_id
          AND s.user_id = (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid)));
