-- What each service may read of the others. The views run with their owner's rights on purpose: they
-- show a few public columns of every row, where row level security would show a service only the
-- current user's. security_barrier keeps a caller's functions from seeing rows before the filter.

-- migrate:up

CREATE VIEW shared.user_directory WITH (security_barrier = true) AS
SELECT id, first_name, last_name, role, avatar_url
FROM user_service.users
WHERE is_active;

COMMENT ON VIEW shared.user_directory IS 'Public face of active users: who wrote a post, who follows';
COMMENT ON COLUMN shared.user_directory.id IS 'Unique user identifier';
COMMENT ON COLUMN shared.user_directory.first_name IS 'User''s first name';
COMMENT ON COLUMN shared.user_directory.last_name IS 'User''s last name';
COMMENT ON COLUMN shared.user_directory.role IS 'User role (user, trainer, admin)';
COMMENT ON COLUMN shared.user_directory.avatar_url IS 'URL to user''s avatar image';

CREATE VIEW shared.public_workouts WITH (security_barrier = true) AS
SELECT id, user_id, name, description, type, difficulty, duration_minutes, is_template, tags, created_at
FROM workout_service.workouts
WHERE is_public;

COMMENT ON VIEW shared.public_workouts IS 'Workouts that everybody may see';
COMMENT ON COLUMN shared.public_workouts.id IS 'Unique workout identifier';
COMMENT ON COLUMN shared.public_workouts.user_id IS 'ID of user who created workout';
COMMENT ON COLUMN shared.public_workouts.name IS 'Workout name';
COMMENT ON COLUMN shared.public_workouts.description IS 'Workout description';
COMMENT ON COLUMN shared.public_workouts.type IS 'Type of workout';
COMMENT ON COLUMN shared.public_workouts.difficulty IS 'Difficulty level';
COMMENT ON COLUMN shared.public_workouts.duration_minutes IS 'Duration in minutes';
COMMENT ON COLUMN shared.public_workouts.is_template IS 'Whether it''s a reusable template';
COMMENT ON COLUMN shared.public_workouts.tags IS 'Workout tags array';
COMMENT ON COLUMN shared.public_workouts.created_at IS 'Creation timestamp';

-- Row level security does not exist for materialized views, so nobody is granted user_workout_stats
-- itself; this view shows each user the own row, and none where no user is known.
CREATE VIEW shared.my_workout_stats WITH (security_barrier = true) AS
SELECT user_id, total_workouts, avg_duration, total_calories
FROM workout_service.user_workout_stats
WHERE user_id = (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid);

COMMENT ON VIEW shared.my_workout_stats IS 'Workout totals of the current user as of the last refresh';
COMMENT ON COLUMN shared.my_workout_stats.user_id IS 'ID of user';
COMMENT ON COLUMN shared.my_workout_stats.total_workouts IS 'Number of workouts the user created';
COMMENT ON COLUMN shared.my_workout_stats.avg_duration IS 'Average duration in minutes; empty without workouts';
COMMENT ON COLUMN shared.my_workout_stats.total_calories IS 'Sum of calories burned; empty without workouts';

-- migrate:down

DROP VIEW shared.my_workout_stats;
DROP VIEW shared.public_workouts;
DROP VIEW shared.user_directory;
