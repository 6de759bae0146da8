-- Search in posts, exercises and workouts. The tables are in use by now, so the indexes are built
-- CONCURRENTLY, outside the transaction, and nobody waits. PostgreSQL refuses that form on the
-- partitioned social_posts; pgwright builds the index on each leaf and then on the parent.

-- migrate:up

CREATE INDEX CONCURRENTLY idx_exercises_name_fts ON workout_service.exercises USING GIN (to_tsvector('english', name));
CREATE INDEX CONCURRENTLY idx_workouts_name_fts ON workout_service.workouts USING GIN (to_tsvector('english', name));
CREATE INDEX CONCURRENTLY idx_social_posts_content_fts ON social_service.social_posts USING GIN (to_tsvector('english', content));

COMMENT ON INDEX workout_service.idx_exercises_name_fts IS 'Serves to_tsvector(''english'', name) @@ …; the configuration must be named';
COMMENT ON INDEX workout_service.idx_workouts_name_fts IS 'Serves to_tsvector(''english'', name) @@ …; the configuration must be named';
COMMENT ON INDEX social_service.idx_social_posts_content_fts IS 'Serves to_tsvector(''english'', content) @@ …; the configuration must be named';

-- migrate:down

-- An index of a partitioned table cannot be dropped CONCURRENTLY; dropping is brief in any case.
DROP INDEX social_service.idx_social_posts_content_fts;
DROP INDEX CONCURRENTLY workout_service.idx_workouts_name_fts;
DROP INDEX CONCURRENTLY workout_service.idx_exercises_name_fts;
