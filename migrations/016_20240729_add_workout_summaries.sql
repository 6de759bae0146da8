-- What an analyst may know: numbers about groups, never about a person. A group of fewer than five
-- users is left out, because an average over one user is that user's value.

-- migrate:up

CREATE VIEW shared.workout_summary WITH (security_barrier = true) AS
SELECT
    count(*) AS users,
    count(*) FILTER (WHERE total_workouts > 0) AS users_with_workouts,
    sum(total_workouts)::bigint AS workouts,
    round(avg(total_workouts), 2) AS workouts_per_user
FROM workout_service.user_workout_stats
HAVING count(*) >= 5;

COMMENT ON VIEW shared.workout_summary IS 'Workout totals over all users as of the last refresh; no row while there are fewer than five';
COMMENT ON COLUMN shared.workout_summary.users IS 'Number of users';
COMMENT ON COLUMN shared.workout_summary.users_with_workouts IS 'Number of users who created a workout';
COMMENT ON COLUMN shared.workout_summary.workouts IS 'Number of workouts';
COMMENT ON COLUMN shared.workout_summary.workouts_per_user IS 'Average number of workouts of a user';

CREATE VIEW shared.workouts_by_month WITH (security_barrier = true) AS
SELECT
    date_trunc('month', created_at AT TIME ZONE 'UTC')::date AS month,
    type,
    difficulty,
    count(*) AS workouts,
    count(DISTINCT user_id) AS users,
    round(avg(duration_minutes), 1) AS avg_duration
FROM workout_service.workouts
GROUP BY 1, 2, 3
HAVING count(DISTINCT user_id) >= 5;

COMMENT ON VIEW shared.workouts_by_month IS 'Workouts by month, type and difficulty; groups of fewer than five users are left out';
COMMENT ON COLUMN shared.workouts_by_month.month IS 'First day of the month (UTC)';
COMMENT ON COLUMN shared.workouts_by_month.type IS 'Type of workout';
COMMENT ON COLUMN shared.workouts_by_month.difficulty IS 'Difficulty level';
COMMENT ON COLUMN shared.workouts_by_month.workouts IS 'Number of workouts created in the month';
COMMENT ON COLUMN shared.workouts_by_month.users IS 'Number of users who created them';
COMMENT ON COLUMN shared.workouts_by_month.avg_duration IS 'Average duration in minutes';

-- migrate:down

DROP VIEW shared.workouts_by_month;
DROP VIEW shared.workout_summary;
