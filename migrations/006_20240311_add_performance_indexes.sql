-- Indexes for the queries behind the main pages. Plain CREATE INDEX: at this point of a new
-- database the tables are empty. 009 shows the form for tables in use.
-- lint:ignore create-index: at this point of a new database the tables are empty

-- migrate:up

CREATE INDEX idx_workouts_user_type_difficulty ON workout_service.workouts (user_id, type, difficulty);
CREATE INDEX idx_social_posts_user_created ON social_service.social_posts (user_id, created_at DESC);
CREATE INDEX idx_notifications_user_unread ON notification_service.notifications (user_id, is_read, created_at DESC);

CREATE INDEX idx_users_active ON user_service.users (id) WHERE is_active = true;
CREATE INDEX idx_workouts_public ON workout_service.workouts (id, name) WHERE is_public = true;

-- The posts of the last thirty days, newest first. An index predicate must be immutable and so cannot
-- say now(); leading with created_at makes the same rows one range of the index, read without the heap,
-- and partition pruning leaves out the older months.
CREATE INDEX idx_social_posts_recent ON social_service.social_posts (created_at DESC, id DESC);

CREATE INDEX idx_users_fitness_goals_gin ON user_service.users USING GIN (fitness_goals);
CREATE INDEX idx_workouts_tags_gin ON workout_service.workouts USING GIN (tags);
CREATE INDEX idx_exercises_muscle_groups_gin ON workout_service.exercises USING GIN (muscle_groups);

-- migrate:down

DROP INDEX workout_service.idx_exercises_muscle_groups_gin;
DROP INDEX workout_service.idx_workouts_tags_gin;
DROP INDEX user_service.idx_users_fitness_goals_gin;
DROP INDEX social_service.idx_social_posts_recent;
DROP INDEX workout_service.idx_workouts_public;
DROP INDEX user_service.idx_users_active;
DROP INDEX notification_service.idx_notifications_user_unread;
DROP INDEX social_service.idx_social_posts_user_created;
DROP INDEX workout_service.idx_workouts_user_type_difficulty;
