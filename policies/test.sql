-- The rows that `pgwright policies test` tries everybody's rights on. They are made in a transaction
-- that is rolled back; what came of it is kept in access.yaml.
--
-- identity: app.current_user_id
-- user: ann = 0a000000-0000-4000-8000-000000000000
-- user: ben = 0b000000-0000-4000-8000-000000000000
-- person: admin = 0c000000-0000-4000-8000-000000000000
-- person: closed = 0d000000-0000-4000-8000-000000000000

-- People ------------------------------------------------------------------------------------------

-- rows: ann
INSERT INTO user_service.users (id, email, first_name, last_name)
VALUES ('0a000000-0000-4000-8000-000000000000', 'ann@policies.invalid', 'Ann', 'Example');
INSERT INTO user_service.user_profiles (user_id) VALUES ('0a000000-0000-4000-8000-000000000000');
INSERT INTO user_service.user_stats (user_id, metric_name, value) VALUES ('0a000000-0000-4000-8000-000000000000', 'weight', 60);
-- rows: ben
INSERT INTO user_service.users (id, email, first_name, last_name)
VALUES ('0b000000-0000-4000-8000-000000000000', 'ben@policies.invalid', 'Ben', 'Example');
INSERT INTO user_service.user_profiles (user_id) VALUES ('0b000000-0000-4000-8000-000000000000');
INSERT INTO user_service.user_stats (user_id, metric_name, value) VALUES ('0b000000-0000-4000-8000-000000000000', 'weight', 80);
-- rows: admin, admin
INSERT INTO user_service.users (id, email, first_name, last_name, role)
VALUES ('0c000000-0000-4000-8000-000000000000', 'admin@policies.invalid', 'Cid', 'Example', 'admin');
-- rows: closed, closed
INSERT INTO user_service.users (id, email, first_name, last_name, is_active)
VALUES ('0d000000-0000-4000-8000-000000000000', 'closed@policies.invalid', 'Dan', 'Example', false);

-- Workouts ----------------------------------------------------------------------------------------

-- rows: nobody
INSERT INTO workout_service.exercises (id, name, category, difficulty)
VALUES ('0e000000-0000-4000-8000-000000000001', 'Squat', 'strength', 'beginner');
-- rows: nobody, retired
INSERT INTO workout_service.exercises (id, name, category, difficulty, is_active)
VALUES ('0e000000-0000-4000-8000-000000000002', 'Sit-up', 'strength', 'beginner', false);

-- rows: ann
INSERT INTO workout_service.workouts (id, user_id, name, type, difficulty, duration_minutes, is_public)
VALUES ('0a000000-0000-4000-8000-000000000001', '0a000000-0000-4000-8000-000000000000', 'Legs', 'strength', 'beginner', 30, false);
INSERT INTO workout_service.workout_exercises (workout_id, exercise_id, order_index, sets, reps)
VALUES ('0a000000-0000-4000-8000-000000000001', '0e000000-0000-4000-8000-000000000001', 1, 3, 10);
INSERT INTO workout_service.workout_sessions (id, user_id, workout_id, started_at)
VALUES ('0a000000-0000-4000-8000-000000000003', '0a000000-0000-4000-8000-000000000000', '0a000000-0000-4000-8000-000000000001', now());
INSERT INTO workout_service.exercise_sets (workout_session_id, exercise_id, set_number, reps)
VALUES ('0a000000-0000-4000-8000-000000000003', '0e000000-0000-4000-8000-000000000001', 1, 10);
-- rows: ann, public
INSERT INTO workout_service.workouts (id, user_id, name, type, difficulty, duration_minutes, is_public)
VALUES ('0a000000-0000-4000-8000-000000000002', '0a000000-0000-4000-8000-000000000000', 'Arms', 'strength', 'beginner', 30, true);
INSERT INTO workout_service.workout_exercises (workout_id, exercise_id, order_index, sets, reps)
VALUES ('0a000000-0000-4000-8000-000000000002', '0e000000-0000-4000-8000-000000000001', 1, 3, 10);
-- rows: ben
INSERT INTO workout_service.workouts (id, user_id, name, type, difficulty, duration_minutes, is_public)
VALUES ('0b000000-0000-4000-8000-000000000001', '0b000000-0000-4000-8000-000000000000', 'Legs', 'strength', 'beginner', 30, false);
INSERT INTO workout_service.workout_exercises (workout_id, exercise_id, order_index, sets, reps)
VALUES ('0b000000-0000-4000-8000-000000000001', '0e000000-0000-4000-8000-000000000001', 1, 3, 10);
INSERT INTO workout_service.workout_sessions (id, user_id, workout_id, started_at)
VALUES ('0b000000-0000-4000-8000-000000000003', '0b000000-0000-4000-8000-000000000000', '0b000000-0000-4000-8000-000000000001', now());
INSERT INTO workout_service.exercise_sets (workout_session_id, exercise_id, set_number, reps)
VALUES ('0b000000-0000-4000-8000-000000000003', '0e000000-0000-4000-8000-000000000001', 1, 10);
-- rows: ben, public
INSERT INTO workout_service.workouts (id, user_id, name, type, difficulty, duration_minutes, is_public)
VALUES ('0b000000-0000-4000-8000-000000000002', '0b000000-0000-4000-8000-000000000000', 'Arms', 'strength', 'beginner', 30, true);
INSERT INTO workout_service.workout_exercises (workout_id, exercise_id, order_index, sets, reps)
VALUES ('0b000000-0000-4000-8000-000000000002', '0e000000-0000-4000-8000-000000000001', 1, 3, 10);

-- The views shared.my_… show what was refreshed; these refreshes are rolled back with the rest.
REFRESH MATERIALIZED VIEW workout_service.user_workout_stats;
REFRESH MATERIALIZED VIEW workout_service.user_monthly_activity;

-- Posts -------------------------------------------------------------------------------------------

-- rows: ann
INSERT INTO social_service.social_posts (id, user_id, content, type, is_public)
VALUES ('0a000000-0000-4000-8000-000000000004', '0a000000-0000-4000-8000-000000000000', 'Private', 'text', false);
-- rows: ann, public
INSERT INTO social_service.social_posts (id, user_id, content, type, is_public)
VALUES ('0a000000-0000-4000-8000-000000000005', '0a000000-0000-4000-8000-000000000000', 'Public', 'text', true);
-- rows: ben
INSERT INTO social_service.social_posts (id, user_id, content, type, is_public)
VALUES ('0b000000-0000-4000-8000-000000000004', '0b000000-0000-4000-8000-000000000000', 'Private', 'text', false);
-- rows: ben, public
INSERT INTO social_service.social_posts (id, user_id, content, type, is_public)
VALUES ('0b000000-0000-4000-8000-000000000005', '0b000000-0000-4000-8000-000000000000', 'Public', 'text', true);

-- rows: closed, public
INSERT INTO social_service.social_posts (id, user_id, content, type, is_public)
VALUES ('0d000000-0000-4000-8000-000000000005', '0d000000-0000-4000-8000-000000000000', 'Before closing', 'text', true);

-- Ann and ben write under their own private post, under the other's public one, and under the other's
-- private one, which they cannot see.
-- rows: ann, on own private
INSERT INTO social_service.likes (user_id, post_id) VALUES ('0a000000-0000-4000-8000-000000000000', '0a000000-0000-4000-8000-000000000004');
INSERT INTO social_service.comments (user_id, post_id, content) VALUES ('0a000000-0000-4000-8000-000000000000', '0a000000-0000-4000-8000-000000000004', 'Mine');
-- rows: ann, on others public
INSERT INTO social_service.likes (user_id, post_id) VALUES ('0a000000-0000-4000-8000-000000000000', '0b000000-0000-4000-8000-000000000005');
INSERT INTO social_service.comments (user_id, post_id, content) VALUES ('0a000000-0000-4000-8000-000000000000', '0b000000-0000-4000-8000-000000000005', 'Well done');
-- rows: ann, on others private
INSERT INTO social_service.likes (user_id, post_id) VALUES ('0a000000-0000-4000-8000-000000000000', '0b000000-0000-4000-8000-000000000004');
INSERT INTO social_service.comments (user_id, post_id, content) VALUES ('0a000000-0000-4000-8000-000000000000', '0b000000-0000-4000-8000-000000000004', 'Before it was private');
-- rows: ben, on own private
INSERT INTO social_service.likes (user_id, post_id) VALUES ('0b000000-0000-4000-8000-000000000000', '0b000000-0000-4000-8000-000000000004');
INSERT INTO social_service.comments (user_id, post_id, content) VALUES ('0b000000-0000-4000-8000-000000000000', '0b000000-0000-4000-8000-000000000004', 'Mine');
-- rows: ben, on others public
INSERT INTO social_service.likes (user_id, post_id) VALUES ('0b000000-0000-4000-8000-000000000000', '0a000000-0000-4000-8000-000000000005');
INSERT INTO social_service.comments (user_id, post_id, content) VALUES ('0b000000-0000-4000-8000-000000000000', '0a000000-0000-4000-8000-000000000005', 'Well done');
-- rows: ben, on others private
INSERT INTO social_service.likes (user_id, post_id) VALUES ('0b000000-0000-4000-8000-000000000000', '0a000000-0000-4000-8000-000000000004');
INSERT INTO social_service.comments (user_id, post_id, content) VALUES ('0b000000-0000-4000-8000-000000000000', '0a000000-0000-4000-8000-000000000004', 'Before it was private');

-- The administrator is followed, so these rows of others are at one end the administrator's own.
-- rows: ann
INSERT INTO social_service.user_followers (follower_id, following_id) VALUES ('0a000000-0000-4000-8000-000000000000', '0c000000-0000-4000-8000-000000000000');
-- rows: ben
INSERT INTO social_service.user_followers (follower_id, following_id) VALUES ('0b000000-0000-4000-8000-000000000000', '0c000000-0000-4000-8000-000000000000');

REFRESH MATERIALIZED VIEW social_service.user_feed_stats;

-- What is one person's alone ----------------------------------------------------------------------

-- rows: ann
INSERT INTO ai_service.ai_chat_sessions (id, user_id) VALUES ('0a000000-0000-4000-8000-000000000006', '0a000000-0000-4000-8000-000000000000');
INSERT INTO ai_service.ai_messages (session_id, role, content) VALUES ('0a000000-0000-4000-8000-000000000006', 'user', 'Hello');
INSERT INTO ai_service.recommendations (user_id, type, title, description, data, confidence_score)
VALUES ('0a000000-0000-4000-8000-000000000000', 'workout', 'Rest', 'A day off', '{}', 0.5);
INSERT INTO blockchain_service.nfts (user_id, token_id, contract_address, name, rarity)
VALUES ('0a000000-0000-4000-8000-000000000000', 'ann', '0x0', 'Medal', 'common');
INSERT INTO blockchain_service.achievements (user_id, type, title) VALUES ('0a000000-0000-4000-8000-000000000000', 'streak', 'A week');
INSERT INTO notification_service.notifications (user_id, type, title, message)
VALUES ('0a000000-0000-4000-8000-000000000000', 'system', 'Hello', 'Welcome');
-- rows: ben
INSERT INTO ai_service.ai_chat_sessions (id, user_id) VALUES ('0b000000-0000-4000-8000-000000000006', '0b000000-0000-4000-8000-000000000000');
INSERT INTO ai_service.ai_messages (session_id, role, content) VALUES ('0b000000-0000-4000-8000-000000000006', 'user', 'Hello');
INSERT INTO ai_service.recommendations (user_id, type, title, description, data, confidence_score)
VALUES ('0b000000-0000-4000-8000-000000000000', 'workout', 'Rest', 'A day off', '{}', 0.5);
INSERT INTO blockchain_service.nfts (user_id, token_id, contract_address, name, rarity)
VALUES ('0b000000-0000-4000-8000-000000000000', 'ben', '0x0', 'Medal', 'common');
INSERT INTO blockchain_service.achievements (user_id, type, title) VALUES ('0b000000-0000-4000-8000-000000000000', 'streak', 'A week');
INSERT INTO notification_service.notifications (user_id, type, title, message)
VALUES ('0b000000-0000-4000-8000-000000000000', 'system', 'Hello', 'Welcome');
