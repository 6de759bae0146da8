-- Totals per user, computed ahead of time.

-- migrate:up

CREATE MATERIALIZED VIEW workout_service.user_workout_stats AS
SELECT
    u.id AS user_id,
    COUNT(w.id) AS total_workouts,
    AVG(w.duration_minutes) AS avg_duration,
    SUM(w.calories_burned) AS total_calories
FROM user_service.users u
LEFT JOIN workout_service.workouts w ON u.id = w.user_id
GROUP BY u.id;

-- REFRESH … CONCURRENTLY, which readers do not notice, needs a unique index on plain columns.
CREATE UNIQUE INDEX idx_user_workout_stats_user_id ON workout_service.user_workout_stats (user_id);

COMMENT ON MATERIALIZED VIEW workout_service.user_workout_stats IS 'Workout totals per user as of the last refresh';
COMMENT ON COLUMN workout_service.user_workout_stats.user_id IS 'ID of user';
COMMENT ON COLUMN workout_service.user_workout_stats.total_workouts IS 'Number of workouts the user created';
COMMENT ON COLUMN workout_service.user_workout_stats.avg_duration IS 'Average duration in minutes; empty without workouts';
COMMENT ON COLUMN workout_service.user_workout_stats.total_calories IS 'Sum of calories burned; empty without workouts';

-- migrate:down

DROP MATERIALIZED VIEW workout_service.user_workout_stats;
