-- What users really did: performed sessions, their sets, and metrics over time.

-- migrate:up

-- A session outlives the plan it followed: a deleted workout must not delete somebody's history.
CREATE TABLE workout_service.workout_sessions (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id UUID NOT NULL REFERENCES user_service.users (id) ON DELETE CASCADE,
    workout_id UUID REFERENCES workout_service.workouts (id) ON DELETE SET NULL,
    started_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    completed_at TIMESTAMP WITH TIME ZONE,
    duration_minutes INTEGER CHECK (duration_minutes >= 0),
    calories_burned INTEGER CHECK (calories_burned >= 0),
    performance_data JSONB DEFAULT '{}',
    created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    CHECK (completed_at >= started_at),
    CONSTRAINT workout_sessions_performance_data_shape CHECK (jsonb_typeof(performance_data) = 'object')
);

CREATE INDEX idx_workout_sessions_user_id ON workout_service.workout_sessions (user_id);
CREATE INDEX idx_workout_sessions_workout_id ON workout_service.workout_sessions (workout_id);
CREATE INDEX idx_workout_sessions_started_at ON workout_service.workout_sessions (started_at);

COMMENT ON TABLE workout_service.workout_sessions IS 'Workouts as they were performed';
COMMENT ON COLUMN workout_service.workout_sessions.id IS 'Unique session identifier';
COMMENT ON COLUMN workout_service.workout_sessions.user_id IS 'ID of user who performed the session';
COMMENT ON COLUMN workout_service.workout_sessions.workout_id IS 'Workout that was followed; empty when it was deleted or there was none';
COMMENT ON COLUMN workout_service.workout_sessions.started_at IS 'When the session began';
COMMENT ON COLUMN workout_service.workout_sessions.completed_at IS 'When the session ended; empty while it is running or was broken off';
COMMENT ON COLUMN workout_service.workout_sessions.duration_minutes IS 'Time spent exercising, in minutes';
COMMENT ON COLUMN workout_service.workout_sessions.calories_burned IS 'Calories burned in the session';
COMMENT ON COLUMN workout_service.workout_sessions.performance_data IS 'Readings of devices, such as heart rate';
COMMENT ON COLUMN workout_service.workout_sessions.created_at IS 'Creation timestamp';

-- A set is counted, timed, or both; zero repetitions are a failed attempt. An exercise that was ever
-- performed cannot be deleted, is_active retires it. That is NO ACTION rather than RESTRICT, whose
-- error has another SQLSTATE from PostgreSQL 18 on.
CREATE TABLE workout_service.exercise_sets (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    workout_session_id UUID NOT NULL REFERENCES workout_service.workout_sessions (id) ON DELETE CASCADE,
    exercise_id UUID NOT NULL REFERENCES workout_service.exercises (id),
    set_number INTEGER NOT NULL CHECK (set_number > 0),
    reps INTEGER CHECK (reps >= 0),
    weight DECIMAL(8,2),
    duration_seconds INTEGER CHECK (duration_seconds >= 0),
    notes TEXT,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    UNIQUE (workout_session_id, exercise_id, set_number),
    CHECK (reps IS NOT NULL OR duration_seconds IS NOT NULL)
);

CREATE INDEX idx_exercise_sets_exercise_id ON workout_service.exercise_sets (exercise_id);

COMMENT ON TABLE workout_service.exercise_sets IS 'Sets performed in a session';
COMMENT ON COLUMN workout_service.exercise_sets.id IS 'Unique set identifier';
COMMENT ON COLUMN workout_service.exercise_sets.workout_session_id IS 'Reference to session';
COMMENT ON COLUMN workout_service.exercise_sets.exercise_id IS 'Reference to exercise';
COMMENT ON COLUMN workout_service.exercise_sets.set_number IS 'Number of the set within session and exercise, from 1';
COMMENT ON COLUMN workout_service.exercise_sets.reps IS 'Number of repetitions done';
COMMENT ON COLUMN workout_service.exercise_sets.weight IS 'Weight used';
COMMENT ON COLUMN workout_service.exercise_sets.duration_seconds IS 'Duration for time-based exercises';
COMMENT ON COLUMN workout_service.exercise_sets.notes IS 'Additional notes';
COMMENT ON COLUMN workout_service.exercise_sets.created_at IS 'Creation timestamp';

-- One value per user, metric and day, so that a second reading replaces the first by ON CONFLICT.
CREATE TABLE user_service.user_stats (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id UUID NOT NULL REFERENCES user_service.users (id) ON DELETE CASCADE,
    metric_name VARCHAR(100) NOT NULL,
    value DECIMAL(12,4) NOT NULL,
    unit VARCHAR(20),
    recorded_date DATE NOT NULL DEFAULT CURRENT_DATE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    UNIQUE (user_id, metric_name, recorded_date)
);

CREATE INDEX idx_user_stats_metric_name ON user_service.user_stats (metric_name);
CREATE INDEX idx_user_stats_recorded_date ON user_service.user_stats (recorded_date);

COMMENT ON TABLE user_service.user_stats IS 'Metrics of a user over time';
COMMENT ON COLUMN user_service.user_stats.id IS 'Unique reading identifier';
COMMENT ON COLUMN user_service.user_stats.user_id IS 'ID of user the reading belongs to';
COMMENT ON COLUMN user_service.user_stats.metric_name IS 'What was measured, such as resting_heart_rate';
COMMENT ON COLUMN user_service.user_stats.value IS 'Measured value';
COMMENT ON COLUMN user_service.user_stats.unit IS 'Unit of the value; empty for plain counts';
COMMENT ON COLUMN user_service.user_stats.recorded_date IS 'Day of the reading';
COMMENT ON COLUMN user_service.user_stats.created_at IS 'Creation timestamp';

-- migrate:down

DROP TABLE user_service.user_stats;
DROP TABLE workout_service.exercise_sets;
DROP TABLE workout_service.workout_sessions;
