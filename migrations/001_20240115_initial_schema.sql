-- The first shape of FitnessHub: one schema per service, people, workouts, the social feed and
-- notifications. users and social_posts are partitioned from the start, because turning a filled
-- table into a partitioned one later means moving every row.

-- migrate:up

CREATE SCHEMA user_service;
CREATE SCHEMA workout_service;
CREATE SCHEMA social_service;
CREATE SCHEMA ai_service;
CREATE SCHEMA blockchain_service;
CREATE SCHEMA notification_service;
CREATE SCHEMA shared;

COMMENT ON SCHEMA user_service IS 'Accounts, profiles and body metrics';
COMMENT ON SCHEMA workout_service IS 'Exercises, planned workouts and performed sessions';
COMMENT ON SCHEMA social_service IS 'Posts, followers, likes and comments';
COMMENT ON SCHEMA ai_service IS 'Assistant conversations and recommendations';
COMMENT ON SCHEMA blockchain_service IS 'Tokens and achievements';
COMMENT ON SCHEMA notification_service IS 'Messages to users';
COMMENT ON SCHEMA shared IS 'Common entities that every service may read, and the audit log';

-- People ------------------------------------------------------------------------------------------

-- A unique index on a partitioned table must contain the partition key, so users cannot carry
-- UNIQUE (email) itself: 007 adds a guard that keeps e-mail addresses unique across the leaves.
CREATE TABLE user_service.users (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    email VARCHAR(255) NOT NULL,
    first_name VARCHAR(100) NOT NULL,
    last_name VARCHAR(100) NOT NULL,
    role VARCHAR(20) NOT NULL DEFAULT 'user' CHECK (role IN ('user', 'trainer', 'admin')),
    avatar_url TEXT,
    bio TEXT,
    location VARCHAR(255),
    date_of_birth DATE,
    gender VARCHAR(20) CHECK (gender IN ('male', 'female', 'other', 'prefer_not_to_say')),
    fitness_goals JSONB DEFAULT '[]',
    activity_level VARCHAR(20) CHECK (activity_level IN ('sedentary', 'lightly_active', 'moderately_active', 'very_active', 'extremely_active')),
    is_active BOOLEAN DEFAULT true,
    last_login_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    CONSTRAINT users_fitness_goals_shape CHECK (jsonb_typeof(fitness_goals) = 'array'
        AND NOT fitness_goals @? 'strict $[*] ? (@.type() != "string")')
) PARTITION BY HASH (id);

CREATE TABLE user_service.users_0 PARTITION OF user_service.users FOR VALUES WITH (MODULUS 4, REMAINDER 0);
CREATE TABLE user_service.users_1 PARTITION OF user_service.users FOR VALUES WITH (MODULUS 4, REMAINDER 1);
CREATE TABLE user_service.users_2 PARTITION OF user_service.users FOR VALUES WITH (MODULUS 4, REMAINDER 2);
CREATE TABLE user_service.users_3 PARTITION OF user_service.users FOR VALUES WITH (MODULUS 4, REMAINDER 3);

CREATE INDEX idx_users_email ON user_service.users (email);
CREATE INDEX idx_users_role ON user_service.users (role);
CREATE INDEX idx_users_is_active ON user_service.users (is_active);
CREATE INDEX idx_users_created_at ON user_service.users (created_at);

COMMENT ON TABLE user_service.users IS 'Accounts: members, trainers and administrators';
COMMENT ON COLUMN user_service.users.id IS 'Unique user identifier';
COMMENT ON COLUMN user_service.users.email IS 'User email address';
COMMENT ON COLUMN user_service.users.first_name IS 'User''s first name';
COMMENT ON COLUMN user_service.users.last_name IS 'User''s last name';
COMMENT ON COLUMN user_service.users.role IS 'User role (user, trainer, admin)';
COMMENT ON COLUMN user_service.users.avatar_url IS 'URL to user''s avatar image';
COMMENT ON COLUMN user_service.users.bio IS 'User biography';
COMMENT ON COLUMN user_service.users.location IS 'User location';
COMMENT ON COLUMN user_service.users.date_of_birth IS 'User''s date of birth';
COMMENT ON COLUMN user_service.users.gender IS 'User''s gender';
COMMENT ON COLUMN user_service.users.fitness_goals IS 'User''s fitness goals array';
COMMENT ON COLUMN user_service.users.activity_level IS 'User''s activity level';
COMMENT ON COLUMN user_service.users.is_active IS 'Whether account is active';
COMMENT ON COLUMN user_service.users.last_login_at IS 'Last login timestamp';
COMMENT ON COLUMN user_service.users.created_at IS 'Creation timestamp';
COMMENT ON COLUMN user_service.users.updated_at IS 'Last update timestamp';

-- Workouts ----------------------------------------------------------------------------------------

CREATE TABLE workout_service.workouts (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id UUID NOT NULL REFERENCES user_service.users (id) ON DELETE CASCADE,
    name VARCHAR(255) NOT NULL,
    description TEXT,
    type VARCHAR(50) NOT NULL CHECK (type IN ('strength', 'cardio', 'flexibility', 'sports', 'other')),
    difficulty VARCHAR(20) NOT NULL CHECK (difficulty IN ('beginner', 'intermediate', 'advanced')),
    duration_minutes INTEGER NOT NULL CHECK (duration_minutes > 0),
    calories_burned INTEGER,
    is_template BOOLEAN DEFAULT false,
    is_public BOOLEAN DEFAULT false,
    tags JSONB DEFAULT '[]',
    created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    CONSTRAINT workouts_tags_shape CHECK (jsonb_typeof(tags) = 'array'
        AND NOT tags @? 'strict $[*] ? (@.type() != "string")')
);

CREATE INDEX idx_workouts_user_id ON workout_service.workouts (user_id);
CREATE INDEX idx_workouts_type ON workout_service.workouts (type);
CREATE INDEX idx_workouts_difficulty ON workout_service.workouts (difficulty);
CREATE INDEX idx_workouts_is_template ON workout_service.workouts (is_template);
CREATE INDEX idx_workouts_is_public ON workout_service.workouts (is_public);
CREATE INDEX idx_workouts_created_at ON workout_service.workouts (created_at);

COMMENT ON TABLE workout_service.workouts IS 'Planned workouts and reusable templates';
COMMENT ON COLUMN workout_service.workouts.id IS 'Unique workout identifier';
COMMENT ON COLUMN workout_service.workouts.user_id IS 'ID of user who created workout';
COMMENT ON COLUMN workout_service.workouts.name IS 'Workout name';
COMMENT ON COLUMN workout_service.workouts.description IS 'Workout description';
COMMENT ON COLUMN workout_service.workouts.type IS 'Type of workout';
COMMENT ON COLUMN workout_service.workouts.difficulty IS 'Difficulty level';
COMMENT ON COLUMN workout_service.workouts.duration_minutes IS 'Duration in minutes';
COMMENT ON COLUMN workout_service.workouts.calories_burned IS 'Estimated calories burned';
COMMENT ON COLUMN workout_service.workouts.is_template IS 'Whether it''s a reusable template';
COMMENT ON COLUMN workout_service.workouts.is_public IS 'Whether workout is public';
COMMENT ON COLUMN workout_service.workouts.tags IS 'Workout tags array';
COMMENT ON COLUMN workout_service.workouts.created_at IS 'Creation timestamp';
COMMENT ON COLUMN workout_service.workouts.updated_at IS 'Last update timestamp';

-- The lax path also finds a step that lacks its number or its text: a missing key makes the
-- comparison false there, where the strict mode would make it unknown and let the row pass.
CREATE TABLE workout_service.exercises (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    name VARCHAR(255) NOT NULL,
    description TEXT,
    category VARCHAR(100) NOT NULL,
    muscle_groups JSONB DEFAULT '[]',
    equipment VARCHAR(100),
    difficulty VARCHAR(20) NOT NULL CHECK (difficulty IN ('beginner', 'intermediate', 'advanced')),
    video_url TEXT,
    instructions JSONB DEFAULT '[]',
    is_active BOOLEAN DEFAULT true,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    CONSTRAINT exercises_muscle_groups_shape CHECK (jsonb_typeof(muscle_groups) = 'array'
        AND NOT muscle_groups @? 'strict $[*] ? (@.type() != "string")'),
    CONSTRAINT exercises_instructions_shape CHECK (jsonb_typeof(instructions) = 'array'
        AND NOT instructions @? 'strict $[*] ? (@.type() != "object")'
        AND NOT instructions @? 'lax $[*] ? (!(@.step.type() == "number" && @.instruction.type() == "string"))'
        AND NOT instructions @? 'lax $[*].duration ? (@.type() != "number" && @.type() != "null")')
);

CREATE INDEX idx_exercises_category ON workout_service.exercises (category);
CREATE INDEX idx_exercises_difficulty ON workout_service.exercises (difficulty);
CREATE INDEX idx_exercises_is_active ON workout_service.exercises (is_active);
CREATE INDEX idx_exercises_name ON workout_service.exercises (name);

COMMENT ON TABLE workout_service.exercises IS 'Catalogue of exercises, common to all users';
COMMENT ON COLUMN workout_service.exercises.id IS 'Unique exercise identifier';
COMMENT ON COLUMN workout_service.exercises.name IS 'Exercise name';
COMMENT ON COLUMN workout_service.exercises.description IS 'Exercise description';
COMMENT ON COLUMN workout_service.exercises.category IS 'Exercise category';
COMMENT ON COLUMN workout_service.exercises.muscle_groups IS 'Targeted muscle groups';
COMMENT ON COLUMN workout_service.exercises.equipment IS 'Required equipment';
COMMENT ON COLUMN workout_service.exercises.difficulty IS 'Difficulty level';
COMMENT ON COLUMN workout_service.exercises.video_url IS 'URL to exercise video';
COMMENT ON COLUMN workout_service.exercises.instructions IS 'Exercise instructions';
COMMENT ON COLUMN workout_service.exercises.is_active IS 'Whether exercise is active';
COMMENT ON COLUMN workout_service.exercises.created_at IS 'Creation timestamp';
COMMENT ON COLUMN workout_service.exercises.updated_at IS 'Last update timestamp';

CREATE TABLE workout_service.workout_exercises (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    workout_id UUID NOT NULL REFERENCES workout_service.workouts (id) ON DELETE CASCADE,
    exercise_id UUID NOT NULL REFERENCES workout_service.exercises (id) ON DELETE CASCADE,
    order_index INTEGER NOT NULL,
    sets INTEGER NOT NULL CHECK (sets > 0),
    reps INTEGER NOT NULL CHECK (reps > 0),
    weight DECIMAL(8,2),
    duration_seconds INTEGER,
    rest_seconds INTEGER,
    notes TEXT,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    UNIQUE (workout_id, exercise_id, order_index)
);

CREATE INDEX idx_workout_exercises_exercise_id ON workout_service.workout_exercises (exercise_id);

COMMENT ON TABLE workout_service.workout_exercises IS 'Which exercises a workout consists of, in which order';
COMMENT ON COLUMN workout_service.workout_exercises.id IS 'Unique junction record ID';
COMMENT ON COLUMN workout_service.workout_exercises.workout_id IS 'Reference to workout';
COMMENT ON COLUMN workout_service.workout_exercises.exercise_id IS 'Reference to exercise';
COMMENT ON COLUMN workout_service.workout_exercises.order_index IS 'Order of exercise in workout';
COMMENT ON COLUMN workout_service.workout_exercises.sets IS 'Number of sets';
COMMENT ON COLUMN workout_service.workout_exercises.reps IS 'Number of repetitions';
COMMENT ON COLUMN workout_service.workout_exercises.weight IS 'Weight used';
COMMENT ON COLUMN workout_service.workout_exercises.duration_seconds IS 'Duration for time-based exercises';
COMMENT ON COLUMN workout_service.workout_exercises.rest_seconds IS 'Rest time between sets';
COMMENT ON COLUMN workout_service.workout_exercises.notes IS 'Additional notes';
COMMENT ON COLUMN workout_service.workout_exercises.created_at IS 'Creation timestamp';

-- The social feed ---------------------------------------------------------------------------------

-- Bounds carry their offset: without one they would mean midnight of whoever runs the migration.
-- The default leaf takes every month that has no leaf yet, so that no post is ever refused.
CREATE TABLE social_service.social_posts (
    id UUID NOT NULL DEFAULT gen_random_uuid(),
    user_id UUID NOT NULL REFERENCES user_service.users (id) ON DELETE CASCADE,
    content TEXT NOT NULL,
    type VARCHAR(50) NOT NULL CHECK (type IN ('text', 'image', 'video', 'workout', 'achievement')),
    media_urls JSONB DEFAULT '[]',
    workout_id UUID REFERENCES workout_service.workouts (id) ON DELETE SET NULL,
    likes_count INTEGER DEFAULT 0,
    comments_count INTEGER DEFAULT 0,
    shares_count INTEGER DEFAULT 0,
    is_public BOOLEAN DEFAULT true,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    PRIMARY KEY (id, created_at),
    CONSTRAINT social_posts_media_urls_shape CHECK (jsonb_typeof(media_urls) = 'array'
        AND NOT media_urls @? 'strict $[*] ? (@.type() != "string")')
) PARTITION BY RANGE (created_at);

CREATE TABLE social_service.social_posts_2024_01 PARTITION OF social_service.social_posts
    FOR VALUES FROM ('2024-01-01 00:00:00+00') TO ('2024-02-01 00:00:00+00');
CREATE TABLE social_service.social_posts_2024_02 PARTITION OF social_service.social_posts
    FOR VALUES FROM ('2024-02-01 00:00:00+00') TO ('2024-03-01 00:00:00+00');
CREATE TABLE social_service.social_posts_default PARTITION OF social_service.social_posts DEFAULT;

CREATE INDEX idx_social_posts_user_id ON social_service.social_posts (user_id);
CREATE INDEX idx_social_posts_type ON social_service.social_posts (type);
CREATE INDEX idx_social_posts_workout_id ON social_service.social_posts (workout_id);
CREATE INDEX idx_social_posts_created_at ON social_service.social_posts (created_at);
CREATE INDEX idx_social_posts_is_public ON social_service.social_posts (is_public);

COMMENT ON TABLE social_service.social_posts IS 'Posts in the feed, one partition per month (UTC) of created_at';
COMMENT ON COLUMN social_service.social_posts.id IS 'Unique post identifier';
COMMENT ON COLUMN social_service.social_posts.user_id IS 'ID of user who wrote the post';
COMMENT ON COLUMN social_service.social_posts.content IS 'Text of the post';
COMMENT ON COLUMN social_service.social_posts.type IS 'Type of post (text, image, video, workout, achievement)';
COMMENT ON COLUMN social_service.social_posts.media_urls IS 'URLs of attached images and videos';
COMMENT ON COLUMN social_service.social_posts.workout_id IS 'Workout the post is about, if any';
COMMENT ON COLUMN social_service.social_posts.likes_count IS 'Number of likes, kept by the application';
COMMENT ON COLUMN social_service.social_posts.comments_count IS 'Number of comments, kept by the application';
COMMENT ON COLUMN social_service.social_posts.shares_count IS 'Number of times the post was shared, kept by the application';
COMMENT ON COLUMN social_service.social_posts.is_public IS 'Whether everybody may read the post';
COMMENT ON COLUMN social_service.social_posts.created_at IS 'Creation timestamp; decides the partition';
COMMENT ON COLUMN social_service.social_posts.updated_at IS 'Last update timestamp';

CREATE TABLE social_service.user_followers (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    follower_id UUID NOT NULL REFERENCES user_service.users (id) ON DELETE CASCADE,
    following_id UUID NOT NULL REFERENCES user_service.users (id) ON DELETE CASCADE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    UNIQUE (follower_id, following_id),
    CHECK (follower_id != following_id)
);

CREATE INDEX idx_user_followers_following_id ON social_service.user_followers (following_id);

COMMENT ON TABLE social_service.user_followers IS 'Who follows whom';
COMMENT ON COLUMN social_service.user_followers.id IS 'Unique relationship ID';
COMMENT ON COLUMN social_service.user_followers.follower_id IS 'ID of user who follows';
COMMENT ON COLUMN social_service.user_followers.following_id IS 'ID of user being followed';
COMMENT ON COLUMN social_service.user_followers.created_at IS 'When follow relationship started';

-- A foreign key needs a unique key on the other side, and that of social_posts is (id, created_at).
-- The trigger below fills post_created_at, so applications go on naming the post by its id alone.
CREATE TABLE social_service.likes (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id UUID NOT NULL REFERENCES user_service.users (id) ON DELETE CASCADE,
    post_id UUID NOT NULL,
    post_created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    UNIQUE (user_id, post_id),
    CONSTRAINT likes_post_id_fkey FOREIGN KEY (post_id, post_created_at)
        REFERENCES social_service.social_posts (id, created_at) ON UPDATE CASCADE ON DELETE CASCADE
);

CREATE INDEX idx_likes_post_id ON social_service.likes (post_id, post_created_at);

COMMENT ON TABLE social_service.likes IS 'Which user likes which post';
COMMENT ON COLUMN social_service.likes.id IS 'Unique like identifier';
COMMENT ON COLUMN social_service.likes.user_id IS 'ID of user who likes the post';
COMMENT ON COLUMN social_service.likes.post_id IS 'Reference to post';
COMMENT ON COLUMN social_service.likes.post_created_at IS 'Creation timestamp of the post, filled by a trigger; second half of the reference';
COMMENT ON COLUMN social_service.likes.created_at IS 'Creation timestamp';

CREATE TABLE social_service.comments (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id UUID NOT NULL REFERENCES user_service.users (id) ON DELETE CASCADE,
    post_id UUID NOT NULL,
    post_created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    content TEXT NOT NULL,
    parent_comment_id UUID,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    UNIQUE (id, post_id),
    CHECK (parent_comment_id != id),
    CONSTRAINT comments_post_id_fkey FOREIGN KEY (post_id, post_created_at)
        REFERENCES social_service.social_posts (id, created_at) ON UPDATE CASCADE ON DELETE CASCADE,
    CONSTRAINT comments_parent_comment_id_fkey FOREIGN KEY (parent_comment_id, post_id)
        REFERENCES social_service.comments (id, post_id) ON DELETE CASCADE
);

CREATE INDEX idx_comments_user_id ON social_service.comments (user_id);
CREATE INDEX idx_comments_post_id ON social_service.comments (post_id, post_created_at);
CREATE INDEX idx_comments_parent_comment_id ON social_service.comments (parent_comment_id, post_id);
CREATE INDEX idx_comments_created_at ON social_service.comments (created_at);

COMMENT ON TABLE social_service.comments IS 'Comments on posts and replies to them';
COMMENT ON COLUMN social_service.comments.id IS 'Unique comment identifier';
COMMENT ON COLUMN social_service.comments.user_id IS 'ID of user who wrote the comment';
COMMENT ON COLUMN social_service.comments.post_id IS 'Reference to post';
COMMENT ON COLUMN social_service.comments.post_created_at IS 'Creation timestamp of the post, filled by a trigger; second half of the reference';
COMMENT ON COLUMN social_service.comments.content IS 'Text of the comment';
COMMENT ON COLUMN social_service.comments.parent_comment_id IS 'Comment on the same post that this one replies to, if any';
COMMENT ON COLUMN social_service.comments.created_at IS 'Creation timestamp';
COMMENT ON COLUMN social_service.comments.updated_at IS 'Last update timestamp';

-- A value that is given is left alone and judged by the foreign key: it saves a look into every
-- leaf, and a restored or copied row needs no post beside it yet. KEY SHARE is the lock the foreign
-- key takes anyway; taken here, a post cannot move to another month between the two.
CREATE FUNCTION social_service.fill_post_created_at() RETURNS TRIGGER
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' AND NEW.post_created_at IS NOT NULL THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.post_id = OLD.post_id THEN
        RETURN NEW;
    END IF;
    SELECT p.created_at INTO NEW.post_created_at
    FROM social_service.social_posts p
    WHERE p.id = NEW.post_id
    FOR KEY SHARE;
    IF NOT FOUND AND NEW.post_id IS NOT NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'foreign_key_violation',
            MESSAGE = format('insert or update on table "%s" violates foreign key constraint "%s_post_id_fkey"',
                TG_TABLE_NAME, TG_TABLE_NAME),
            DETAIL = format('Key (post_id)=(%s) is not present in table "social_posts".', NEW.post_id),
            SCHEMA = TG_TABLE_SCHEMA,
            TABLE = TG_TABLE_NAME,
            CONSTRAINT = TG_TABLE_NAME || '_post_id_fkey';
    END IF;
    RETURN NEW;
END
$$;

REVOKE EXECUTE ON FUNCTION social_service.fill_post_created_at() FROM PUBLIC;

COMMENT ON FUNCTION social_service.fill_post_created_at() IS 'Completes the two-column reference to a post from its id; 23503 where there is no such post';

CREATE TRIGGER likes_fill_post_created_at BEFORE INSERT OR UPDATE OF post_id ON social_service.likes
    FOR EACH ROW EXECUTE FUNCTION social_service.fill_post_created_at();
CREATE TRIGGER comments_fill_post_created_at BEFORE INSERT OR UPDATE OF post_id ON social_service.comments
    FOR EACH ROW EXECUTE FUNCTION social_service.fill_post_created_at();

-- Notifications -----------------------------------------------------------------------------------

CREATE TABLE notification_service.notifications (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id UUID NOT NULL REFERENCES user_service.users (id) ON DELETE CASCADE,
    type VARCHAR(50) NOT NULL CHECK (type IN ('workout', 'social', 'achievement', 'system', 'reminder')),
    title VARCHAR(255) NOT NULL,
    message TEXT NOT NULL,
    data JSONB DEFAULT '{}',
    is_read BOOLEAN DEFAULT false,
    read_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    CONSTRAINT notifications_data_shape CHECK (jsonb_typeof(data) = 'object')
);

CREATE INDEX idx_notifications_user_id ON notification_service.notifications (user_id);
CREATE INDEX idx_notifications_type ON notification_service.notifications (type);
CREATE INDEX idx_notifications_is_read ON notification_service.notifications (is_read);
CREATE INDEX idx_notifications_created_at ON notification_service.notifications (created_at);

COMMENT ON TABLE notification_service.notifications IS 'Messages shown to a user';
COMMENT ON COLUMN notification_service.notifications.id IS 'Unique notification identifier';
COMMENT ON COLUMN notification_service.notifications.user_id IS 'ID of user who receives the notification';
COMMENT ON COLUMN notification_service.notifications.type IS 'Type of notification (workout, social, achievement, system, reminder)';
COMMENT ON COLUMN notification_service.notifications.title IS 'Notification title';
COMMENT ON COLUMN notification_service.notifications.message IS 'Text of the notification';
COMMENT ON COLUMN notification_service.notifications.data IS 'What the application needs to open the right page';
COMMENT ON COLUMN notification_service.notifications.is_read IS 'Whether the user has read it';
COMMENT ON COLUMN notification_service.notifications.read_at IS 'When the user read it';
COMMENT ON COLUMN notification_service.notifications.created_at IS 'Creation timestamp';

-- migrate:down

DROP TABLE notification_service.notifications;
DROP TABLE social_service.comments;
DROP TABLE social_service.likes;
DROP FUNCTION social_service.fill_post_created_at();
DROP TABLE social_service.user_followers;
DROP TABLE social_service.social_posts;
DROP TABLE workout_service.workout_exercises;
DROP TABLE workout_service.exercises;
DROP TABLE workout_service.workouts;
DROP TABLE user_service.users;
DROP SCHEMA shared;
DROP SCHEMA notification_service;
DROP SCHEMA blockchain_service;
DROP SCHEMA ai_service;
DROP SCHEMA social_service;
DROP SCHEMA workout_service;
DROP SCHEMA user_service;
