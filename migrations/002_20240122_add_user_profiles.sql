-- Body measurements and personal settings, one row per user at most.

-- migrate:up

CREATE TABLE user_service.user_profiles (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id UUID NOT NULL REFERENCES user_service.users (id) ON DELETE CASCADE,
    height_cm DECIMAL(5,2),
    weight_kg DECIMAL(5,2),
    body_fat_percentage DECIMAL(4,2),
    measurements JSONB DEFAULT '{}',
    preferences JSONB DEFAULT '{}',
    created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    UNIQUE (user_id),
    CONSTRAINT user_profiles_measurements_shape CHECK (jsonb_typeof(measurements) = 'object'
        AND NOT measurements @? 'strict $.keyvalue() ? (@.key != "unit" && @.value.type() != "number")'
        AND NOT measurements @? 'lax $.keyvalue() ? (@.key == "unit" && @.value.type() != "string")'),
    CONSTRAINT user_profiles_preferences_shape CHECK (jsonb_typeof(preferences) = 'object')
);

COMMENT ON TABLE user_service.user_profiles IS 'Body measurements and settings of a user';
COMMENT ON COLUMN user_service.user_profiles.id IS 'Unique profile identifier';
COMMENT ON COLUMN user_service.user_profiles.user_id IS 'ID of user the profile belongs to';
COMMENT ON COLUMN user_service.user_profiles.height_cm IS 'Height in centimetres';
COMMENT ON COLUMN user_service.user_profiles.weight_kg IS 'Weight in kilograms';
COMMENT ON COLUMN user_service.user_profiles.body_fat_percentage IS 'Body fat in percent of the weight';
COMMENT ON COLUMN user_service.user_profiles.measurements IS 'Lengths by body part (chest, waist, hips, biceps, thighs) and their unit';
COMMENT ON COLUMN user_service.user_profiles.preferences IS 'Settings of the application';
COMMENT ON COLUMN user_service.user_profiles.created_at IS 'Creation timestamp';
COMMENT ON COLUMN user_service.user_profiles.updated_at IS 'Last update timestamp';

-- migrate:down

DROP TABLE user_service.user_profiles;
