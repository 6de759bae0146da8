-- Without a current user the shared views show nothing, as the tables behind them will: an
-- application that forgot to say for whom it asks gets an empty answer everywhere, not a list of
-- everybody's names. Posts get the view that workouts have, and so does the catalogue of exercises.
-- Whoever set no current user was shown rows until now, so:
-- change: major

-- migrate:up

CREATE OR REPLACE VIEW shared.user_directory WITH (security_barrier = true) AS
SELECT id, first_name, last_name, role, avatar_url
FROM user_service.users
WHERE is_active
  AND (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid) IS NOT NULL;

CREATE OR REPLACE VIEW shared.public_workouts WITH (security_barrier = true) AS
SELECT id, user_id, name, description, type, difficulty, duration_minutes, is_template, tags, created_at
FROM workout_service.workouts
WHERE is_public
  AND (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid) IS NOT NULL;

CREATE VIEW shared.public_posts WITH (security_barrier = true) AS
SELECT id, user_id, content, type, media_urls, workout_id, likes_count, comments_count, shares_count, created_at
FROM social_service.social_posts
WHERE is_public
  AND (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid) IS NOT NULL;

COMMENT ON VIEW shared.public_posts IS 'Posts that every user may read';
COMMENT ON COLUMN shared.public_posts.id IS 'Unique post identifier';
COMMENT ON COLUMN shared.public_posts.user_id IS 'ID of user who wrote the post';
COMMENT ON COLUMN shared.public_posts.content IS 'Text of the post';
COMMENT ON COLUMN shared.public_posts.type IS 'Type of post (text, image, video, workout, achievement)';
COMMENT ON COLUMN shared.public_posts.media_urls IS 'URLs of attached images and videos';
COMMENT ON COLUMN shared.public_posts.workout_id IS 'Workout the post is about, if any';
COMMENT ON COLUMN shared.public_posts.likes_count IS 'Number of likes';
COMMENT ON COLUMN shared.public_posts.comments_count IS 'Number of comments';
COMMENT ON COLUMN shared.public_posts.shares_count IS 'Number of times the post was shared';
COMMENT ON COLUMN shared.public_posts.created_at IS 'Creation timestamp';

CREATE VIEW shared.exercise_catalogue WITH (security_barrier = true) AS
SELECT id, name, description, category, muscle_groups, equipment, difficulty, video_url, instructions
FROM workout_service.exercises
WHERE is_active
  AND (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid) IS NOT NULL;

COMMENT ON VIEW shared.exercise_catalogue IS 'Exercises in use, for whoever recommends or mentions one';
COMMENT ON COLUMN shared.exercise_catalogue.id IS 'Unique exercise identifier';
COMMENT ON COLUMN shared.exercise_catalogue.name IS 'Exercise name';
COMMENT ON COLUMN shared.exercise_catalogue.description IS 'Exercise description';
COMMENT ON COLUMN shared.exercise_catalogue.category IS 'Exercise category';
COMMENT ON COLUMN shared.exercise_catalogue.muscle_groups IS 'Targeted muscle groups';
COMMENT ON COLUMN shared.exercise_catalogue.equipment IS 'Required equipment';
COMMENT ON COLUMN shared.exercise_catalogue.difficulty IS 'Difficulty level';
COMMENT ON COLUMN shared.exercise_catalogue.video_url IS 'URL to exercise video';
COMMENT ON COLUMN shared.exercise_catalogue.instructions IS 'Exercise instructions';

-- migrate:down

DROP VIEW shared.exercise_catalogue;
DROP VIEW shared.public_posts;

CREATE OR REPLACE VIEW shared.public_workouts WITH (security_barrier = true) AS
SELECT id, user_id, name, description, type, difficulty, duration_minutes, is_template, tags, created_at
FROM workout_service.workouts
WHERE is_public;

CREATE OR REPLACE VIEW shared.user_directory WITH (security_barrier = true) AS
SELECT id, first_name, last_name, role, avatar_url
FROM user_service.users
WHERE is_active;
